package io.weir.guard;

import io.weir.BulkheadFullException;
import io.weir.CallOptions;
import io.weir.CallRejected;
import io.weir.WeirRuntime;
import io.weir.engine.bucket.Waiter;
import io.weir.engine.permit.AdaptivePermits;
import io.weir.internal.Again;
import io.weir.internal.Clocks;
import io.weir.internal.Failed;
import io.weir.internal.PlacesStage;
import io.weir.internal.Told;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/** An adaptive bulkhead in a pipeline. A call's start is the machine's, so that the token needn't hold it. */
final class AdaptiveBulkheadStage extends PlacesStage {
    private final NanoClock clock;
    private final AdaptivePermits permits;
    private final WeirRuntime runtime;
    private final Predicate<? super Throwable> dropIf;
    private final LongAdder rejected = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final LongAdder ignored = new LongAdder();

    AdaptiveBulkheadStage(AdaptiveBulkhead.Builder builder) {
        super(builder.name, builder.maxWaiters > 0, builder.maxWaitNanos);
        this.runtime = builder.runtime;
        this.clock = Clocks.of(builder.runtime);
        this.permits = new AdaptivePermits(clock, builder.runtime.timer(), builder.config());
        this.dropIf = builder.dropIf;
    }

    WeirRuntime runtime() {
        return runtime;
    }

    AdaptivePermits permits() {
        return permits;
    }

    AdaptiveBulkheadMetrics metrics() {
        return new Counted(
                permits.limit(), permits.inUse(), permits.waiters(), rejected.sum(), dropped.sum(), ignored.sum());
    }

    private record Counted(int limit, int inUse, int waiters, long rejected, long dropped, long ignored)
            implements AdaptiveBulkheadMetrics {}

    @Override
    public Object heldOnce() {
        return permits;
    }

    @Override
    public boolean needsStart() {
        return true;
    }

    @Override
    public long admit(CallOptions options, long now) {
        return permits.tryAcquire(now) != AdaptivePermits.REFUSED ? 0 : noPlace();
    }

    @Override
    public BulkheadFullException full() {
        rejected.increment();
        return Told.rejected(
                runtime,
                CallRejected.Reason.BULKHEAD_FULL,
                new BulkheadFullException(name(), permits.limit(), runtime.stackTraces()));
    }

    @Override
    public RuntimeException failure(Waiter.End end) {
        return end == Waiter.End.CLOSED ? new IllegalStateException(BulkheadStage.closedMessage(name())) : full();
    }

    @Override
    public @Nullable Again onEnd(
            long token,
            long start,
            @Nullable Object result,
            @Nullable Failed failed,
            @Nullable Again before,
            CallInfo call) {
        long permit = start & ~1; // what AdaptivePermits makes of a start
        if (failed == null) {
            permits.onSuccess(permit, clock.nanoTime());
            return null;
        }
        boolean drop;
        try {
            drop = isDrop(failed);
        } catch (Throwable e) { // the user's predicate
            ignore(permit);
            throw e;
        }
        if (drop) {
            dropped.increment();
            permits.onDropped(permit, clock.nanoTime());
        } else {
            ignore(permit);
        }
        return null;
    }

    private void ignore(long permit) {
        ignored.increment();
        permits.onIgnored(permit);
    }

    /** By origin first: what a guard further in says, or a user who cancels, is no word of the service's. */
    private boolean isDrop(Failed failed) {
        return switch (failed.origin()) {
            case TIMED_OUT -> true;
            case GUARD, EXPIRED, CANCELLED -> false;
            case CALL -> {
                Throwable failure = failed.failure();
                yield !(failure instanceof CancellationException)
                        && !(failure instanceof InterruptedException)
                        && dropIf.test(failure);
            }
        };
    }

    @Override
    public Answer acquire(Waiter waiter, long timeoutNanos) {
        long answer = permits.acquire(waiter, timeoutNanos);
        return answer == AdaptivePermits.REFUSED
                ? Answer.REFUSED
                : answer == AdaptivePermits.QUEUED ? Answer.QUEUED : Answer.GRANTED;
    }

    @Override
    public boolean cancel(Waiter waiter) {
        return permits.cancel(waiter);
    }

    @Override
    public void giveBack(Waiter waiter) {
        permits.onIgnored(permits.begin());
    }
}
