package io.weir.breaker;

import io.weir.engine.breaker.DetectorConfig;

/** When a closed breaker opens. Immutable. */
public final class FailureDetection {
    private final DetectorConfig config;

    private FailureDetection(DetectorConfig config) {
        this.config = config;
    }

    /**
     * Opens after so many failures in a row; a success starts the count anew.
     *
     * @param failures at least 1
     */
    public static FailureDetection consecutive(int failures) {
        return new FailureDetection(DetectorConfig.consecutive(failures));
    }

    /**
     * Opens after so many failures since it closed, whatever succeeds in between.
     *
     * @param failures at least 1
     */
    public static FailureDetection cumulative(int failures) {
        return new FailureDetection(DetectorConfig.cumulative(failures));
    }

    DetectorConfig config() {
        return config;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FailureDetection that && that.config.equals(config);
    }

    @Override
    public int hashCode() {
        return config.hashCode();
    }

    @Override
    public String toString() {
        return config.toString();
    }
}
