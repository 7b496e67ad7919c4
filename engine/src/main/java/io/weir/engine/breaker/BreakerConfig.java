package io.weir.engine.breaker;

/** What a {@link Breaker} is told when it is made. Immutable, thread-safe, compared by value. */
public final class BreakerConfig {
    private static final BreakerConfig DEFAULT = builder().build();

    private final DetectorConfig detection;
    private final long recoveryNanos;
    private final OpenBackoff openBackoff;
    private final int halfOpenMaxCalls;
    private final int halfOpenSuccessThreshold;
    private final long trialTimeoutNanos;
    private final boolean metrics;

    private BreakerConfig(Builder builder) {
        detection = builder.detection;
        recoveryNanos = builder.recoveryNanos;
        openBackoff = builder.openBackoff;
        halfOpenMaxCalls = builder.halfOpenMaxCalls;
        halfOpenSuccessThreshold = builder.halfOpenSuccessThreshold;
        trialTimeoutNanos = builder.trialTimeoutNanos;
        metrics = builder.metrics;
    }

    /** All defaults. */
    public static BreakerConfig defaults() {
        return DEFAULT;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** A builder that begins with this one's values. */
    public Builder toBuilder() {
        return new Builder()
                .detection(detection)
                .recoveryNanos(recoveryNanos)
                .openBackoff(openBackoff)
                .halfOpenMaxCalls(halfOpenMaxCalls)
                .halfOpenSuccessThreshold(halfOpenSuccessThreshold)
                .trialTimeoutNanos(trialTimeoutNanos)
                .metrics(metrics);
    }

    public DetectorConfig detection() {
        return detection;
    }

    public long recoveryNanos() {
        return recoveryNanos;
    }

    public OpenBackoff openBackoff() {
        return openBackoff;
    }

    public int halfOpenMaxCalls() {
        return halfOpenMaxCalls;
    }

    public int halfOpenSuccessThreshold() {
        return halfOpenSuccessThreshold;
    }

    public long trialTimeoutNanos() {
        return trialTimeoutNanos;
    }

    public boolean metrics() {
        return metrics;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BreakerConfig that
                && detection.equals(that.detection)
                && recoveryNanos == that.recoveryNanos
                && openBackoff.equals(that.openBackoff)
                && halfOpenMaxCalls == that.halfOpenMaxCalls
                && halfOpenSuccessThreshold == that.halfOpenSuccessThreshold
                && trialTimeoutNanos == that.trialTimeoutNanos
                && metrics == that.metrics;
    }

    @Override
    public int hashCode() {
        int hash = detection.hashCode();
        hash = 31 * hash + Long.hashCode(recoveryNanos);
        hash = 31 * hash + openBackoff.hashCode();
        hash = 31 * hash + halfOpenMaxCalls;
        hash = 31 * hash + halfOpenSuccessThreshold;
        hash = 31 * hash + Long.hashCode(trialTimeoutNanos);
        return 31 * hash + Boolean.hashCode(metrics);
    }

    @Override
    public String toString() {
        return "BreakerConfig[detection=" + detection + ", recoveryNanos=" + recoveryNanos + ", openBackoff="
                + openBackoff
                + ", halfOpenMaxCalls=" + halfOpenMaxCalls + ", halfOpenSuccessThreshold=" + halfOpenSuccessThreshold
                + ", trialTimeoutNanos=" + trialTimeoutNanos + ", metrics=" + metrics + "]";
    }

    /**
     * Collects and checks the values. Not thread-safe. Every setter throws IllegalArgumentException for a value out of
     * its range.
     */
    public static final class Builder {
        private DetectorConfig detection = DetectorConfig.defaults();
        private long recoveryNanos = 30_000_000_000L;
        private OpenBackoff openBackoff = OpenBackoff.fixed();
        private int halfOpenMaxCalls = 1;
        private int halfOpenSuccessThreshold = 1;
        private long trialTimeoutNanos = 60_000_000_000L;
        private boolean metrics = true;

        private Builder() {}

        /** What opens it; 5 failures in a row unless set. */
        public Builder detection(DetectorConfig value) {
            detection = value;
            return this;
        }

        /** How long it stays OPEN before a trial, from 1 ns to 2^61 ns; 30 s unless set. */
        public Builder recoveryNanos(long value) {
            recoveryNanos = Check.nanos("recoveryNanos", value);
            return this;
        }

        /** How the open time grows with re-openings in a row; fixed unless set. */
        public Builder openBackoff(OpenBackoff value) {
            openBackoff = value;
            return this;
        }

        /** Trial calls in flight at once in HALF_OPEN, from 1 to 32; 1 unless set. */
        public Builder halfOpenMaxCalls(int value) {
            halfOpenMaxCalls = (int) Check.range("halfOpenMaxCalls", value, 1, Permits.MAX_SLOTS);
            return this;
        }

        /** Successful trials that close it, from 1 to 2^30; 1 unless set. */
        public Builder halfOpenSuccessThreshold(int value) {
            halfOpenSuccessThreshold = (int) Check.range("halfOpenSuccessThreshold", value, 1, 1 << 30);
            return this;
        }

        /** After how long a trial that has not reported counts as a failure, from 1 ns to 2^61 ns; 60 s unless set. */
        public Builder trialTimeoutNanos(long value) {
            trialTimeoutNanos = Check.nanos("trialTimeoutNanos", value);
            return this;
        }

        /** Whether outcomes and refusals are counted; true unless set. The breaker's behaviour doesn't depend on it. */
        public Builder metrics(boolean value) {
            metrics = value;
            return this;
        }

        /** Throws IllegalArgumentException if the back-off's cap is below the recovery time. */
        public BreakerConfig build() {
            if (openBackoff.maxNanos() < recoveryNanos) {
                throw new IllegalArgumentException("openBackoff's maxNanos must be at least recoveryNanos ("
                        + recoveryNanos + "), but was " + openBackoff.maxNanos());
            }
            return new BreakerConfig(this);
        }
    }
}
