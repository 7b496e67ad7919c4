package io.weir;

import java.time.Duration;

/** Durations as nanoseconds, within half of what a long can hold so that clock readings can be added to them. */
final class Durations {
    /** About 146 years: "never", with room for a sum with a clock reading. */
    static final long FOREVER = Long.MAX_VALUE / 2;

    private Durations() {}

    static long saturatedNanos(Duration duration) {
        try {
            return Math.max(-FOREVER, Math.min(FOREVER, duration.toNanos()));
        } catch (ArithmeticException tooLong) {
            return duration.isNegative() ? -FOREVER : FOREVER;
        }
    }
}
