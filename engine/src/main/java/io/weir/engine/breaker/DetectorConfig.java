package io.weir.engine.breaker;

/** When a CLOSED breaker's outcomes open it. Immutable, thread-safe, compared by value. */
public final class DetectorConfig {
    private enum Kind {
        CONSECUTIVE,
        CUMULATIVE
    }

    private static final DetectorConfig DEFAULT = consecutive(5);

    private final Kind kind;
    private final int failures;

    private DetectorConfig(Kind kind, int failures) {
        this.kind = kind;
        this.failures = failures;
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
        return new DetectorConfig(Kind.CONSECUTIVE, checked(failures));
    }

    /**
     * Opens at so many failures since the breaker was last closed; successes change nothing.
     *
     * @param failures from 1 to 2^30
     * @throws IllegalArgumentException if out of range
     */
    public static DetectorConfig cumulative(int failures) {
        return new DetectorConfig(Kind.CUMULATIVE, checked(failures));
    }

    private static int checked(int failures) {
        return (int) Check.range("failures", failures, 1, 1 << 30);
    }

    /** Whether outcomes' durations are judged, so that a caller should measure them. */
    public boolean judgesDuration() {
        return false;
    }

    /** From how long on a call is slow, in nanoseconds; {@link Long#MAX_VALUE} if that isn't judged. */
    long slowCallNanos() {
        return Long.MAX_VALUE;
    }

    FailureDetector newDetector() {
        return kind == Kind.CONSECUTIVE ? new ConsecutiveDetector(failures) : new CumulativeDetector(failures);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DetectorConfig that && kind == that.kind && failures == that.failures;
    }

    @Override
    public int hashCode() {
        return kind.hashCode() * 31 + failures;
    }

    @Override
    public String toString() {
        return (kind == Kind.CONSECUTIVE ? "consecutive(" : "cumulative(") + failures + ")";
    }
}
