package io.weir.engine.breaker;

/** The range checks of this package's configuration, all with one shape of message. */
final class Check {
    /**
     * The longest time that may be configured: 2^61 ns, 73 years; sums of two stay far from the wrap of a clock
     * difference.
     */
    static final long MAX_NANOS = 1L << 61;

    private Check() {}

    static long nanos(String name, long value) {
        return range(name, value, 1, MAX_NANOS);
    }

    static long range(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " must be from " + min + " to " + max + ", but was " + value);
        }
        return value;
    }

    /** A share of calls: greater than 0, at most 1. */
    static double rate(String name, double value) {
        if (!(value > 0.0 && value <= 1.0)) {
            throw new IllegalArgumentException(name + " must be greater than 0.0 and at most 1.0, but was " + value);
        }
        return value;
    }
}
