package io.weir.engine.bucket;

/**
 * The parameters of a {@link TokenBucket}: immutable, and validated when built.
 *
 * <p>A bucket gains {@link #rate()} tokens every {@link #periodNanos()} nanoseconds, continuously, up to {@link #maxTokens()}.
 */
public final class BucketConfig {

    /** The most tokens that a bucket can hold. */
    public static final double MAX_TOKENS = 1e12;

    /** The fewest tokens that a bucket can be made to hold. */
    public static final double MIN_TOKENS = 1e-6;

    /** The highest rate, in tokens per second. */
    public static final double MAX_TOKENS_PER_SECOND = 1e12;

    /** The longest time that filling an empty bucket may take: 70 years, in nanoseconds. */
    public static final long MAX_FILL_NANOS = 70L * 365 * 86_400 * 1_000_000_000 + 17L * 86_400 * 1_000_000_000;

    private static final long DEFAULT_PERIOD_NANOS = 1_000_000_000L;
    private static final int DEFAULT_MAX_WAITERS = 10_000;

    private final double rate;
    private final long periodNanos;
    private final double maxTokens;
    private final double initialTokens;
    private final int maxWaiters;

    private BucketConfig(double rate, long periodNanos, double maxTokens, double initialTokens, int maxWaiters) {
        this.rate = rate;
        this.periodNanos = periodNanos;
        this.maxTokens = maxTokens;
        this.initialTokens = initialTokens;
        this.maxWaiters = maxWaiters;
    }

    /** A builder whose rate has yet to be set. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder that starts with every parameter of this configuration, the defaulted ones as they came out. */
    public Builder toBuilder() {
        return new Builder()
                .rate(rate)
                .periodNanos(periodNanos)
                .maxTokens(maxTokens)
                .initialTokens(initialTokens)
                .maxWaiters(maxWaiters);
    }

    /** Tokens per period; finite and greater than 0. */
    public double rate() {
        return rate;
    }

    /** The period that {@link #rate()} counts for, in nanoseconds; greater than 0. */
    public long periodNanos() {
        return periodNanos;
    }

    /** The most tokens that the bucket holds, and that one call may ask for. */
    public double maxTokens() {
        return maxTokens;
    }

    /** The tokens that a new bucket starts with, between 0 and {@link #maxTokens()}. */
    public double initialTokens() {
        return initialTokens;
    }

    /** How many callers may stand in line; 0 or more. */
    public int maxWaiters() {
        return maxWaiters;
    }

    /** Rates are compared per nanosecond: 10 a second and 100 every ten seconds are equal. */
    int compareRate(BucketConfig other) {
        return Double.compare(rate / periodNanos, other.rate / other.periodNanos);
    }

    BucketConfig apply(BucketUpdate update) {
        Builder builder = new Builder()
                .rate(update.rate != null ? update.rate : rate)
                .periodNanos(update.periodNanos != null ? update.periodNanos : periodNanos)
                .maxTokens(update.maxTokens != null ? update.maxTokens : maxTokens)
                .maxWaiters(update.maxWaiters != null ? update.maxWaiters : maxWaiters);
        return builder.initialTokens(Math.min(initialTokens, builder.maxTokens)).build();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BucketConfig that
                && Double.compare(rate, that.rate) == 0
                && periodNanos == that.periodNanos
                && Double.compare(maxTokens, that.maxTokens) == 0
                && Double.compare(initialTokens, that.initialTokens) == 0
                && maxWaiters == that.maxWaiters;
    }

    @Override
    public int hashCode() {
        int hash = Double.hashCode(rate);
        hash = 31 * hash + Long.hashCode(periodNanos);
        hash = 31 * hash + Double.hashCode(maxTokens);
        hash = 31 * hash + Double.hashCode(initialTokens);
        return 31 * hash + maxWaiters;
    }

    @Override
    public String toString() {
        return "BucketConfig[rate=" + rate + ", periodNanos=" + periodNanos + ", maxTokens=" + maxTokens
                + ", initialTokens=" + initialTokens + ", maxWaiters=" + maxWaiters + "]";
    }

    /** Collects and validates the parameters. Not thread-safe. */
    public static final class Builder {
        private double rate = Double.NaN;
        private long periodNanos = DEFAULT_PERIOD_NANOS;
        private double maxTokens = Double.NaN;
        private boolean maxTokensSet;
        private double initialTokens = Double.NaN;
        private boolean initialTokensSet;
        private int maxWaiters = DEFAULT_MAX_WAITERS;

        private Builder() {}

        /**
         * Sets the rate. Required.
         *
         * @param rate tokens per period; finite, greater than 0, and no more than 10<sup>12</sup> tokens a second
         */
        public Builder rate(double rate) {
            this.rate = rate;
            return this;
        }

        /**
         * Sets the period that the rate counts for; one second if not set.
         *
         * @param periodNanos nanoseconds, greater than 0
         */
        public Builder periodNanos(long periodNanos) {
            this.periodNanos = periodNanos;
            return this;
        }

        /**
         * Sets the capacity; max(rate, 1) if not set.
         *
         * @param maxTokens between 10<sup>-6</sup> and 10<sup>12</sup>, and such that filling the bucket takes at most 70 years
         */
        public Builder maxTokens(double maxTokens) {
            this.maxTokens = maxTokens;
            this.maxTokensSet = true;
            return this;
        }

        /**
         * Sets the tokens that a new bucket holds; maxTokens if not set.
         *
         * @param initialTokens between 0 and maxTokens
         */
        public Builder initialTokens(double initialTokens) {
            this.initialTokens = initialTokens;
            this.initialTokensSet = true;
            return this;
        }

        /**
         * Sets how many callers may stand in line; 10,000 if not set.
         *
         * @param maxWaiters 0 or more; 0 means that nobody waits
         */
        public Builder maxWaiters(int maxWaiters) {
            this.maxWaiters = maxWaiters;
            return this;
        }

        /**
         * Validates and builds.
         *
         * @throws IllegalArgumentException if a parameter is out of its range; the message names the parameter, the value and the range
         */
        public BucketConfig build() {
            require(rate > 0 && rate < Double.POSITIVE_INFINITY, "rate", rate, "a finite number greater than 0");
            require(periodNanos > 0, "periodNanos", periodNanos, "greater than 0");
            require(
                    rate / periodNanos * 1e9 <= MAX_TOKENS_PER_SECOND,
                    "rate",
                    rate + " per " + periodNanos + " ns",
                    "at most " + MAX_TOKENS_PER_SECOND + " tokens a second");
            double max = maxTokensSet ? maxTokens : Math.max(rate, 1);
            require(
                    max >= MIN_TOKENS && max <= MAX_TOKENS,
                    "maxTokens",
                    max,
                    "between " + MIN_TOKENS + " and " + MAX_TOKENS);
            require(
                    max * periodNanos / rate <= MAX_FILL_NANOS,
                    "maxTokens",
                    max,
                    "such that maxTokens * period / rate is at most 70 years (rate=" + rate + ", periodNanos="
                            + periodNanos + ")");
            double initial = initialTokensSet ? initialTokens : max;
            require(initial >= 0 && initial <= max, "initialTokens", initial, "between 0 and maxTokens=" + max);
            require(maxWaiters >= 0, "maxWaiters", maxWaiters, "0 or more");
            return new BucketConfig(rate, periodNanos, max, initial, maxWaiters);
        }

        private static void require(boolean ok, String parameter, Object value, String allowed) {
            if (!ok) {
                throw new IllegalArgumentException(parameter + " is " + value + "; it must be " + allowed);
            }
        }
    }
}
