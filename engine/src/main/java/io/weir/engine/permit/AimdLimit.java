package io.weir.engine.permit;

/**
 * Additive increase, multiplicative decrease: one more after each window in which all went well, a tenth less after one in which a call was dropped
 * or the average latency was above a threshold. Loss is its only signal, so where nothing is dropped the threshold must be set to a latency
 * that the service has only under overload; it then swings between the limit that reaches it and a tenth below.
 *
 * <p>Chiu and Jain, "Analysis of the Increase and Decrease Algorithms for Congestion Avoidance in Computer Networks", 1989; in the form that
 * Netflix published as {@code AIMDLimit} in concurrency-limits. Immutable, thread-safe.
 */
public final class AimdLimit implements LimitAlgorithm {
    private static final double BACKOFF = 0.9;
    private static final long LATENCY_NANOS = 5_000_000_000L;

    private final double backoffRatio;
    private final long latencyNanos;

    /** The published defaults: a ratio of 0.9, a threshold of 5 s. */
    public AimdLimit() {
        this(BACKOFF, LATENCY_NANOS);
    }

    /**
     * With values of one's own.
     *
     * @param backoffRatio by which the limit is multiplied after a drop, from 0.5 to below 1
     * @param latencyNanos the average latency above which a window counts as one with a drop, in nanoseconds, 1 or more
     */
    public AimdLimit(double backoffRatio, long latencyNanos) {
        if (!(backoffRatio >= 0.5 && backoffRatio < 1)) {
            throw new IllegalArgumentException(
                    "backoffRatio is " + backoffRatio + "; it must be at least 0.5 and below 1");
        }
        if (latencyNanos < 1) {
            throw new IllegalArgumentException("latencyNanos is " + latencyNanos + "; it must be 1 or more");
        }
        this.backoffRatio = backoffRatio;
        this.latencyNanos = latencyNanos;
    }

    @Override
    public double next(double limit, LimitWindow window, double[] memory) {
        if (window.drops() > 0 || window.samples() > 0 && window.averageRttNanos() > latencyNanos) {
            return limit * backoffRatio;
        }
        return limit + 1;
    }

    @Override
    public int memorySize() {
        return 0;
    }

    @Override
    public String toString() {
        return "AimdLimit[backoffRatio=" + backoffRatio + ", latencyNanos=" + latencyNanos + "]";
    }
}
