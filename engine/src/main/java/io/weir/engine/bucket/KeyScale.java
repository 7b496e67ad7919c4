package io.weir.engine.bucket;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/**
 * The arithmetic of a {@link KeyTable}: tokens and nanoseconds to ticks that last for the table's whole life. Immutable.
 *
 * <p>A tick is 2<sup>-bits</sup> of a token. Whole tokens cost an exact number of ticks at any rate; fractions are rounded up to a tick, which
 * is finer than 10<sup>-6</sup> token up to 200 tokens a second, and 2<sup>-7</sup> at a million.
 */
final class KeyScale {
    /*
     * A slot has no stamp of its own, so its ticks count from the table's birth, and must not wrap for 73 years (LIFE_NANOS), after which time
     * stands still: then nothing more comes in, and nothing is lent. Ranges, with one tick less than 4 ns:
     *
     *   at     0 .. 2^59             burst <= 2^59             TAT  -2^59 .. 2^59 + 1
     *
     * so that no difference of two of them leaves 62 bits, and a slot's word, TAT * 8 + state, leaves 64. The multiplier is rounded up, as in
     * Ticks: its error is below 2^61 * 2^-64 = 1/8 tick in a life, and at is rounded down.
     */
    static final long LIFE_NANOS = 1L << 61;
    static final double MAX_TOKENS_PER_SECOND = 0.25 * 1e9;

    private static final int MAX_BITS = 40;
    private static final double MOST = (double) (1L << 59);

    final int bits;
    final long burst;
    final double maxTokens;
    private final double perToken;
    private final double nanosPerTick;
    private final long multiplier;

    KeyScale(BucketConfig config) {
        double perNano = config.rate() / config.periodNanos();
        if (perNano * 1e9 > MAX_TOKENS_PER_SECOND) {
            throw new IllegalArgumentException("rate is " + config.rate() + " per " + config.periodNanos()
                    + " ns; it must be at most " + MAX_TOKENS_PER_SECOND + " tokens a second for a keyed bucket");
        }
        int finest = MAX_BITS;
        while (finest > 0 && (perNano * power(finest) > 0.25 || config.maxTokens() * power(finest) > MOST)) {
            finest--;
        }
        this.bits = finest;
        this.perToken = power(bits);
        this.maxTokens = config.maxTokens();
        this.burst = (long) Math.floor(maxTokens * perToken);
        if (burst < 1) {
            throw new IllegalArgumentException("maxTokens is " + maxTokens + "; it must be at least " + 1 / perToken
                    + " for a keyed bucket of " + config.rate() + " tokens per " + config.periodNanos() + " ns");
        }
        this.nanosPerTick = 1 / (perNano * perToken);
        this.multiplier = new BigDecimal(config.rate())
                .multiply(new BigDecimal(BigInteger.ONE.shiftLeft(64 + bits)))
                .divide(BigDecimal.valueOf(config.periodNanos()), 0, RoundingMode.CEILING)
                .longValueExact();
    }

    private static double power(int bits) {
        return (double) (1L << bits);
    }

    /** The ticks that have come in since the table's birth, rounded down. */
    long at(long elapsedNanos) {
        return Math.multiplyHigh(elapsedNanos, multiplier);
    }

    /** The time since birth, from 0 (also for a clock that has stepped back behind it) to {@link #LIFE_NANOS}. */
    static long elapsed(long birthNanos, long nowNanos) {
        long elapsed = nowNanos - birthNanos;
        return elapsed < 0 ? 0 : Math.min(elapsed, LIFE_NANOS);
    }

    /** The ticks that {@code tokens} cost, rounded up. */
    long cost(double tokens) {
        return (long) Math.ceil(tokens * perToken);
    }

    /** The level that a request needs: its cost, but for one of all maxTokens, whose cost is rounded up and whose burst is rounded down. */
    long need(long cost) {
        return Math.min(cost, burst);
    }

    double tokens(long ticks) {
        return ticks / perToken;
    }

    /** The nanoseconds from {@code elapsedNanos} until {@code ticks} will have come in since birth, rounded up; at least 1. */
    long waitNanos(long ticks, long elapsedNanos) {
        long wait = (long) Math.ceil((ticks - at(elapsedNanos)) * nanosPerTick);
        while (wait < LIFE_NANOS
                && at(elapsedNanos + wait) < ticks) { // at most a few: a double is off by 2^-53 of the wait
            wait += 1 + (wait >> 50);
        }
        return Math.max(1, wait);
    }

    /**
     * A level, in ticks of 2<sup>-from</sup> token, in ticks of 2<sup>-to</sup>, rounded down. Of debt, which a clock that steps back makes as large as it
     * likes, no more than {@link Ticks#EIGHTH} is kept.
     */
    static long rescale(long level, int from, int to) {
        return to >= from ? Math.max(level, -(Ticks.EIGHTH >> (to - from))) << (to - from) : level >> (from - to);
    }

    @Override
    public String toString() {
        return "KeyScale[bits=" + bits + ", burst=" + burst + "]";
    }
}
