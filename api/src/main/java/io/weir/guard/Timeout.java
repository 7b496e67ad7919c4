package io.weir.guard;

import io.weir.WeirRuntime;
import io.weir.internal.AbstractGuard;
import io.weir.internal.TimeoutStage;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a call short that takes too long: it fails with {@link io.weir.CallTimeoutException}, waits of the guards further in included. The
 * call in flight is cancelled (its future, the hooks of its {@link io.weir.CallContext}), a blocking call's thread interrupted; its late
 * result is dropped. Everything that guards further in hold is given back before the caller hears.
 *
 * <p>Outside of a retry it limits all attempts together, inside of one each attempt; both may be had, and as many as wanted be nested. A
 * breaker further in or out counts a call that was cut short as a failure if it had been invoked, and else as none: it only waited here.
 *
 * <p>A call that ignores interrupts and cancellation goes on. An asynchronous caller doesn't wait for it; a blocking one can't be freed from
 * it. Thread-safe.
 */
@SuppressWarnings("exports") // what it inherits is the public Guard; how is nobody's business
public final class Timeout extends AbstractGuard {
    private final TimeoutStage stage;

    private Timeout(TimeoutStage stage, WeirRuntime runtime) {
        super(stage.name(), runtime, List.of(stage));
        this.stage = stage;
    }

    /**
     * A timeout with the name "timeout".
     *
     * @param duration how long a call may take; positive
     */
    public static Timeout of(Duration duration) {
        return of("timeout", duration);
    }

    /**
     * A timeout.
     *
     * @param name for messages
     * @param duration how long a call may take; positive
     */
    public static Timeout of(String name, Duration duration) {
        return builder(name).duration(duration).build();
    }

    /**
     * Begins a timeout.
     *
     * @param name for messages
     */
    public static Builder builder(String name) {
        return new Builder(name);
    }

    /** How long a call may take. */
    public Duration duration() {
        return stage.duration();
    }

    public TimeoutMetrics metrics() {
        record Counted(long timedOut) implements TimeoutMetrics {}
        return new Counted(stage.timeouts());
    }

    @Override
    public String toString() {
        return "Timeout(" + name() + ", " + duration() + (stage.cancelsRunning() ? ")" : ", cancelRunning=false)");
    }

    /** Builds timeouts. Not thread-safe. */
    public static final class Builder {
        private final String name;
        private @Nullable Duration duration;
        private boolean cancelRunning = true;
        private WeirRuntime runtime = WeirRuntime.shared();

        private Builder(String name) {
            this.name = Objects.requireNonNull(name, "name");
        }

        /**
         * How long a call may take. Required.
         *
         * @param duration positive; beyond 146 years it is without limit
         */
        public Builder duration(Duration duration) {
            this.duration = TimeoutStage.requirePositive("duration", duration);
            return this;
        }

        /**
         * Whether the call in flight is cancelled, or its thread interrupted, when the time is up. If not, it runs on while its permits are
         * given back and its result is dropped; a blocking caller gets its timeout when the call has ended.
         *
         * @param cancel on by default
         */
        public Builder cancelRunning(boolean cancel) {
            this.cancelRunning = cancel;
            return this;
        }

        /**
         * Where time and callbacks come from.
         *
         * @param runtime the shared one by default
         */
        public Builder runtime(WeirRuntime runtime) {
            this.runtime = Objects.requireNonNull(runtime, "runtime");
            return this;
        }

        public Timeout build() {
            Duration given = duration;
            if (given == null) {
                throw new IllegalArgumentException("duration is missing: required is a positive duration");
            }
            return new Timeout(new TimeoutStage(name, runtime, given, cancelRunning), runtime);
        }
    }
}
