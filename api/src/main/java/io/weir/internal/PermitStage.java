package io.weir.internal;

import io.weir.CallOptions;
import io.weir.engine.bucket.Waiter;
import io.weir.engine.permit.Permits;
import org.jspecify.annotations.Nullable;

/** Permits in a pipeline: a call holds one from its admission to its end. What is refused, and how, is the subclass's business. */
public abstract class PermitStage extends PlacesStage {
    private final Permits permits;

    protected PermitStage(String name, Permits permits, boolean waits, long maxWaitNanos) {
        super(name, waits, maxWaitNanos);
        this.permits = permits;
    }

    public final Permits permits() {
        return permits;
    }

    @Override
    public final Object heldOnce() {
        return permits;
    }

    @Override
    public long admit(CallOptions options, long now) {
        return permits.tryAcquire() ? 0 : noPlace();
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
    public Answer acquire(Waiter waiter, long timeoutNanos) {
        long answer = permits.acquire(waiter, timeoutNanos);
        return answer == 0 ? Answer.GRANTED : answer == Permits.QUEUED ? Answer.QUEUED : Answer.REFUSED;
    }

    @Override
    public final boolean cancel(Waiter waiter) {
        return permits.cancel(waiter);
    }

    @Override
    public final void giveBack(Waiter waiter) {
        permits.release();
    }
}
