package io.weir.ratelimit;

import io.weir.CallRejected;
import io.weir.RateLimitExceededException;
import io.weir.WeirRuntime;
import io.weir.engine.bucket.BucketReservation;
import io.weir.engine.bucket.Waiter;
import io.weir.internal.Stage;
import io.weir.internal.TokensStage;
import io.weir.internal.Told;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A place where tokens are had and waited for: a bucket, or the bucket of a key. Here is all the waiting; the tokens are the engine's. */
abstract class TokenLine implements TokensStage.Line {
    final String name;
    final WeirRuntime runtime;
    final TokenCounts counts;

    TokenLine(String name, WeirRuntime runtime, TokenCounts counts) {
        this.name = name;
        this.runtime = runtime;
        this.counts = counts;
    }

    /** 0 if taken, else the known wait. Counts nothing, as a caller who may wait isn't refused. */
    abstract long tryAcquireNanos(double tokens);

    abstract @Nullable BucketReservation tryReserve(double tokens, long maxWaitNanos);

    abstract double availableTokens();

    abstract int waiters();

    abstract double maxTokens();

    // ---- refusals

    /** The refusal of a request as it would be told now. */
    final RateLimitExceededException refusal(double tokens) {
        return exceeded(tokens, estimatedWaitNanos(tokens));
    }

    @Override
    public final RateLimitExceededException exceeded(double tokens, long waitNanos) {
        counts.refused.increment();
        return Told.rejected(
                runtime,
                CallRejected.Reason.RATE_LIMIT,
                new RateLimitExceededException(
                        name,
                        tokens,
                        waitNanos == Long.MAX_VALUE ? null : Duration.ofNanos(waitNanos),
                        runtime.stackTraces()));
    }

    @Override
    public final RuntimeException failure(Waiter waiter, Waiter.End end) {
        return switch (end) {
            case TIMED_OUT -> exceeded(waiter.tokens(), waiter.retryAfterNanos());
            case CLOSED -> new IllegalStateException(closedMessage(name));
            case TOO_LARGE ->
                new IllegalArgumentException("tokens = " + waiter.tokens()
                        + ": allowed is at most maxTokens, which was lowered to " + maxTokens());
            case GRANTED -> throw new AssertionError("granted");
        };
    }

    /** What those in line hear of a close, and those who come later. */
    static String closedMessage(String name) {
        return "rate limiter '" + name + "' was closed";
    }

    // ---- waiting

    final CompletableFuture<@Nullable Void> acquire(double tokens, long timeoutNanos) {
        AcquireFuture future = new AcquireFuture(this, tokens);
        future.start(timeoutNanos);
        return future;
    }

    final Reservation reserve(double tokens, long maxWaitNanos) {
        BucketReservation reservation = tryReserve(tokens, maxWaitNanos);
        if (reservation == null) {
            throw refusal(tokens);
        }
        return new BucketReservationView(reservation, runtime);
    }

    /** A call's place in the line. */
    static final class InLine extends Waiter implements Stage.Wait {
        private final TokenLine line;
        private Stage.@Nullable WaitListener listener;
        private volatile @Nullable End end;

        InLine(TokenLine line, double tokens) {
            super(tokens);
            this.line = line;
        }

        @Override
        public void start(long budgetNanos, Stage.WaitListener told) {
            listener = told;
            // The call's own deadline ends the wait, so the line needs no timer for it; a wait that is known to be too
            // long isn't begun.
            long known = budgetNanos == Long.MAX_VALUE ? 0 : line.estimatedWaitNanos(tokens());
            long refused = known > budgetNanos ? known : line.acquire(this, Long.MAX_VALUE);
            if (refused > 0) {
                throw line.exceeded(tokens(), refused);
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
            return seen == null ? Stage.WAIT : seen == End.GRANTED ? 0 : Stage.REFUSED;
        }

        @Override
        public Throwable failure() {
            return line.failure(this, Objects.requireNonNull(end));
        }

        @Override
        public void abandon() {
            line.leave(this);
        }
    }

    private void leave(Waiter waiter) {
        if (!cancel(waiter)) {
            handBack(waiter); // does nothing unless it was granted
        }
    }

    final void acquireBlocking(double tokens, long timeoutNanos) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Parked waiter = new Parked(tokens);
        long refused = acquire(waiter, timeoutNanos);
        if (refused == 0) {
            return;
        }
        if (refused > 0) {
            throw exceeded(tokens, refused);
        }
        Waiter.End end = waiter.end;
        while (end == null) {
            LockSupport.park(this);
            if (Thread.interrupted()) {
                leave(waiter);
                throw new InterruptedException();
            }
            end = waiter.end;
        }
        if (end != Waiter.End.GRANTED) {
            throw failure(waiter, end);
        }
    }

    /** A thread in the line. */
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
