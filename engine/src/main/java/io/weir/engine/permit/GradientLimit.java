package io.weir.engine.permit;

/**
 * Follows the ratio of the usual latency to the present one: {@code gradient = tolerance · usual / now}, between 0.5 and 1, and then
 * {@code limit ← (1 − smoothing) · limit + smoothing · (gradient · limit + queue)}. The usual latency is an exponential average over many
 * windows. So the limit rests where calls take about {@code tolerance} times as long as usual, and a few more; bursts and outliers average out.
 *
 * <p>Netflix published it as {@code Gradient2Limit} in concurrency-limits. What is ours: every so many windows at the limit the usual latency is
 * measured with the limit halved ({@link RttProbe}), where the published average takes in the algorithm's own standing queue, and under a load that
 * doesn't let up the limit grows for ever; one window counts for no more than twice the usual latency, so no outlier poisons the average; and
 * dropped calls lower the gradient by half their part, as in Alizadeh et al., "Data Center TCP (DCTCP)", 2010, where the published form doesn't see
 * them. Immutable, thread-safe.
 */
public final class GradientLimit implements LimitAlgorithm {
    private static final double TOLERANCE = 1.05;
    private static final double QUEUE = 4;
    private static final double SMOOTHING = 0.2;
    private static final int LONG_WINDOWS = 600;
    private static final int PROBE_WINDOWS = 60;

    private static final double LEAST_GRADIENT = 0.5;
    private static final double OUTLIER = 2; // times the usual latency
    private static final double RECOVERED = 2; // usual latency to present one: the average is of a time of overload
    private static final double RECOVERY = 0.95;

    private static final int USUAL = RttProbe.MEMORY; // nanoseconds
    private static final int AVERAGED = USUAL + 1; // windows in it

    private final double tolerance;
    private final double queue;
    private final double smoothing;
    private final int longWindows;
    private final RttProbe probe;

    /**
     * Tolerance 1.05, queue 4, smoothing 0.2, an average over 600 windows, measured every 60 windows. All but the first and the last are the
     * published defaults; the published tolerance is 1.5, with which a service under steady load is half as slow again as it need be.
     */
    public GradientLimit() {
        this(TOLERANCE, QUEUE, SMOOTHING, LONG_WINDOWS, PROBE_WINDOWS);
    }

    /** The defaults with another tolerance. */
    public GradientLimit(double tolerance) {
        this(tolerance, QUEUE, SMOOTHING, LONG_WINDOWS, PROBE_WINDOWS);
    }

    /**
     * With values of one's own.
     *
     * @param tolerance how many times the usual latency is still well, 1 to 100
     * @param queue by how much the limit tries to grow a window, before smoothing; more than 0, at most 1,000,000
     * @param smoothing the weight of a window's limit against the one before, more than 0, at most 1
     * @param longWindows the windows that the usual latency is averaged over, 1 to 1,000,000
     * @param probeWindows after how many windows at the limit the usual latency is measured anew; 0 for never
     */
    public GradientLimit(double tolerance, double queue, double smoothing, int longWindows, int probeWindows) {
        if (!(tolerance >= 1 && tolerance <= 100)) {
            throw new IllegalArgumentException("tolerance is " + tolerance + "; it must be between 1 and 100");
        }
        if (!(queue > 0 && queue <= 1_000_000)) {
            throw new IllegalArgumentException("queue is " + queue + "; it must be more than 0 and at most 1000000");
        }
        if (!(smoothing > 0 && smoothing <= 1)) {
            throw new IllegalArgumentException("smoothing is " + smoothing + "; it must be more than 0 and at most 1");
        }
        if (longWindows < 1 || longWindows > 1_000_000) {
            throw new IllegalArgumentException("longWindows is " + longWindows + "; it must be between 1 and 1000000");
        }
        this.tolerance = tolerance;
        this.queue = queue;
        this.smoothing = smoothing;
        this.longWindows = longWindows;
        this.probe = new RttProbe(probeWindows);
    }

    @Override
    public double next(double limit, LimitWindow window, double[] memory) {
        double probing = probe.next(limit, window, memory);
        if (probing > 0) {
            if (RttProbe.noLoad(memory) > 0) {
                memory[USUAL] = RttProbe.noLoad(memory);
            }
            return probing;
        }
        double now = window.averageRttNanos();
        double usual = window.samples() == 0 ? memory[USUAL] : average(now, memory);
        double gradient = window.samples() == 0 ? 1 : Math.min(1, tolerance * usual / now);
        gradient = Math.max(LEAST_GRADIENT, gradient * (1 - window.dropRatio() / 2));
        double room = window.samples() == 0 ? 0 : queue;
        return (1 - smoothing) * limit + smoothing * (gradient * limit + room);
    }

    /** The usual latency, this window's taken in. */
    private double average(double now, double[] memory) {
        double usual = memory[USUAL];
        if (usual == 0) {
            usual = now;
        } else {
            if (usual / now > RECOVERED) {
                usual *= RECOVERY;
            }
            double weight = Math.max(2.0 / (longWindows + 1), 1 / (memory[AVERAGED] + 1));
            usual += (Math.min(now, OUTLIER * usual) - usual) * weight;
        }
        memory[AVERAGED] = Math.min(memory[AVERAGED] + 1, longWindows);
        memory[USUAL] = usual;
        return usual;
    }

    @Override
    public int memorySize() {
        return AVERAGED + 1;
    }

    @Override
    public String toString() {
        return "GradientLimit[tolerance=" + tolerance + ", queue=" + queue + ", smoothing=" + smoothing
                + ", longWindows=" + longWindows + ", probeWindows=" + probe.everyWindows() + "]";
    }
}
