package io.weir.ratelimit;

/**
 * What a response says of one policy.
 *
 * @param limit tokens a window; NaN if it isn't told
 * @param remaining tokens left of it
 * @param resetNanos how long it is until the window ends, in nanoseconds
 * @param windowNanos how long a window is, in nanoseconds; 0 if it isn't told
 */
record Quota(double limit, double remaining, long resetNanos, long windowNanos) {

    /** What may be spent until the reset, per second; a window that ends within a second counts as one. */
    double perSecond() {
        return remaining / Math.max(resetNanos / 1e9, 1);
    }

    boolean isSpent() {
        return remaining == 0;
    }

    boolean isPositive() {
        return remaining > 0 && limit > 0;
    }
}
