package io.weir.engine.time;

import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Timer} on somebody else's {@link ScheduledExecutorService} or event loop, for services that want no thread
 * more. Thread-safe; a node costs what the executor's entry costs, and never fires before its deadline by the clock.
 *
 * <p>Tasks run on the executor's threads: they are short and don't block. {@link #close} tells the tasks that are left,
 * in the calling thread, and leaves the executor alone. If the executor is shut down first, an arm that it rejects
 * tells its task through {@link TimerTask#onTimerClosed}; entries that it discards by its own {@code shutdownNow} are
 * told when this timer is closed.
 *
 * <p>A cancelled entry may stay in the executor's queue until its time, without the task. A
 * {@link java.util.concurrent.ScheduledThreadPoolExecutor} drops it at once if {@code setRemoveOnCancelPolicy(true)}
 * was called.
 */
public final class ExecutorTimer implements Timer {
    /*
     * A Wait is what the executor gets for a node. All waits that haven't ended are in a set, for close.
     *
     * I1  Each armed node ends exactly once, by TimerNode's I1, and is not forgotten by a close: arm adds to the set
     *     and then looks at closed, close sets closed and then goes through the set, with a full fence in between on
     *     both sides. (ExecutorTimerTest)
     * I2  A cancelled node's future is cancelled: arm publishes the future and then looks at the node's state, cancel
     *     changes the state and then looks for the future. (ExecutorTimerTest)
     */
    private final ScheduledExecutorService executor;
    private final NanoClock clock;
    private final Set<Wait> waits = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /**
     * A timer on an executor.
     *
     * @param executor what waits; never shut down by this timer
     * @param clock the time that deadlines are compared with
     */
    public ExecutorTimer(ScheduledExecutorService executor, NanoClock clock) {
        this.executor = Objects.requireNonNull(executor, "executor");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    @Override
    public void arm(TimerNode node) {
        if (closed) {
            Tasks.abort(node);
            return;
        }
        if (!node.isArmed()) {
            return;
        }
        Wait wait = new Wait(node);
        node.attach(wait);
        waits.add(wait);
        VarHandle.fullFence();
        if (closed) {
            wait.abort();
        } else {
            wait.schedule(node.nanosLeft(clock.nanoTime()));
        }
    }

    @Override
    public boolean cancel(TimerNode node) {
        if (!node.tryCancel()) {
            return false;
        }
        if (node.attachment() instanceof Wait wait) {
            wait.drop();
        }
        return true;
    }

    @Override
    public void close() {
        closed = true;
        VarHandle.fullFence();
        waits.forEach(Wait::abort);
    }

    /** For tests. */
    int waiting() {
        return waits.size();
    }

    /** The executor, for people. */
    @Override
    public String toString() {
        return "ExecutorTimer[" + executor + "]";
    }

    private final class Wait implements Runnable {
        private final TimerNode node;
        private volatile @Nullable Future<?> future;

        Wait(TimerNode node) {
            this.node = node;
        }

        void schedule(long delayNanos) {
            try {
                future = executor.schedule(this, Math.max(delayNanos, 0), TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                abort();
            }
            if (!node.isArmed()) {
                drop();
            }
        }

        @Override
        public void run() {
            long left = node.nanosLeft(clock.nanoTime());
            if (left > 0 && node.isArmed()) { // the executor's clock is ahead of ours
                schedule(left);
                return;
            }
            waits.remove(this);
            Tasks.fire(node);
        }

        void abort() {
            drop();
            Tasks.abort(node);
        }

        void drop() {
            waits.remove(this);
            Future<?> scheduled = future;
            if (scheduled != null) {
                scheduled.cancel(false);
            }
        }
    }
}
