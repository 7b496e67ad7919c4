package io.weir.retry;

import io.weir.internal.Durations;
import java.time.Duration;

/** Arithmetic of delays: saturates, never overflows. */
final class Delays {
    private Delays() {}

    /** The value as a long between 0 and the most; NaN, which 0 · infinity gives, is 0: no delay grows to none, however often it is multiplied. */
    static long saturated(double nanos, long most) {
        return nanos >= most ? most : Math.max(0, (long) nanos);
    }

    static Duration scaled(Duration duration, double factor) {
        return Duration.ofNanos(saturated(Durations.saturatedNanos(duration) * factor, Long.MAX_VALUE));
    }

    static long requireNotNegative(String name, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(name + " = " + value + ": allowed is zero or a positive duration");
        }
        return Durations.saturatedNanos(value);
    }

    static long requireAtLeast(String name, Duration value, String leastName, Duration least) {
        if (value.compareTo(least) < 0) {
            throw new IllegalArgumentException(
                    name + " = " + value + ": allowed is a duration of at least " + leastName + " (" + least + ")");
        }
        return Durations.saturatedNanos(value);
    }

    static void requireFraction(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " = " + value + ": allowed is 0 to 1");
        }
    }
}
