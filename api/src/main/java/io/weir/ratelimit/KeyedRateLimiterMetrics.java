package io.weir.ratelimit;

/** What a keyed limiter has counted since it was made, and how full it is. A snapshot, not of one instant. */
public interface KeyedRateLimiterMetrics {

    /** Requests of all keys that were refused, at once or after a wait. */
    long refused();

    /** Keys that have a place, those included that could be forgotten. */
    int keys();

    /** Keys that can't be forgotten now: those whose bucket isn't full, and those kept apart. */
    int busyKeys();

    /** Keys that are kept as whole objects: those with waiters, reservations or overrides, now or a while ago. */
    int keptApart();

    /** Calls whose key found no place, so far. */
    long overflowed();
}
