package io.weir;

import io.weir.internal.Durations;
import java.time.Duration;

/**
 * A point of monotonic time by which a call must have ended. Belongs to the clock of the runtime that made it; compare none of different
 * clocks.
 */
public final class Deadline {
    private final long nanos;

    private Deadline(long nanos) {
        this.nanos = nanos;
    }

    /**
     * The deadline that lies so far from now, by the shared runtime's clock.
     *
     * @param duration from now; zero or negative has passed already
     */
    public static Deadline after(Duration duration) {
        return after(duration, WeirRuntime.shared());
    }

    /**
     * The deadline that lies so far from now, by the given runtime's clock.
     *
     * @param duration from now; zero or negative has passed already
     * @param runtime whose clock counts
     */
    public static Deadline after(Duration duration, WeirRuntime runtime) {
        return new Deadline(runtime.nanoTime() + Durations.addableNanos(duration));
    }

    /** The deadline in nanoseconds of its runtime's clock; compare by subtraction. */
    public long nanoTime() {
        return nanos;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Deadline that && that.nanos == nanos;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(nanos);
    }

    @Override
    public String toString() {
        return "Deadline(" + nanos + " ns)";
    }
}
