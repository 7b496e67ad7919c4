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
 * @param retryRatio retries for each call that goes well
 * @param retryMinimum retries a second besides
 * @param maxConcurrent requests at once
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
        Duration retryAfterCap,
        double retryRatio,
        double retryMinimum,
        int maxConcurrent) {

    static Tuning of(DemoOptions options) {
        boolean own = options.url() == null;
        double scale = own ? Math.min(1, Math.max(0.25, options.duration().toNanos() / 20e9)) : 1;
        Duration requestTimeout = own ? scaled(800, scale) : Duration.ofSeconds(2);
        return new Tuning(
                scale,
                options.limit(),
                Math.max(1, options.limit() / 5),
                requestTimeout,
                own ? scaled(3000, scale) : Duration.ofSeconds(8),
                scaled(own ? 1000 : 2000, scale),
                5,
                2,
                scaled(50, scale),
                Duration.ofSeconds(2),
                0.2,
                10,
                // As many as the limit lets begin while the slowest are under way.
                (int) Math.max(25, Math.min(100_000, options.limit() * requestTimeout.toNanos() / 1e9)));
    }

    private static Duration scaled(long millis, double scale) {
        return Duration.ofNanos((long) (millis * 1e6 * scale));
    }

    /** Tokens that the limiter may have granted after so long: the bound of its contract. */
    double bound(long nanos) {
        return burst + limit * nanos / 1e9;
    }
}
