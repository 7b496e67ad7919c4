package io.weir.ratelimit;

import io.weir.engine.bucket.BucketUpdate;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What changes of a limiter. Immutable: each method returns another. What isn't named stays as it is. Compared by value. */
public final class RateUpdate {
    static final RateUpdate NONE = new RateUpdate(null, null, null, false);

    private final @Nullable Double rate;
    private final @Nullable Duration period;
    private final @Nullable Double maxTokens;
    private final boolean reset;

    private RateUpdate(@Nullable Double rate, @Nullable Duration period, @Nullable Double maxTokens, boolean reset) {
        this.rate = rate;
        this.period = period;
        this.maxTokens = maxTokens;
        this.reset = reset;
    }

    BucketUpdate update() {
        return reset ? withoutReset().resetTokens() : withoutReset();
    }

    /** The same, of a bucket whose tokens stay. */
    BucketUpdate withoutReset() {
        BucketUpdate update = BucketUpdate.none();
        update = rate == null ? update : update.rate(rate);
        update = period == null ? update : update.periodNanos(period.toNanos());
        return maxTokens == null ? update : update.maxTokens(maxTokens);
    }

    /**
     * Another rate.
     *
     * @param tokens a period; finite and positive
     */
    public RateUpdate rate(double tokens) {
        return new RateUpdate(tokens, period, maxTokens, reset);
    }

    /**
     * Another period.
     *
     * @param period positive
     */
    public RateUpdate period(Duration period) {
        BucketRateLimiter.periodNanos("period", period);
        return new RateUpdate(rate, period, maxTokens, reset);
    }

    /**
     * Another capacity.
     *
     * @param tokens finite and positive
     */
    public RateUpdate maxTokens(double tokens) {
        return new RateUpdate(rate, period, tokens, reset);
    }

    /** Fills the bucket, unless there is debt. */
    public RateUpdate resetTokens() {
        return new RateUpdate(rate, period, maxTokens, true);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RateUpdate that
                && Objects.equals(rate, that.rate)
                && Objects.equals(period, that.period)
                && Objects.equals(maxTokens, that.maxTokens)
                && reset == that.reset;
    }

    @Override
    public int hashCode() {
        return Objects.hash(rate, period, maxTokens, reset);
    }

    @Override
    public String toString() {
        return "RateUpdate(rate=" + rate + ", period=" + period + ", maxTokens=" + maxTokens
                + (reset ? ", resetTokens)" : ")");
    }
}
