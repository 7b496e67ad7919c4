package io.weir.engine.breaker;

/**
 * How long a breaker stays OPEN, from the number of times it has re-opened since it was last CLOSED. Immutable,
 * thread-safe, compared by value.
 */
public final class OpenBackoff {
    private static final OpenBackoff FIXED = new OpenBackoff(1.0, Check.MAX_NANOS, 0.0);
    private static final double UNIT = 0x1.0p-53;

    private final double factor;
    private final long maxNanos;
    private final double jitter;

    private OpenBackoff(double factor, long maxNanos, double jitter) {
        this.factor = factor;
        this.maxNanos = maxNanos;
        this.jitter = jitter;
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
        return new OpenBackoff(factor, Check.nanos("maxNanos", maxNanos), 0.0);
    }

    /**
     * The same, with each opening (the one from CLOSED, too) multiplied by a random number from 1 − jitter to 1 +
     * jitter, so that many breakers before one service don't try it at the same moment. Before that it is capped at
     * {@code maxNanos / (1 + jitter)}: the cap holds, and those that have reached it are spread as well.
     *
     * @param jitter from 0.0, which is none, to below 1.0
     * @throws IllegalArgumentException if out of range
     */
    public OpenBackoff jitter(double jitter) {
        if (!(jitter >= 0.0 && jitter < 1.0)) {
            throw new IllegalArgumentException("jitter must be from 0.0 to below 1.0, but was " + jitter);
        }
        return new OpenBackoff(factor, maxNanos, jitter);
    }

    public double factor() {
        return factor;
    }

    /** The cap, in nanoseconds; 2^61 if fixed. */
    public long maxNanos() {
        return maxNanos;
    }

    /** How much of the open time is random, on either side. */
    public double jitter() {
        return jitter;
    }

    /**
     * How long the opening after {@code reopenings} re-openings lasts; saturates at the cap.
     *
     * @param random any 64 bits; the jitter is a pure function of them
     */
    long openNanos(long recoveryNanos, int reopenings, long random) {
        double nanos = recoveryNanos;
        if (reopenings != 0 && factor != 1.0) {
            nanos *= Math.pow(factor, reopenings);
        } else if (jitter == 0.0) {
            return recoveryNanos; // exact also where a double isn't
        }
        if (jitter != 0.0) {
            double between0And1 = (mixed(random) >>> 11) * UNIT;
            nanos = Math.min(nanos, maxNanos / (1 + jitter)) * (1 - jitter + 2 * jitter * between0And1);
        }
        return nanos >= maxNanos ? maxNanos : Math.max(1, (long) nanos);
    }

    /** The finalizer of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). */
    private static long mixed(long bits) {
        long z = bits * 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OpenBackoff that
                && factor == that.factor
                && maxNanos == that.maxNanos
                && jitter == that.jitter;
    }

    @Override
    public int hashCode() {
        return (Double.hashCode(factor) * 31 + Long.hashCode(maxNanos)) * 31 + Double.hashCode(jitter);
    }

    @Override
    public String toString() {
        String growth = factor == 1.0 ? "fixed" : "exponential(" + factor + ", max " + maxNanos + " ns)";
        return jitter == 0.0 ? growth : growth + ".jitter(" + jitter + ")";
    }
}
