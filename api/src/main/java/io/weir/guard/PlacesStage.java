package io.weir.guard;

import io.weir.BulkheadFullException;
import io.weir.CallOptions;
import io.weir.WeirRuntime;
import io.weir.engine.bucket.Waiter;
import io.weir.internal.Stage;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A limit on concurrency in a pipeline: a call holds one place from its admission to its end. What kinds of bulkhead share is the line. */
abstract class PlacesStage extends Stage {
    /** What somebody who asks for a place gets to hear. */
    enum Answer {
        GRANTED,
        QUEUED,
        REFUSED
    }

    private final String name;
    private final WeirRuntime runtime;
    private final long maxWaitNanos;

    PlacesStage(String name, WeirRuntime runtime, long maxWaitNanos) {
        this.name = name;
        this.runtime = runtime;
        this.maxWaitNanos = maxWaitNanos;
    }

    static long nanos(Duration wait) {
        try {
            return wait.toNanos();
        } catch (ArithmeticException tooLong) {
            return wait.isNegative() ? 0 : Long.MAX_VALUE;
        }
    }

    static void requireWaiters(int waiters) {
        if (waiters < 0) {
            throw new IllegalArgumentException("maxWaiters = " + waiters + ": allowed is 0 or more");
        }
    }

    static long requireMaxWait(Duration wait) {
        if (wait.isNegative() || wait.isZero()) {
            throw new IllegalArgumentException("maxWait = " + wait + ": allowed is a positive duration");
        }
        return nanos(wait);
    }

    /** How many places there are now. */
    abstract int limit();

    /** Takes a place, or stands in line. */
    abstract Answer acquire(Waiter waiter, long timeoutNanos);

    /** Takes a waiter out of the line; false if that has ended its wait already. */
    abstract boolean cancel(Waiter waiter);

    /** Gives back a place that no call has used. */
    abstract void giveBack();

    final WeirRuntime runtime() {
        return runtime;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final BulkheadFullException refusal(CallOptions options) {
        return full();
    }

    /** The refusal; made once for each. */
    BulkheadFullException full() {
        return new BulkheadFullException(name, limit(), runtime.stackTraces());
    }

    /** The failure of a waiter that wasn't granted. */
    final RuntimeException failure(Waiter.End end) {
        return end == Waiter.End.CLOSED ? new IllegalStateException("bulkhead '" + name + "' was closed") : full();
    }

    // ---- waiting, asynchronously

    @Override
    public final Wait newWait(CallOptions options) {
        return new InLine(this);
    }

    /** A call's place in line. */
    private static final class InLine extends PermitWaiter implements Wait {
        private final PlacesStage stage;
        private @Nullable WaitListener listener;

        InLine(PlacesStage stage) {
            super(stage);
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
    public final long awaitBlocking(CallOptions options, long budgetNanos) throws InterruptedException {
        acquireBlocking(Math.min(budgetNanos, maxWaitNanos));
        return 0;
    }

    final void acquireBlocking(long timeoutNanos) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Parked waiter = new Parked(this);
        if (!waiter.stand(timeoutNanos)) {
            throw full();
        }
        while (waiter.end() == null) {
            LockSupport.park(this);
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

        Parked(PlacesStage stage) {
            super(stage);
        }

        @Override
        void ended() {
            LockSupport.unpark(thread);
        }
    }
}
