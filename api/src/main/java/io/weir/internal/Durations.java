package io.weir.internal;

import java.time.Duration;

/** Durations given by users as nanoseconds: saturated, never an overflow. */
public final class Durations {
    /** About 146 years: "never", with room for a sum with a clock reading. */
    public static final long FOREVER = Long.MAX_VALUE / 2;

    private Durations() {}

    /** The nanoseconds, or the nearest that a long holds. */
    public static long saturatedNanos(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException tooLong) {
            return duration.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }

    /** How long to wait: 0 for what is negative, {@link Long#MAX_VALUE} for what is longer than a long holds. */
    public static long waitNanos(Duration duration) {
        return Math.max(0, saturatedNanos(duration));
    }

    /** What may be added to a clock reading: from minus to plus {@link #FOREVER}. */
    public static long addableNanos(Duration duration) {
        return Math.max(-FOREVER, Math.min(FOREVER, saturatedNanos(duration)));
    }
}
