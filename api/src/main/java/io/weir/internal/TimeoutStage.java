package io.weir.internal;

import io.weir.CallOptions;
import io.weir.CallTimeoutException;
import io.weir.WeirRuntime;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A limit of time in a pipeline. It holds nothing; the machine that runs the call keeps the time. */
public final class TimeoutStage extends Stage {
    private final String name;
    private final WeirRuntime runtime;
    private final Duration duration;
    private final long nanos;
    private final boolean cancelRunning;

    /**
     * Makes the stage.
     *
     * @param name of the guard
     * @param runtime where time comes from
     * @param duration positive
     * @param cancelRunning whether the call in flight is cancelled when the time is up
     */
    public TimeoutStage(String name, WeirRuntime runtime, Duration duration, boolean cancelRunning) {
        this.name = name;
        this.runtime = runtime;
        this.duration = duration;
        this.nanos = Durations.addableNanos(duration);
        this.cancelRunning = cancelRunning;
    }

    /**
     * The duration, if it is one that a timeout may have.
     *
     * @param parameter its name, for the message
     * @param duration to be looked at
     */
    public static Duration requirePositive(String parameter, Duration duration) {
        if (duration.isNegative() || duration.isZero()) {
            throw new IllegalArgumentException(parameter + " = " + duration + ": allowed is a positive duration");
        }
        return duration;
    }

    public Duration duration() {
        return duration;
    }

    @Override
    public boolean keepsToken() {
        return false;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean needsStart() {
        return true;
    }

    @Override
    public long limitNanos() {
        return nanos;
    }

    @Override
    public boolean cancelsRunning() {
        return cancelRunning;
    }

    @Override
    public CallTimeoutException timedOut() {
        return new CallTimeoutException(name, duration, runtime.stackTraces());
    }

    @Override
    public long admit(CallOptions options, long now) {
        return 0;
    }

    @Override
    public @Nullable Again onEnd(
            long token,
            long start,
            @Nullable Object result,
            @Nullable Failed failed,
            @Nullable Again before,
            CallInfo call) {
        return null;
    }
}
