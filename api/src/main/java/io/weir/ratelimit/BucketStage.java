package io.weir.ratelimit;

import io.weir.CallOptions;
import io.weir.RateLimitExceededException;
import io.weir.WeirRuntime;
import io.weir.engine.bucket.TokenBucket;
import io.weir.engine.bucket.Waiter;
import io.weir.internal.Again;
import io.weir.internal.Failed;
import io.weir.internal.Stage;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A token bucket in a pipeline: a call's tokens are spent when it is admitted, and nothing comes back at its end. */
final class BucketStage extends Stage {
    /** A cost that the call's options say. */
    private static final double BY_OPTIONS = -1;

    private final String name;
    private final TokenBucket bucket;
    private final WeirRuntime runtime;
    private final boolean waits;
    private final double cost;

    private BucketStage(String name, TokenBucket bucket, WeirRuntime runtime, boolean waits, double cost) {
        this.name = name;
        this.bucket = bucket;
        this.runtime = runtime;
        this.waits = waits;
        this.cost = cost;
    }

    static BucketStage of(String name, TokenBucket bucket, WeirRuntime runtime) {
        return new BucketStage(name, bucket, runtime, true, BY_OPTIONS);
    }

    BucketStage failFast() {
        return new BucketStage(name, bucket, runtime, false, cost);
    }

    BucketStage costing(double tokens) {
        return new BucketStage(name, bucket, runtime, waits, tokens);
    }

    @Override
    public String name() {
        return name;
    }

    TokenBucket bucket() {
        return bucket;
    }

    WeirRuntime runtime() {
        return runtime;
    }

    @Override
    public boolean needsClock() {
        return true;
    }

    private double cost(CallOptions options) {
        return cost >= 0 ? cost : options.tokens();
    }

    @Override
    public long admit(CallOptions options, long now) {
        return bucket.tryAcquireNanos(cost(options), now) == 0 ? 0 : waits ? WAIT : REFUSED;
    }

    @Override
    public RateLimitExceededException refusal(CallOptions options) {
        double tokens = cost(options);
        return exceeded(tokens, bucket.estimatedWaitNanos(tokens));
    }

    RateLimitExceededException exceeded(double tokens, long waitNanos) {
        return new RateLimitExceededException(
                name, tokens, waitNanos == Long.MAX_VALUE ? null : Duration.ofNanos(waitNanos), runtime.stackTraces());
    }

    /** The failure of a waiter that wasn't granted. */
    Throwable failure(Waiter waiter, Waiter.End end) {
        return switch (end) {
            case TIMED_OUT -> exceeded(waiter.tokens(), waiter.retryAfterNanos());
            case CLOSED -> new IllegalStateException("rate limiter '" + name + "' was closed");
            case TOO_LARGE ->
                new IllegalArgumentException("tokens = " + waiter.tokens()
                        + ": allowed is at most maxTokens, which was lowered to "
                        + bucket.config().maxTokens());
            case GRANTED -> new AssertionError("granted");
        };
    }

    @Override
    public @Nullable Again onEnd(
            long token,
            long start,
            @Nullable Object result,
            @Nullable Failed failed,
            @Nullable Again before,
            CallInfo call) {
        return null;
    }

    // ---- waiting, asynchronously

    @Override
    public Wait newWait(CallOptions options) {
        return new InLine(this, cost(options));
    }

    /** A call's place in the bucket's line. */
    private static final class InLine extends Waiter implements Wait {
        private final BucketStage stage;
        private @Nullable WaitListener listener;
        private volatile @Nullable End end;

        InLine(BucketStage stage, double tokens) {
            super(tokens);
            this.stage = stage;
        }

        @Override
        public void start(long budgetNanos, WaitListener told) {
            listener = told;
            // The call's own deadline ends the wait, so the line needs no timer for it; a wait that is known to be too
            // long isn't begun.
            long known = budgetNanos == Long.MAX_VALUE ? 0 : stage.bucket.estimatedWaitNanos(tokens());
            long refused = known > budgetNanos ? known : stage.bucket.acquire(this, Long.MAX_VALUE);
            if (refused > 0) {
                throw stage.exceeded(tokens(), refused);
            }
            if (refused == 0) {
                end = End.GRANTED;
            }
        }

        @Override
        protected void onEnd(End how) {
            end = how;
            Objects.requireNonNull(listener).onWaitEnded(this);
        }

        @Override
        public long outcome() {
            End seen = end;
            return seen == null ? WAIT : seen == End.GRANTED ? 0 : REFUSED;
        }

        @Override
        public Throwable failure() {
            return stage.failure(this, Objects.requireNonNull(end));
        }

        @Override
        public void abandon() {
            if (!stage.bucket.cancel(this)) {
                stage.bucket.handBack(this); // does nothing unless it was granted
            }
        }
    }

    // ---- waiting, with the thread

    @Override
    public long awaitBlocking(CallOptions options, long budgetNanos) throws InterruptedException {
        acquireBlocking(cost(options), budgetNanos);
        return 0;
    }

    void acquireBlocking(double tokens, long timeoutNanos) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Parked waiter = new Parked(tokens);
        long refused = bucket.acquire(waiter, timeoutNanos);
        if (refused == 0) {
            return;
        }
        if (refused > 0) {
            throw exceeded(tokens, refused);
        }
        Waiter.End end = waiter.end;
        while (end == null) {
            LockSupport.park(bucket);
            if (Thread.interrupted()) {
                if (!bucket.cancel(waiter)) {
                    bucket.handBack(waiter); // does nothing unless it was granted
                }
                throw new InterruptedException();
            }
            end = waiter.end;
        }
        if (end != Waiter.End.GRANTED) {
            Throwable failure = failure(waiter, end);
            throw failure instanceof RuntimeException told ? told : new IllegalStateException(failure);
        }
    }

    /** A thread in the bucket's line. */
    private static final class Parked extends Waiter {
        private final Thread thread = Thread.currentThread();
        private volatile @Nullable End end;

        Parked(double tokens) {
            super(tokens);
        }

        @Override
        protected void onEnd(End how) {
            end = how;
            LockSupport.unpark(thread);
        }
    }
}
