package io.weir.engine.time;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Remembers which nodes it was told about. */
final class RecordingTask implements TimerTask {
    final ConcurrentLinkedQueue<TimerNode> fired = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<TimerNode> aborted = new ConcurrentLinkedQueue<>();
    volatile Thread lastThread = Thread.currentThread();
    volatile long lastNanos;

    @Override
    public void onTimer(TimerNode node) {
        lastNanos = System.nanoTime();
        lastThread = Thread.currentThread();
        fired.add(node);
    }

    @Override
    public void onTimerClosed(TimerNode node) {
        lastThread = Thread.currentThread();
        aborted.add(node);
    }

    TimerNode at(long deadlineNanos) {
        return new TimerNode(this, deadlineNanos);
    }

    /** Waits up to 20 s, in real time. */
    static void await(String what, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(20)) {
                throw new AssertionError("not within 20 s: " + what);
            }
            LockSupport.parkNanos(200_000);
        }
    }
}
