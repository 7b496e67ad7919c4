package io.weir.ratelimit;

/** What an adaptive limiter has heard from its service. A snapshot. */
public interface AdaptiveRateLimiterMetrics extends RateLimiterMetrics {

    /** Responses whose headers changed the rate, or paused it. */
    long updates();

    /**
     * Headers that were left out: unreadable, negative, absurd, there twice, contradicting each other, or of a time more than the longest
     * pause away.
     */
    long ignored();
}
