package io.weir.engine.breaker;

/** When a CLOSED breaker's outcomes open it. Immutable, thread-safe, compared by value. */
public final class DetectorConfig {
    /** The shortest time window: a slice then is a millisecond. */
    public static final long MIN_WINDOW_NANOS = 10_000_000L;

    /** The longest time window, an hour. */
    public static final long MAX_WINDOW_NANOS = 3_600_000_000_000L;

    private enum Kind {
        CONSECUTIVE,
        CUMULATIVE,
        COUNT_WINDOW,
        TIME_WINDOW
    }

    private static final DetectorConfig DEFAULT = consecutive(5);

    private final Kind kind;

    /** A number of failures, a number of calls, or nanoseconds. */
    private final long extent;

    private final int minimumCalls;
    private final double failureRate;
    private final long slowCallNanos;
    private final double slowCallRate;

    private DetectorConfig(
            Kind kind, long extent, int minimumCalls, double failureRate, long slowCallNanos, double slowCallRate) {
        this.kind = kind;
        this.extent = extent;
        this.minimumCalls = minimumCalls;
        this.failureRate = failureRate;
        this.slowCallNanos = slowCallNanos;
        this.slowCallRate = slowCallRate;
    }

    /** {@code consecutive(5)}. */
    public static DetectorConfig defaults() {
        return DEFAULT;
    }

    /**
     * Opens at so many failures in a row; a success begins the row anew.
     *
     * @param failures from 1 to 2^30
     * @throws IllegalArgumentException if out of range
     */
    public static DetectorConfig consecutive(int failures) {
        return new DetectorConfig(Kind.CONSECUTIVE, checked(failures), 0, 0, Long.MAX_VALUE, Double.POSITIVE_INFINITY);
    }

    /**
     * Opens at so many failures since the breaker was last closed; successes change nothing.
     *
     * @param failures from 1 to 2^30
     * @throws IllegalArgumentException if out of range
     */
    public static DetectorConfig cumulative(int failures) {
        return new DetectorConfig(Kind.CUMULATIVE, checked(failures), 0, 0, Long.MAX_VALUE, Double.POSITIVE_INFINITY);
    }

    private static int checked(int failures) {
        return (int) Check.range("failures", failures, 1, 1 << 30);
    }

    /**
     * Opens when, of the last {@code size} outcomes, at least the share {@code failureRate} are failures. Judged after
     * every outcome, also a success, once there are {@code minimumCalls}. Exact: the outcomes are those of one order of
     * all recordings. Takes 8 bytes an outcome and at most 400 more.
     *
     * @param size from 1 to 1,000,000
     * @param failureRate greater than 0.0, at most 1.0
     * @param minimumCalls from 1 to {@code size}
     * @throws IllegalArgumentException if out of range
     */
    public static DetectorConfig countWindow(int size, double failureRate, int minimumCalls) {
        Check.range("size", size, 1, CountWindow.MAX_SIZE);
        Check.rate("failureRate", failureRate);
        Check.range("minimumCalls", minimumCalls, 1, size);
        return new DetectorConfig(
                Kind.COUNT_WINDOW, size, minimumCalls, failureRate, Long.MAX_VALUE, Double.POSITIVE_INFINITY);
    }

    /**
     * Opens when, of the outcomes of the last {@code durationNanos}, at least the share {@code failureRate} are
     * failures. Judged after every outcome, also a success, once there are {@code minimumCalls}.
     *
     * <p>The window moves in ten slices, so it covers between nine tenths and the whole of its duration (to ten
     * nanoseconds), by the breaker's clock: one that steps back makes it cover longer by the step. A judgement may miss
     * an outcome whose thread stalled across the end of a slice between reading the clock and counting, for at most one
     * more slice. Takes about 2 kB, and once threads collide on its striped counters up to 10 kB more a processor,
     * however many calls there are.
     *
     * @param durationNanos from 10 ms to 1 h
     * @param failureRate greater than 0.0, at most 1.0
     * @param minimumCalls from 1 to 2^30
     * @throws IllegalArgumentException if out of range
     */
    public static DetectorConfig timeWindow(long durationNanos, double failureRate, int minimumCalls) {
        Check.range("durationNanos", durationNanos, MIN_WINDOW_NANOS, MAX_WINDOW_NANOS);
        Check.rate("failureRate", failureRate);
        Check.range("minimumCalls", minimumCalls, 1, 1 << 30);
        return new DetectorConfig(
                Kind.TIME_WINDOW, durationNanos, minimumCalls, failureRate, Long.MAX_VALUE, Double.POSITIVE_INFINITY);
    }

