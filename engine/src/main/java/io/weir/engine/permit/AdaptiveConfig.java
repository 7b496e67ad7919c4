package io.weir.engine.permit;

import java.util.Objects;

/** What {@link AdaptivePermits} are told when they are made. Immutable, thread-safe. */
public final class AdaptiveConfig {
    private static final AdaptiveConfig DEFAULT = builder().build();

    private final LimitAlgorithm algorithm;
    private final int initial;
    private final int min;
    private final int max;
    private final int maxWaiters;
    private final long windowNanos;
    private final int minCalls;

    private AdaptiveConfig(Builder builder) {
        algorithm = builder.algorithm;
        initial = builder.initial;
        min = builder.min;
        max = builder.max;
        maxWaiters = builder.maxWaiters;
        windowNanos = builder.windowNanos;
        minCalls = builder.minCalls;
    }

    /** All defaults. */
    public static AdaptiveConfig defaults() {
        return DEFAULT;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** A builder that begins with this one's values. */
    public Builder toBuilder() {
        return new Builder()
                .algorithm(algorithm)
                .initial(initial)
                .min(min)
                .max(max)
                .maxWaiters(maxWaiters)
                .windowNanos(windowNanos)
                .minCalls(minCalls);
    }

    public LimitAlgorithm algorithm() {
        return algorithm;
    }

    public int initial() {
        return initial;
    }

    public int min() {
        return min;
    }

    public int max() {
        return max;
    }

    public int maxWaiters() {
        return maxWaiters;
    }

    public long windowNanos() {
        return windowNanos;
    }

    public int minCalls() {
        return minCalls;
    }

    @Override
    public String toString() {
        return "AdaptiveConfig[algorithm=" + algorithm + ", initial=" + initial + ", min=" + min + ", max=" + max
                + ", maxWaiters=" + maxWaiters + ", windowNanos=" + windowNanos + ", minCalls=" + minCalls + "]";
    }

    /** Collects and checks the values. Not thread-safe. Every setter throws IllegalArgumentException for a value out of its range. */
    public static final class Builder {
        private LimitAlgorithm algorithm = new GradientLimit();
        private int initial = 20;
        private int min = 1;
        private int max = 1_000;
        private int maxWaiters;
        private long windowNanos = 1_000_000_000L;
        private int minCalls = 10;

        private Builder() {}

        /** What computes the limit; a {@link GradientLimit} unless set. */
        public Builder algorithm(LimitAlgorithm value) {
            Objects.requireNonNull(value, "algorithm");
            range("algorithm's memorySize", value.memorySize(), 0, 1_000);
            algorithm = value;
            return this;
        }

        /** The limit to begin with, from min to max; 20 unless set. */
        public Builder initial(int value) {
            initial = (int) range("initial", value, 1, Integer.MAX_VALUE);
            return this;
        }

        /** The least limit, 1 or more; 1 unless set. */
        public Builder min(int value) {
            min = (int) range("min", value, 1, Integer.MAX_VALUE);
            return this;
        }

        /** The largest limit, min or more; 1,000 unless set. */
        public Builder max(int value) {
            max = (int) range("max", value, 1, Integer.MAX_VALUE);
            return this;
        }

        /** How many callers may stand in line, 0 or more; 0 unless set. */
        public Builder maxWaiters(int value) {
            maxWaiters = (int) range("maxWaiters", value, 0, Integer.MAX_VALUE);
            return this;
        }

        /** How long a window lasts at least, from 1,000 ns to 2^40 ns (18 minutes); 1 s unless set. */
        public Builder windowNanos(long value) {
            windowNanos = range("windowNanos", value, 1_000, 1L << 40);
            return this;
        }

        /** How many calls a window holds at least, from 1 to 32,768; 10 unless set. */
        public Builder minCalls(int value) {
            minCalls = (int) range("minCalls", value, 1, LatencyWindow.MAX_SAMPLES);
            return this;
        }

        /** Throws IllegalArgumentException unless min ≤ initial ≤ max. */
        public AdaptiveConfig build() {
            if (max < min) {
                throw new IllegalArgumentException("max is " + max + "; it must be at least min, " + min);
            }
            range("initial", initial, min, max);
            return new AdaptiveConfig(this);
        }

        private static long range(String name, long value, long least, long most) {
            if (value < least || value > most) {
                throw new IllegalArgumentException(
                        name + " is " + value + "; it must be between " + least + " and " + most);
            }
            return value;
        }
    }
}
