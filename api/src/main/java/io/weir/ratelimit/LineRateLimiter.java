package io.weir.ratelimit;

import io.weir.CallKey;
import io.weir.Guard;
import io.weir.WeirRuntime;
import io.weir.internal.AbstractGuard;
import io.weir.internal.Durations;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A limiter that is one line of tokens: a bucket's, or a key's. */
@SuppressWarnings("exports") // what it inherits is the public Guard; how is nobody's business
abstract class LineRateLimiter extends AbstractGuard implements RateLimiter {
    private final TokenLine line;
    private final TokenStage stage;

    LineRateLimiter(TokenLine line, TokenStage stage) {
        super(line.name, line.runtime, List.of(stage));
        this.line = line;
        this.stage = stage;
    }

    @Override
    public boolean tryAcquire() {
        return tryAcquire(1);
    }

    @Override
    public boolean tryAcquire(double tokens) {
        return tryAcquireNanos(tokens) == 0;
    }

    @Override
    public long tryAcquireNanos(double tokens) {
        return line.counts.counted(line.tryAcquireNanos(tokens));
    }

    @Override
    public CompletableFuture<@Nullable Void> acquire(double tokens) {
        return line.acquire(tokens, Long.MAX_VALUE);
    }

    @Override
    public CompletableFuture<@Nullable Void> acquire(double tokens, Duration timeout) {
        return line.acquire(tokens, Durations.waitNanos(timeout));
    }

    @Override
    public void acquireBlocking(double tokens) throws InterruptedException {
        line.acquireBlocking(tokens, Long.MAX_VALUE);
    }

    @Override
    public void acquireBlocking(double tokens, Duration timeout) throws InterruptedException {
        line.acquireBlocking(tokens, Durations.waitNanos(timeout));
    }

    @Override
    public Reservation reserve(double tokens) {
        return line.reserve(tokens, Long.MAX_VALUE);
    }

    @Override
    public Reservation reserve(double tokens, Duration maxWait) {
        return line.reserve(tokens, Durations.waitNanos(maxWait));
    }

    @Override
    public RateLimiterMetrics metrics() {
        return new Counted(line.counts.refused.sum(), line.waiters());
    }

    private record Counted(long refused, int waiting) implements RateLimiterMetrics {}

    @Override
    public double availableTokens() {
        return line.availableTokens();
    }

    @Override
    public Duration estimatedWait(double tokens) {
        return Duration.ofNanos(line.estimatedWaitNanos(tokens));
    }

    @Override
    public Guard failFast() {
        return new StageView(this, runtime(), stage.failFast());
    }

    @Override
    public Guard costing(double tokens) {
        return new StageView(this, runtime(), stage.costing(tokens));
    }

    @Override
    public Guard costing(CallKey<? extends Number> tokens) {
        return new StageView(this, runtime(), stage.costing(tokens));
    }

    /** A limiter's tokens under another rule of waiting, cost or key. */
    static final class StageView extends AbstractGuard {
        private final Guard of;

        StageView(Guard of, WeirRuntime runtime, TokenStage other) {
            super(other.name(), runtime, List.of(other));
            this.of = of;
        }

        @Override
        public String toString() {
            return of.toString();
        }
    }
}
