package io.weir.engine.bucket;

import org.jspecify.annotations.Nullable;

/**
 * A change of a live bucket's configuration. Every part is optional: an absent one keeps the value it has when the change takes effect.
 * Immutable; each method returns a changed copy.
 */
public final class BucketUpdate {

    private static final BucketUpdate NONE = new BucketUpdate(null, null, null, null, false);

    final @Nullable Double rate;
    final @Nullable Long periodNanos;
    final @Nullable Double maxTokens;
    final @Nullable Integer maxWaiters;
    final boolean resetTokens;

    private BucketUpdate(
            @Nullable Double rate,
            @Nullable Long periodNanos,
            @Nullable Double maxTokens,
            @Nullable Integer maxWaiters,
            boolean resetTokens) {
        this.rate = rate;
        this.periodNanos = periodNanos;
        this.maxTokens = maxTokens;
        this.maxWaiters = maxWaiters;
        this.resetTokens = resetTokens;
    }

    /** The change that changes nothing. */
    public static BucketUpdate none() {
        return NONE;
    }

    /** Sets the rate, in tokens per period; range as in {@link BucketConfig.Builder#rate}. */
    public BucketUpdate rate(double rate) {
        return new BucketUpdate(rate, periodNanos, maxTokens, maxWaiters, resetTokens);
    }

    /** Sets the period that the rate counts for, in nanoseconds, greater than 0. */
    public BucketUpdate periodNanos(long periodNanos) {
        return new BucketUpdate(rate, periodNanos, maxTokens, maxWaiters, resetTokens);
    }

    /** Sets the capacity; range as in {@link BucketConfig.Builder#maxTokens}. Waiters that ask for more fail at once. */
    public BucketUpdate maxTokens(double maxTokens) {
        return new BucketUpdate(rate, periodNanos, maxTokens, maxWaiters, resetTokens);
    }

    /** Sets how many callers may stand in line, 0 or more. Those who stand there already stay. */
    public BucketUpdate maxWaiters(int maxWaiters) {
        return new BucketUpdate(rate, periodNanos, maxTokens, maxWaiters, resetTokens);
    }

    /** Fills the bucket, which starts a new window for its bound; debt of reservations stays. */
    public BucketUpdate resetTokens() {
        return new BucketUpdate(rate, periodNanos, maxTokens, maxWaiters, true);
    }

    @Override
    public String toString() {
        return "BucketUpdate[rate=" + rate + ", periodNanos=" + periodNanos + ", maxTokens=" + maxTokens
                + ", maxWaiters=" + maxWaiters + ", resetTokens=" + resetTokens + "]";
    }
}
