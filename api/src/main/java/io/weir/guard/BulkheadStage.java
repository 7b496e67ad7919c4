package io.weir.guard;

import io.weir.BulkheadFullException;
import io.weir.WeirRuntime;
import io.weir.engine.bucket.Waiter;
import io.weir.engine.permit.Permits;
import io.weir.internal.Clocks;
import io.weir.internal.Durations;
import io.weir.internal.PermitStage;
import java.time.Duration;

/** A bulkhead in a pipeline: a call holds one permit from its admission to its end. */
final class BulkheadStage extends PermitStage {
    private final WeirRuntime runtime;

    BulkheadStage(Bulkhead.Builder builder) {
        super(
                builder.name,
                new Permits(
                        Clocks.of(builder.runtime), builder.runtime.timer(), builder.maxConcurrent, builder.maxWaiters),
                builder.maxWaiters > 0,
                builder.maxWaitNanos);
        this.runtime = builder.runtime;
    }

    WeirRuntime runtime() {
        return runtime;
    }

    @Override
    public BulkheadFullException full() {
        return new BulkheadFullException(name(), permits().limit(), runtime.stackTraces());
    }

    @Override
    public RuntimeException failure(Waiter.End end) {
        return end == Waiter.End.CLOSED ? closed(name()) : full();
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

    static IllegalStateException closed(String name) {
        return new IllegalStateException("bulkhead '" + name + "' was closed");
    }
}
