package io.weir.ratelimit;

import io.weir.AsyncCall;
import io.weir.Call;
import io.weir.CallKey;
import io.weir.Guard;
import io.weir.WeirRuntime;
import io.weir.engine.bucket.KeyedBuckets;
import io.weir.internal.AbstractGuard;
import io.weir.internal.Durations;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A keyed limiter on the engine's table; a view of it, by where the calls' keys are. */
@SuppressWarnings("exports") // what it inherits is the public Guard; how is nobody's business
class TableRateLimiter extends AbstractGuard implements KeyedRateLimiter {
    private final KeyedBuckets buckets;
    private final KeyStage stage;

    TableRateLimiter(KeyedBuckets buckets, KeyStage stage, WeirRuntime runtime) {
        super(stage.name(), runtime, List.of(stage));
        this.buckets = buckets;
        this.stage = stage;
    }

    private KeyLine line(String key) {
        return new KeyLine(name(), buckets, buckets.keyOf(key), runtime(), stage.counts());
    }

    @Override
    public final boolean tryAcquire(String key, double tokens) {
        return stage.counts().counted(buckets.tryAcquire(key, tokens));
    }

    @Override
    public final long tryAcquireNanos(String key, double tokens) {
        return stage.counts().counted(buckets.tryAcquireNanos(buckets.keyOf(key), tokens));
    }

    @Override
    public final CompletableFuture<@Nullable Void> acquire(String key, double tokens) {
        return line(key).acquire(tokens, Long.MAX_VALUE);
    }

    @Override
    public final CompletableFuture<@Nullable Void> acquire(String key, double tokens, Duration timeout) {
        return line(key).acquire(tokens, Durations.waitNanos(timeout));
    }

    @Override
    public final void acquireBlocking(String key, double tokens) throws InterruptedException {
        line(key).acquireBlocking(tokens, Long.MAX_VALUE);
    }

    @Override
    public final void acquireBlocking(String key, double tokens, Duration timeout) throws InterruptedException {
        line(key).acquireBlocking(tokens, Durations.waitNanos(timeout));
    }

    @Override
    public final Reservation reserve(String key, double tokens) {
        return line(key).reserve(tokens, Long.MAX_VALUE);
    }

    @Override
    public final Reservation reserve(String key, double tokens, Duration maxWait) {
        return line(key).reserve(tokens, Durations.waitNanos(maxWait));
    }

    @Override
    public final double availableTokens(String key) {
        return buckets.availableTokens(buckets.keyOf(key));
    }

    @Override
    public final Duration estimatedWait(String key, double tokens) {
        return Duration.ofNanos(buckets.estimatedWaitNanos(buckets.keyOf(key), tokens));
    }

    @Override
    public final <T extends @Nullable Object> CompletableFuture<T> execute(String key, AsyncCall<? extends T> call) {
        return this.<T>execute(stage.options(key), call);
    }

    @Override
    public final <T extends @Nullable Object, E extends Exception> T call(
            String key, Call<? extends T, ? extends E> call) throws E {
        return this.<T, E>call(stage.options(key), call);
    }

    @Override
    public final RateLimiter limiter(String key) {
        return new OfKey(line(key));
    }

    private static final class OfKey extends LineRateLimiter {
        OfKey(KeyLine line) {
            super(line, new KeyLineStage(line));
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException(
                    "a key's limiter can't be closed; close rate limiter '" + name() + "'");
        }

        @Override
        public String toString() {
            return "RateLimiter(" + name() + ", one key's)";
        }
    }

    @Override
    public final void updateRateLimit(String key, UnaryOperator<RateUpdate> change) {
        buckets.update(buckets.keyOf(key), change.apply(RateUpdate.NONE).update());
    }

    @Override
    public final void remove(String key) {
        buckets.remove(buckets.keyOf(key));
    }

    @Override
    public final KeyedRateLimiterMetrics metrics() {
        record Metrics(long refused, int keys, int busyKeys, int keptApart, long overflowed)
                implements KeyedRateLimiterMetrics {}
        TokenCounts counts = stage.counts();
        return new Metrics(
                counts.refused.sum(), buckets.size(), buckets.busyKeys(), buckets.objects(), buckets.overflowed());
    }

    @Override
    public final Guard failFast() {
        return new LineRateLimiter.StageView(this, runtime(), stage.failFast());
    }

    @Override
    public final Guard costing(double tokens) {
        return new LineRateLimiter.StageView(this, runtime(), stage.costing(tokens));
    }

    @Override
    public final Guard costing(CallKey<? extends Number> tokens) {
        return new LineRateLimiter.StageView(this, runtime(), stage.costing(tokens));
    }

    @Override
    public final KeyedRateLimiter keyedBy(CallKey<String> key) {
        return new TableRateLimiter(buckets, stage.keyedBy(key), runtime());
    }

    @Override
    public final void close() {
        buckets.close(TokenLine.closedMessage(name()));
    }

    /** Tells nothing of the keys, which may be secret. */
    @Override
    public String toString() {
        return "KeyedRateLimiter(" + name() + ", keyed by " + stage.keyedBy()
                + (buckets.isClosed() ? ", closed)" : ")");
    }
}
