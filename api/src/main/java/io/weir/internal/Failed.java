package io.weir.internal;

import org.jspecify.annotations.Nullable;

/**
 * A call's end that is no result, as it travels outward through the stages: what was thrown, and by whom. Guards judge by origin, not by
 * class: a rejection that the supplier itself throws (from a pipeline of its own, say) is the supplier's failure.
 */
public final class Failed {

    /** Who says so. Whether a call that ran out of time had been invoked is judged stage by stage, since each let it in. */
    public enum Origin {
        /** The innermost call: it threw, or its stage failed. */
        CALL,
        /** A guard further in refused, or failed of itself; the call was not invoked in this attempt. */
        GUARD,
        /** A timeout or deadline cut the call short after it had been invoked: the service was slow. */
        TIMED_OUT,
        /** A timeout or deadline cut the call short before it was invoked: nobody called the service. */
        EXPIRED,
        /** The user cancelled the call, or it lost a race against its hedge. */
        CANCELLED
    }

    private final Throwable failure;
    private final Origin origin;
    private final Throwable thrown;

    public Failed(Throwable failure, Origin origin) {
        this(failure, origin, failure);
    }

    Failed(Throwable failure, Origin origin, Throwable thrown) {
        this.failure = failure;
        this.origin = origin;
        this.thrown = thrown;
    }

    /** What the call itself threw: {@link #failure}, or a future's wrapper around it. A blocking call's caller gets this. */
    Throwable thrown() {
        return thrown;
    }

    /** What went wrong, out of any wrapper that a future put around it: what guards judge. */
    public Throwable failure() {
        return failure;
    }

    public Origin origin() {
        return origin;
    }

    /** Whether the call itself ended so (or took too long), as against a guard's word or a cancellation. */
    public boolean isOfTheCall() {
        return origin == Origin.CALL || origin == Origin.TIMED_OUT;
    }

    /** The same end for a stage since whose admission the call was invoked, or not. */
    Failed heard(boolean invoked) {
        return switch (origin) {
            case TIMED_OUT -> invoked ? this : new Failed(failure, Origin.EXPIRED, thrown);
            case EXPIRED -> invoked ? new Failed(failure, Origin.TIMED_OUT, thrown) : this;
            default -> this;
        };
    }

    /** The failure in {@code end} if it is one, else null. */
    static @Nullable Failed orNull(@Nullable Object end) {
        return end instanceof Failed failed ? failed : null;
    }

    @Override
    public String toString() {
        return "Failed(" + origin + ", " + failure + ")";
    }
}