    /**
     * The same window, which also opens when at least the share {@code slowCallRate} of its outcomes, successes and
     * failures, took {@code slowCallNanos} or longer. An outcome of unknown duration isn't slow.
     *
     * @param slowCallNanos from 1 ns to 2^61 ns
     * @param slowCallRate greater than 0.0, at most 1.0
     * @throws IllegalArgumentException if out of range, or this is not a window
     */
    public DetectorConfig slowCalls(long slowCallNanos, double slowCallRate) {
        Check.nanos("slowCallNanos", slowCallNanos);
        Check.rate("slowCallRate", slowCallRate);
        if (!isWindow()) {
            throw new IllegalArgumentException("slowCalls must be of a count or time window, but was of " + this);
        }
        return new DetectorConfig(kind, extent, minimumCalls, failureRate, slowCallNanos, slowCallRate);
    }

    /**
     * The same window, judged from so many outcomes on.
     *
     * @param calls from 1 to 2^30, and at most a count window's size
     * @throws IllegalArgumentException if out of range, or this is not a window
     */
    public DetectorConfig minimumCalls(int calls) {
        if (!isWindow()) {
            throw new IllegalArgumentException("minimumCalls must be of a count or time window, but was of " + this);
        }
        Check.range("minimumCalls", calls, 1, kind == Kind.COUNT_WINDOW ? extent : 1 << 30);
        return new DetectorConfig(kind, extent, calls, failureRate, slowCallNanos, slowCallRate);
    }

    private boolean isWindow() {
        return kind == Kind.COUNT_WINDOW || kind == Kind.TIME_WINDOW;
    }

    /** Whether outcomes' durations are judged, so that a caller should measure them. */
    public boolean judgesDuration() {
        return slowCallNanos != Long.MAX_VALUE;
    }

    /** From how long on a call is slow, in nanoseconds; {@link Long#MAX_VALUE} if that isn't judged. */
    public long slowCallNanos() {
        return slowCallNanos;
    }

    FailureDetector newDetector() {
        return switch (kind) {
            case CONSECUTIVE -> new ConsecutiveDetector((int) extent);
            case CUMULATIVE -> new CumulativeDetector((int) extent);
            case COUNT_WINDOW -> new CountWindow((int) extent, limits());
            case TIME_WINDOW -> new TimeWindow(extent, limits());
        };
    }

    private WindowLimits limits() {
        return new WindowLimits(minimumCalls, failureRate, slowCallNanos, slowCallRate);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DetectorConfig that
                && kind == that.kind
                && extent == that.extent
                && minimumCalls == that.minimumCalls
                && Double.compare(failureRate, that.failureRate) == 0
                && slowCallNanos == that.slowCallNanos
                && Double.compare(slowCallRate, that.slowCallRate) == 0;
    }

    @Override
    public int hashCode() {
        int hash = kind.hashCode() * 31 + Long.hashCode(extent);
        hash = 31 * hash + minimumCalls;
        hash = 31 * hash + Double.hashCode(failureRate);
        hash = 31 * hash + Long.hashCode(slowCallNanos);
        return 31 * hash + Double.hashCode(slowCallRate);
    }

    @Override
    public String toString() {
        String slow = judgesDuration() ? ", slow from " + slowCallNanos + " ns at rate " + slowCallRate : "";
        return switch (kind) {
            case CONSECUTIVE -> "consecutive(" + extent + ")";
            case CUMULATIVE -> "cumulative(" + extent + ")";
            case COUNT_WINDOW -> "countWindow(" + extent + " calls, " + rates() + slow + ")";
            case TIME_WINDOW -> "timeWindow(" + extent + " ns, " + rates() + slow + ")";
        };
    }

    private String rates() {
        return "failures at rate " + failureRate + " of at least " + minimumCalls;
    }
}
