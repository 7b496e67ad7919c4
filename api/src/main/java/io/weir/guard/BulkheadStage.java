package io.weir.guard;

import io.weir.BulkheadFullException;
import io.weir.WeirRuntime;
import io.weir.engine.bucket.Waiter;
import io.weir.engine.permit.Permits;
import io.weir.internal.Clocks;
import io.weir.internal.PermitStage;

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
    protected BulkheadFullException full() {
        return new BulkheadFullException(name(), permits().limit(), runtime.stackTraces());
    }

    @Override
    public RuntimeException failure(Waiter.End end) {
        return end == Waiter.End.CLOSED ? new IllegalStateException("bulkhead '" + name() + "' was closed") : full();
    }
}
