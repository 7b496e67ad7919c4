package io.weir.guard;

import io.weir.CallOptions;
import io.weir.engine.bucket.Waiter;
import io.weir.engine.permit.Permits;
import io.weir.internal.Again;
import io.weir.internal.Clocks;
import io.weir.internal.Failed;
import org.jspecify.annotations.Nullable;

/** A bulkhead in a pipeline: a call holds one permit from its admission to its end. */
final class BulkheadStage extends PlacesStage {
    private final Permits permits;
    private final boolean waits;

    BulkheadStage(Bulkhead.Builder builder) {
        super(builder.name, builder.runtime, builder.maxWaitNanos);
        this.permits = new Permits(
                Clocks.of(builder.runtime), builder.runtime.timer(), builder.maxConcurrent, builder.maxWaiters);
        this.waits = builder.maxWaiters > 0;
    }

    Permits permits() {
        return permits;
    }

    @Override
    public Object heldOnce() {
        return permits;
    }

    @Override
    public long admit(CallOptions options, long now) {
        return permits.tryAcquire() ? 0 : waits ? WAIT : REFUSED;
    }

    @Override
    public @Nullable Again onEnd(
            long token,
            long start,
            @Nullable Object result,
            @Nullable Failed failed,
            @Nullable Again before,
            CallInfo call) {
        permits.release();
        return null;
    }

    @Override
    int limit() {
        return permits.limit();
    }

    @Override
    Answer acquire(Waiter waiter, long timeoutNanos) {
        long answer = permits.acquire(waiter, timeoutNanos);
        return answer == 0 ? Answer.GRANTED : answer == Permits.QUEUED ? Answer.QUEUED : Answer.REFUSED;
    }

    @Override
    boolean cancel(Waiter waiter) {
        return permits.cancel(waiter);
    }

    @Override
    void giveBack() {
        permits.release();
    }
}
