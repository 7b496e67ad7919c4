package io.weir.engine.permit;

/**
 * Holds the queue that these calls build up in the service between two numbers. The queue is estimated as
 * {@code limit · (1 − latency without load / latency now)}; below {@code alpha} the limit grows, above {@code beta} it shrinks, by the decimal
 * logarithm of itself (at least 1); without any queue it grows by {@code beta} at once.
 *
 * <p>Brakmo and Peterson, "TCP Vegas: End to End Congestion Avoidance on a Global Internet", 1995; in the form that Netflix published as
 * {@code VegasLimit} in concurrency-limits. What is ours: latencies are averages of windows (a least one says nothing where the service's own
 * times vary), and the latency without load is measured anew every so many windows with the limit halved ({@link RttProbe}), where the published
 * form takes any sample for it, its own queue included. Immutable, thread-safe.
 */
public final class VegasLimit implements LimitAlgorithm {
    private static final double ALPHA = 3;
    private static final double BETA = 6;
    private static final int PROBE_WINDOWS = 60;

    private final double alpha;
    private final double beta;
    private final RttProbe probe;

    /** The published defaults: a queue of 3 to 6; measured every 60 windows. */
    public VegasLimit() {
        this(ALPHA, BETA, PROBE_WINDOWS);
    }

    /**
     * With values of one's own.
     *
     * @param alpha the queue below which the limit grows, 0 to 1,000,000
     * @param beta the queue above which it shrinks, alpha to 1,000,000
     * @param probeWindows after how many windows at the limit the latency without load is measured anew; 0 for never
     */
    public VegasLimit(double alpha, double beta, int probeWindows) {
        if (!(alpha >= 0 && alpha <= 1_000_000)) {
            throw new IllegalArgumentException("alpha is " + alpha + "; it must be between 0 and 1000000");
        }
        if (!(beta >= alpha && beta <= 1_000_000)) {
            throw new IllegalArgumentException(
                    "beta is " + beta + "; it must be between alpha, " + alpha + ", and 1000000");
        }
        this.alpha = alpha;
        this.beta = beta;
        this.probe = new RttProbe(probeWindows);
    }

    @Override
    public double next(double limit, LimitWindow window, double[] memory) {
        double probing = probe.next(limit, window, memory);
        if (probing > 0) {
            return probing;
        }
        double now = window.averageRttNanos();
        if (window.samples() > 0) {
            if (RttProbe.noLoad(memory) == 0 || !window.uses(limit)) {
                RttProbe.learn(now, window.samples(), memory);
            } else {
                RttProbe.learnIfFaster(window, memory);
            }
        }
        double step = Math.max(1, Math.log10(limit));
        if (window.drops() > 0) {
            return limit - step;
        }
        double queue = limit * (1 - RttProbe.noLoad(memory) / now);
        if (queue > beta) {
            return limit - step;
        }
        if (queue >= alpha) {
            return limit;
        }
        return limit + (queue > 0 ? step : Math.max(step, beta));
    }

    @Override
    public int memorySize() {
        return RttProbe.MEMORY;
    }

    @Override
    public String toString() {
        return "VegasLimit[alpha=" + alpha + ", beta=" + beta + ", probeWindows=" + probe.everyWindows() + "]";
    }
}
