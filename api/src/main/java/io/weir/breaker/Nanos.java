package io.weir.breaker;

import java.time.Duration;
import java.util.Objects;

/** Durations given by users, as the engine's nanoseconds. */
final class Nanos {
    /** The longest that the engine takes, 73 years: sums of two stay far from the wrap of a clock difference. */
    static final long MAX = 1L << 61;

    private Nanos() {}

    /** The nanoseconds of a duration, which may be longer than a long holds. */
    static long between(String name, Duration duration, long min, long max) {
        Objects.requireNonNull(duration, name);
        if (duration.compareTo(Duration.ofNanos(min)) < 0 || duration.compareTo(Duration.ofNanos(max)) > 0) {
            throw new IllegalArgumentException(name + " must be from " + Duration.ofNanos(min) + " to "
                    + Duration.ofNanos(max) + ", but was " + duration);
        }
        return duration.toNanos();
    }
}
