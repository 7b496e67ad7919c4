package io.weir.guard;

import io.weir.BulkheadFullException;
import io.weir.CallRejected;
import io.weir.WeirRuntime;
import io.weir.engine.bucket.Waiter;
import io.weir.engine.permit.Permits;
import io.weir.internal.Clocks;
import io.weir.internal.Durations;
import io.weir.internal.PermitStage;
import io.weir.internal.Stage;
import io.weir.internal.Told;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/** A bulkhead in a pipeline: a call holds one permit from its admission to its end. */
final class BulkheadStage extends PermitStage {
    private final WeirRuntime runtime;
    private final int maxWaiters;
    private final LongAdder rejected = new LongAdder();

    BulkheadStage(Bulkhead.Builder builder) {
        super(
                builder.name,
                new Permits(
                        Clocks.of(builder.runtime), builder.runtime.timer(), builder.maxConcurrent, builder.maxWaiters),
                builder.maxWaiters > 0,
                builder.maxWaitNanos);
        this.runtime = builder.runtime;
        this.maxWaiters = builder.maxWaiters;
    }

    WeirRuntime runtime() {
        return runtime;
    }

    @Override
    public Runnable changeTo(Stage like) {
        BulkheadStage other = (BulkheadStage) like;
        if (other.maxWaiters != maxWaiters) {
            throw new IllegalArgumentException(
                    "maxWaiters = " + other.maxWaiters + ": allowed is what it has been made with, " + maxWaiters);
        }
        int limit = other.permits().limit();
        long maxWait = other.maxWaitNanos();
        return () -> {
            setMaxWaitNanos(maxWait);
            permits().resize(limit);
        };
    }

    /** An answer to somebody who asked by hand, now or never. */
    boolean counted(boolean taken) {
        if (!taken) {
            rejected.increment();
        }
        return taken;
    }

    BulkheadMetrics metrics() {
        record Counted(int maxConcurrent, int inUse, int waiters, long rejected) implements BulkheadMetrics {}
        return new Counted(permits().limit(), permits().inUse(), permits().waiters(), rejected.sum());
    }

    @Override
    public BulkheadFullException full() {
        rejected.increment();
        return Told.rejected(
                runtime,
                CallRejected.Reason.BULKHEAD_FULL,
                new BulkheadFullException(name(), permits().limit(), runtime.stackTraces()));
    }

    @Override
    public RuntimeException failure(Waiter.End end) {
        return end == Waiter.End.CLOSED ? new IllegalStateException(closedMessage(name())) : full();
    }

    // ---- parameters that all bulkheads have

    static void requireWaiters(int waiters) {
        if (waiters < 0) {
            throw new IllegalArgumentException("maxWaiters = " + waiters + ": allowed is 0 or more");
        }
    }

    static long requireMaxWait(Duration wait) {
        if (wait.isNegative() || wait.isZero()) {
            throw new IllegalArgumentException("maxWait = " + wait + ": allowed is a positive duration");
        }
        return Durations.waitNanos(wait);
    }

    /** What those in line hear of a close, and those who come later. */
    static String closedMessage(String name) {
        return "bulkhead '" + name + "' was closed";
    }
}
