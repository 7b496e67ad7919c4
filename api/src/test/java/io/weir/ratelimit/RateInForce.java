package io.weir.ratelimit;

import io.weir.engine.bucket.BucketConfig;

/** What a limiter's bucket grants by, and not only what the limiter says: for tests of other packages. */
public final class RateInForce {
    private RateInForce() {}

    /** Tokens a second. */
    public static double of(AdaptiveRateLimiter limiter) {
        BucketConfig config = limiter.bucket.config();
        return config.rate() / config.periodNanos() * 1e9;
    }
}
