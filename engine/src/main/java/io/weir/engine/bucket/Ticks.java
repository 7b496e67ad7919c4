package io.weir.engine.bucket;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/**
 * The arithmetic of one configuration: tokens and nanoseconds to ticks and back. Immutable.
 *
 * <p>A tick is 2<sup>-bits</sup> of a token, so whole tokens (and halves, quarters…) cost an exact number of ticks, and what rounding there
 * is happens where time becomes ticks, where it doesn't add up from grant to grant.
 */
final class Ticks {
    /*
     * Ranges. Let H = 2^63 ticks be the horizon.
     *
     *   bits        20..40: as fine as capacity and horizon allow, and never coarser than 2^-20 < 10^-6 token
     *   burst       <= H/8: 10^12 tokens of 2^20 ticks are 0.91 * 2^60
     *   elapsed     <  H/8, since an older cell is replaced (freshNanos); also < 2^60 ns (36 years), as slow rates never get to H/8
     *   debt        <= H/8 where a reservation makes it; carried to a successor at the same or a coarser scale, so <= H/8 there too
     *
     * TAT therefore stays within [-H/8, H/4], which leaves the word its FROZEN bit, and no difference of two such values wraps. A cell that
     * nobody touched for 3/4 H is full: H/4 + H/8 is what is needed. In nanoseconds the same holds with 2^63 ns as the horizon: filling
     * takes at most 70 years and debt lasts at most 2^61 ns (73 years), and 36 + 73 + 70 years are less than 3/4 of 292.
     *
     * ticksAt multiplies by a 63-bit fraction that is rounded up, so that a token is there at its exact nanosecond, not one later. Its
     * error is below 2^60 * 2^-62 = 1/4 tick within the life of a cell; with the rounding down to whole ticks the bound of the bucket is
     * exact to one tick. nanosAt is its inverse: the first nanosecond at which ticksAt has arrived, rounded up by a hair at most.
     */

    static final int MIN_BITS = 20;
    static final int MAX_BITS = 40;

    /** The most ticks that a burst, a cell's age, or a reservation's debt may have: an eighth of the horizon. */
    static final long EIGHTH = 1L << 60;

    /** The longest wait, in nanoseconds, that a reservation may be told. */
    static final long MAX_DEBT_NANOS = 1L << 61;

    private static final long FINEST_FRESH_NANOS =
            1L << 40; // a cell should live 18 minutes at least, if 20 bits allow it

    final int bits;
    final double perToken;
    final long burst;
    final long freshNanos;
    final long multiplier;
    final int shift;

    private final long fullNanos;
    private final double nanosPerTick;
    private final long inverse;
    private final int inverseShift;

    /**
     * Chooses the scale for a configuration.
     *
     * @param heldTokens the amount, of tokens or of debt, that has to be representable beside maxTokens
     */
    static Ticks of(BucketConfig config, double heldTokens) {
        double widest = Math.max(config.maxTokens(), heldTokens);
        double perNano = config.rate() / config.periodNanos();
        int bits = MAX_BITS;
        while (bits > MIN_BITS
                && (widest * power(bits) > EIGHTH || perNano * power(bits) > (double) EIGHTH / FINEST_FRESH_NANOS)) {
            bits--;
        }
        return new Ticks(config, bits);
    }

    private Ticks(BucketConfig config, int bits) {
        this.bits = bits;
        this.perToken = power(bits);
        this.burst = (long) Math.floor(config.maxTokens() * perToken);
        double ticksPerNano = config.rate() * perToken / config.periodNanos();
        this.nanosPerTick = 1 / ticksPerNano;
        this.freshNanos = (long) Math.max(2, Math.min((double) EIGHTH, Math.floor(EIGHTH / ticksPerNano)));
        this.fullNanos = 6 * freshNanos;

        // Exact, as these are made once for a configuration: ticks per nanosecond are numerator / denominator.
        BigDecimal numerator = new BigDecimal(config.rate()).multiply(new BigDecimal(BigInteger.ONE.shiftLeft(bits)));
        BigDecimal denominator = BigDecimal.valueOf(config.periodNanos());
        int up = Math.max(0, Math.getExponent(ticksPerNano) + 2);
        BigInteger factor = scaled(numerator, denominator, 64 - up, RoundingMode.CEILING);
        if (factor.bitLength() > 63) { // the double was rounded below a power of two
            up++;
            factor = scaled(numerator, denominator, 64 - up, RoundingMode.CEILING);
        }
        this.shift = up;
        this.multiplier = factor.longValueExact();
        int down = 62 + Math.getExponent(ticksPerNano);
        BigInteger back = scaled(denominator, numerator, down, RoundingMode.FLOOR);
        while (back.bitLength() > 63) {
            back = scaled(denominator, numerator, --down, RoundingMode.FLOOR);
        }
        this.inverse = back.longValueExact();
        this.inverseShift = down;
    }

    private static BigInteger scaled(BigDecimal dividend, BigDecimal divisor, int power, RoundingMode rounding) {
        BigDecimal two = new BigDecimal(BigInteger.ONE.shiftLeft(Math.abs(power)));
        BigDecimal over = power >= 0 ? dividend.multiply(two) : dividend;
        BigDecimal under = power >= 0 ? divisor : divisor.multiply(two);
        return over.divide(under, 0, rounding).toBigIntegerExact();
    }

    private static double power(int bits) {
        return (double) (1L << bits);
    }

    /** The ticks that {@code tokens} cost, rounded up; at least 1 for any amount above 0. */
    long cost(double tokens) {
        return (long) Math.ceil(tokens * perToken);
    }

    /** The ticks that {@code tokens} in hand are worth, rounded down. */
    long level(double tokens) {
        return (long) Math.floor(tokens * perToken);
    }

    double tokens(long ticks) {
        return ticks / perToken;
    }

    /**
     * The ticks that have come in since the stamp, rounded down.
     *
     * @param elapsedNanos from 0 to {@link #fullNanos}
     */
    long ticksAt(long elapsedNanos) {
        long high = Math.multiplyHigh(elapsedNanos, multiplier);
        return shift == 0 ? high : (high << shift) | ((elapsedNanos * multiplier) >>> (64 - shift));
    }

    /**
     * The nanoseconds since the stamp at which {@code ticks} will have come in, rounded up.
     *
     * @return 0 or more; {@link Long#MAX_VALUE} if it is more than 146 years
     */
    long nanosAt(long ticks) {
        if (ticks <= 0) {
            return 0;
        }
        if (ticks * nanosPerTick >= 0x1p62) {
            return Long.MAX_VALUE;
        }
        long high = Math.multiplyHigh(ticks, inverse);
        long nanos;
        if (inverseShift < 64) {
            nanos = (high << (64 - inverseShift)) | ((ticks * inverse) >>> inverseShift);
        } else {
            nanos = high >> (inverseShift - 64);
        }
        while (ticksAt(nanos) < ticks) { // at most a few: the inverse is rounded down by less than two nanoseconds
            nanos++;
        }
        return nanos;
    }

    /**
     * The level of a bucket whose TAT is {@code tat}, at a moment after its stamp; at most the burst, negative for debt.
     *
     * @param elapsedNanos 0 or more, without bound
     */
    long levelAt(long elapsedNanos, long tat, long cap) {
        return elapsedNanos >= fullNanos ? cap : Math.min(ticksAt(elapsedNanos) - tat, cap);
    }
}
