package io.weir.internal;

import io.weir.WeirRuntime;
import io.weir.engine.time.TimerNode;
import io.weir.engine.time.TimerTask;
import java.util.concurrent.locks.LockSupport;

/** Holds a thread, plain or virtual, by the runtime's timer, so that virtual time serves too. */
public final class Sleep implements TimerTask {
    private final Thread sleeper = Thread.currentThread();
    private volatile boolean awake;
    /** Plain: written before {@code awake}, read after it. */
    private boolean closed;

    private Sleep() {}

    /**
     * Sleeps; ends early only if the timer is, or gets, closed.
     *
     * @param runtime whose timer counts
     * @param nanos how long; zero or less not at all
     * @return false if the timer was closed before the time was over
     * @throws InterruptedException if the thread is interrupted, or was already
     */
    public static boolean nanos(WeirRuntime runtime, long nanos) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (nanos <= 0) {
            return true;
        }
        Sleep sleep = new Sleep();
        TimerNode node = new TimerNode(sleep, runtime.nanoTime() + nanos);
        runtime.timer().arm(node);
        while (!sleep.awake) {
            LockSupport.park(sleep);
            if (Thread.interrupted()) {
                runtime.timer().cancel(node);
                throw new InterruptedException();
            }
        }
        return !sleep.closed;
    }

    @Override
    public void onTimer(TimerNode node) {
        awake = true;
        LockSupport.unpark(sleeper);
    }

    @Override
    public void onTimerClosed(TimerNode node) {
        closed = true;
        onTimer(node);
    }
}
