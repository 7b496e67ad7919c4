package io.weir.examples;

import java.time.Duration;

/**
 * How the guards are set for a run.
 *
 * @param scale 1 for a run of 20 s and more against the demo's own service; shorter runs have shorter times everywhere
 * @param limit requests a second
 * @param burst tokens the limiter holds at most
 * @param requestTimeout of one request
 * @param deadline of a call, its retries and waits included
 * @param recoveryTime of the breaker
 * @param failureThreshold of the breaker
 * @param maxRetries of a call
 * @param baseDelay before the first retry
 * @param retryAfterCap the longest Retry-After that is waited for
 */
record Tuning(
        double scale,
        double limit,
        double burst,
        Duration requestTimeout,
        Duration deadline,
        Duration recoveryTime,
        int failureThreshold,
        int maxRetries,
        Duration baseDelay,
        Duration retryAfterCap) {

    static Tuning of(DemoOptions options) {
        boolean own = options.url() == null;
        double scale = own ? Math.min(1, Math.max(0.25, options.duration().toNanos() / 20e9)) : 1;
        return new Tuning(
                scale,
                options.limit(),
                Math.max(1, options.limit() / 5),
                own ? scaled(800, scale) : Duration.ofSeconds(2),
                own ? scaled(3000, scale) : Duration.ofSeconds(8),
                scaled(own ? 1000 : 2000, scale),
                5,
                2,
                scaled(50, scale),
                Duration.ofSeconds(2));
    }

    private static Duration scaled(long millis, double scale) {
        return Duration.ofNanos((long) (millis * 1e6 * scale));
    }

    /** Tokens that the limiter may have granted after so long: the bound of its contract. */
    double bound(long nanos) {
        return burst + limit * nanos / 1e9;
    }
}
