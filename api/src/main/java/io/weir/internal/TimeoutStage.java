package io.weir.internal;

import io.weir.CallOptions;
import io.weir.CallTimeoutException;
import io.weir.WeirRuntime;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** A limit of time in a pipeline. It holds nothing; the machine that runs the call keeps the time. */
public final class TimeoutStage extends Stage {
    private final String name;
    private final WeirRuntime runtime;
    private final LongAdder timedOut = new LongAdder();
    private volatile Limits limits;

    private record Limits(Duration duration, long nanos, boolean cancelRunning) {}

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
        this.limits = new Limits(duration, Durations.addableNanos(duration), cancelRunning);
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
        return limits.duration;
    }

    /** How many calls were cut short. */
    public long timeouts() {
        return timedOut.sum();
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
        return limits.nanos;
    }

    @Override
    public boolean cancelsRunning() {
        return limits.cancelRunning;
    }

    @Override
    public CallTimeoutException timedOut(long token) {
        Limits now = limits;
        Duration after = token == now.nanos ? now.duration : Duration.ofNanos(token);
        timedOut.increment();
        return Told.timedOut(runtime, new CallTimeoutException(name, after, runtime.stackTraces()));
    }

    @Override
    public Runnable changeTo(Stage like) {
        Limits other = ((TimeoutStage) like).limits;
        return () -> limits = other;
    }

    /** The limit, less than {@link #NEEDS_BEGIN} as it is half of what a long holds at most. */
    @Override
    public long admit(CallOptions options, long now) {
        return limits.nanos;
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
