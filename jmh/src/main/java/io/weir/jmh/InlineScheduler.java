package io.weir.jmh;

import dev.failsafe.spi.Scheduler;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Delayed;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Failsafe's threads, in its own terms: what is due now runs on the caller's thread, as with the other contenders; what is due later on a
 * scheduler. By default Failsafe hands even a call that returns a stage to another thread, which would cost it a hundred times as much.
 */
final class InlineScheduler implements Scheduler {
    private static final Ran RAN = new Ran();

    static {
        RAN.complete(RAN);
    }

    private final ScheduledExecutorService later = new ScheduledThreadPoolExecutor(1);

    @Override
    public ScheduledFuture<?> schedule(Callable<?> callable, long delay, TimeUnit unit) {
        if (delay > 0) {
            return later.schedule(callable, delay, unit);
        }
        try {
            callable.call();
            return RAN;
        } catch (Exception e) {
            Ran failed = new Ran();
            failed.completeExceptionally(e);
            return failed;
        }
    }

    void close() {
        later.shutdownNow();
    }

    /** A future of what has run already. */
    private static final class Ran extends CompletableFuture<Object> implements ScheduledFuture<Object> {
        @Override
        public long getDelay(TimeUnit unit) {
            return 0;
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(0, other.getDelay(TimeUnit.NANOSECONDS));
        }
    }
}
