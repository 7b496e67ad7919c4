package io.weir.ratelimit;

import io.weir.engine.bucket.BucketUpdate;
import java.time.Duration;

/** What changes of a limiter. Immutable: each method returns another. What isn't named stays as it is. */
public final class RateUpdate {
    static final RateUpdate NONE = new RateUpdate(BucketUpdate.none());

    private final BucketUpdate update;

    private RateUpdate(BucketUpdate update) {
        this.update = update;
    }

    BucketUpdate update() {
        return update;
    }

    /**
     * Another rate.
     *
     * @param tokens a period; finite and positive
     */
    public RateUpdate rate(double tokens) {
        return new RateUpdate(update.rate(tokens));
    }

    /**
     * Another period.
     *
     * @param period positive
     */
    public RateUpdate period(Duration period) {
        return new RateUpdate(update.periodNanos(BucketRateLimiter.periodNanos("period", period)));
    }

    /**
     * Another capacity.
     *
     * @param tokens finite and positive
     */
    public RateUpdate maxTokens(double tokens) {
        return new RateUpdate(update.maxTokens(tokens));
    }

    /** Fills the bucket, unless there is debt. */
    public RateUpdate resetTokens() {
        return new RateUpdate(update.resetTokens());
    }

    @Override
    public String toString() {
        return "RateUpdate(" + update + ")";
    }
}
