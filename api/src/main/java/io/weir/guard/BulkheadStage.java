package io.weir.guard;

import io.weir.BulkheadFullException;
import io.weir.CallOptions;
import io.weir.WeirRuntime;
import io.weir.engine.bucket.Waiter;
import io.weir.engine.permit.Permits;
import io.weir.internal.Again;
import io.weir.internal.Clocks;
import io.weir.internal.Failed;
import io.weir.internal.Stage;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A bulkhead in a pipeline: a call holds one permit from its admission to its end. */
final class BulkheadStage extends Stage {
    private final String name;
    private final WeirRuntime runtime;
    private final Permits permits;
    private final boolean waits;
    private final long maxWaitNanos;

    BulkheadStage(Bulkhead.Builder builder) {
        this.name = builder.name;
        this.runtime = builder.runtime;
        this.permits = new Permits(
                Clocks.of(builder.runtime), builder.runtime.timer(), builder.maxConcurrent, builder.maxWaiters);
        this.waits = builder.maxWaiters > 0;
        this.maxWaitNanos = builder.maxWaitNanos;
    }

    Permits permits() {
        return permits;
    }

    WeirRuntime runtime() {
        return runtime;
    }

    @Override
    public String name() {
        return name;
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
    public BulkheadFullException refusal(CallOptions options) {
        return full();
    }

    BulkheadFullException full() {
        return new BulkheadFullException(name, permits.limit(), runtime.stackTraces());
    }

    /** The failure of a waiter that wasn't granted. */
    RuntimeException failure(Waiter.End end) {
        return end == Waiter.End.CLOSED ? new IllegalStateException("bulkhead '" + name + "' was closed") : full();
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

    // ---- waiting, asynchronously

    @Override
    public Wait newWait(CallOptions options) {
        return new InLine(this);
    }

    /** A call's place in line. */
    private static final class InLine extends PermitWaiter implements Wait {
        private final BulkheadStage stage;
        private @Nullable WaitListener listener;

        InLine(BulkheadStage stage) {
            super(stage.permits);
            this.stage = stage;
        }

        @Override
        public void start(long budgetNanos, WaitListener told) {
            listener = told;
            // What limits the call's time ends the wait, so the line needs a timer for its own limit only.
            if (budgetNanos <= 0 || !stand(stage.maxWaitNanos)) {
                throw stage.full();
            }
        }

        @Override
        void ended() {
            Objects.requireNonNull(listener).onWaitEnded(this);
        }

        @Override
        public long outcome() {
            End how = end();
            return how == null ? WAIT : how == End.GRANTED ? 0 : REFUSED;
        }

        @Override
        public Throwable failure() {
            return stage.failure(Objects.requireNonNull(end()));
        }

        @Override
        public void abandon() {
            leave();
        }
    }

    // ---- waiting, with the thread

    @Override
    public long awaitBlocking(CallOptions options, long budgetNanos) throws InterruptedException {
        acquireBlocking(Math.min(budgetNanos, maxWaitNanos));
        return 0;
    }

    void acquireBlocking(long timeoutNanos) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Parked waiter = new Parked(permits);
        if (!waiter.stand(timeoutNanos)) {
            throw full();
        }
        while (waiter.end() == null) {
            LockSupport.park(permits);
            if (Thread.interrupted()) {
                waiter.leave();
                throw new InterruptedException();
            }
        }
        Waiter.End how = Objects.requireNonNull(waiter.end());
        if (how != Waiter.End.GRANTED) {
            throw failure(how);
        }
    }

    /** A thread in line. */
    private static final class Parked extends PermitWaiter {
        private final Thread thread = Thread.currentThread();

        Parked(Permits permits) {
            super(permits);
        }

        @Override
        void ended() {
            LockSupport.unpark(thread);
        }
    }
}
