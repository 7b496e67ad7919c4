package io.weir.engine.breaker;

/**
 * How long a breaker stays OPEN, from the number of times it has re-opened since it was last CLOSED. Immutable,
 * thread-safe, compared by value.
 */
public final class OpenBackoff {
    private static final OpenBackoff FIXED = new OpenBackoff(1.0, Check.MAX_NANOS);

    private final double factor;
    private final long maxNanos;

    private OpenBackoff(double factor, long maxNanos) {
        this.factor = factor;
        this.maxNanos = maxNanos;
    }

    /** Every opening lasts the recovery time. */
    public static OpenBackoff fixed() {
        return FIXED;
    }

    /**
     * The n-th re-opening in a row from HALF_OPEN lasts {@code min(recovery · factor^n, maxNanos)}; the opening from
     * CLOSED is the 0th.
     *
     * @param factor finite, from 1.0
     * @param maxNanos the cap, from 1 ns to 2^61 ns; not below the recovery time, which {@link BreakerConfig} checks
     * @throws IllegalArgumentException if a value is outside its range
     */
    public static OpenBackoff exponential(double factor, long maxNanos) {
        if (!(factor >= 1.0 && factor <= Double.MAX_VALUE)) {
            throw new IllegalArgumentException("factor must be finite and at least 1.0, but was " + factor);
        }
        return new OpenBackoff(factor, Check.nanos("maxNanos", maxNanos));
    }

    public double factor() {
        return factor;
    }

    /** The cap, in nanoseconds; 2^61 if fixed. */
    public long maxNanos() {
        return maxNanos;
    }

    /** How long the opening after {@code reopenings} re-openings lasts; saturates at the cap. */
    long openNanos(long recoveryNanos, int reopenings) {
        if (reopenings == 0 || factor == 1.0) {
            return recoveryNanos;
        }
        double nanos = recoveryNanos * Math.pow(factor, reopenings);
        return nanos >= maxNanos ? maxNanos : (long) nanos;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OpenBackoff that && factor == that.factor && maxNanos == that.maxNanos;
    }

    @Override
    public int hashCode() {
        return Double.hashCode(factor) * 31 + Long.hashCode(maxNanos);
    }

    @Override
    public String toString() {
        return factor == 1.0 ? "fixed" : "exponential(" + factor + ", max " + maxNanos + " ns)";
    }
}
