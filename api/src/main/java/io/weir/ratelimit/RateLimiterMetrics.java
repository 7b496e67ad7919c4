package io.weir.ratelimit;

/** What a limiter has counted since it was made, and how it is now. A snapshot, not of one instant. */
public interface RateLimiterMetrics {

    /** Requests that were refused, at once or after a wait. */
    long refused();

    /** How many callers stand in line. */
    int waiting();
}
