package io.weir.engine.bucket;

import org.jspecify.annotations.Nullable;

/**
 * A change of a live bucket's configuration. Every part is optional: an absent one keeps the value it has when the change takes effect.
 * Immutable; each method returns a changed copy.
 */
public final class BucketUpdate {

    private static final BucketUpdate NONE =
            new BucketUpdate(null, null, null, null, false, Double.POSITIVE_INFINITY, null);

    final @Nullable Double rate;
    final @Nullable Long periodNanos;
    final @Nullable Double maxTokens;
    final @Nullable Integer maxWaiters;
    final boolean resetTokens;
    final double tokensAtMost;
    final @Nullable Long pauseUntilNanos;

    private BucketUpdate(
            @Nullable Double rate,
            @Nullable Long periodNanos,
            @Nullable Double maxTokens,
            @Nullable Integer maxWaiters,
            boolean resetTokens,
            double tokensAtMost,
            @Nullable Long pauseUntilNanos) {
        this.rate = rate;
        this.periodNanos = periodNanos;
        this.maxTokens = maxTokens;
        this.maxWaiters = maxWaiters;
        this.resetTokens = resetTokens;
        this.tokensAtMost = tokensAtMost;
        this.pauseUntilNanos = pauseUntilNanos;
    }

    /** The change that changes nothing. */
    public static BucketUpdate none() {
        return NONE;
    }

    /** Sets the rate, in tokens per period; range as in {@link BucketConfig.Builder#rate}. */
    public BucketUpdate rate(double rate) {
        return new BucketUpdate(rate, periodNanos, maxTokens, maxWaiters, resetTokens, tokensAtMost, pauseUntilNanos);
    }

    /** Sets the period that the rate counts for, in nanoseconds, greater than 0. */
    public BucketUpdate periodNanos(long periodNanos) {
        return new BucketUpdate(rate, periodNanos, maxTokens, maxWaiters, resetTokens, tokensAtMost, pauseUntilNanos);
    }

    /** Sets the capacity; range as in {@link BucketConfig.Builder#maxTokens}. Waiters that ask for more fail at once. */
    public BucketUpdate maxTokens(double maxTokens) {
        return new BucketUpdate(rate, periodNanos, maxTokens, maxWaiters, resetTokens, tokensAtMost, pauseUntilNanos);
    }

    /** Sets how many callers may stand in line, 0 or more. Those who stand there already stay. */
    public BucketUpdate maxWaiters(int maxWaiters) {
        return new BucketUpdate(rate, periodNanos, maxTokens, maxWaiters, resetTokens, tokensAtMost, pauseUntilNanos);
    }

    /** Fills the bucket, which starts a new window for its bound; debt of reservations stays. Gives nothing in a {@link #pauseUntil pause}. */
    public BucketUpdate resetTokens() {
        return new BucketUpdate(rate, periodNanos, maxTokens, maxWaiters, true, tokensAtMost, pauseUntilNanos);
    }

    /**
     * Takes tokens away that are more than so many, once; the capacity stays. Comes after a reset.
     *
     * @param tokens 0 or more
     */
    public BucketUpdate tokensAtMost(double tokens) {
        if (!(tokens >= 0)) {
            throw new IllegalArgumentException("tokensAtMost is " + tokens + "; it must be 0 or more");
        }
        return new BucketUpdate(rate, periodNanos, maxTokens, maxWaiters, resetTokens, tokens, pauseUntilNanos);
    }

    /**
     * Grants nothing until then: the tokens in hand are lost, and none come in. Debt stays as it is, a reservation keeps the due time it was told, and those who
     * wait are re-timed. A pause is never shortened by another change, and a reset before its end gives nothing.
     *
     * @param nanoTime a reading of the bucket's clock, at most 70 years ahead; one that has passed is no pause
     */
    public BucketUpdate pauseUntil(long nanoTime) {
        return new BucketUpdate(rate, periodNanos, maxTokens, maxWaiters, resetTokens, tokensAtMost, nanoTime);
    }

    @Override
    public String toString() {
        return "BucketUpdate[rate=" + rate + ", periodNanos=" + periodNanos + ", maxTokens=" + maxTokens
                + ", maxWaiters=" + maxWaiters + ", resetTokens=" + resetTokens + ", tokensAtMost=" + tokensAtMost
                + ", pauseUntilNanos=" + pauseUntilNanos + "]";
    }
}
