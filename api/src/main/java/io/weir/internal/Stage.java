package io.weir.internal;

import io.weir.CallOptions;
import org.jspecify.annotations.Nullable;

/**
 * What a guard does to a call, in primitives: it admits, and it hears how the call ended. The same stage serves the asynchronous and the
 * blocking form; a stage keeps nothing of a call but what is in its token.
 *
 * <p>Contract with the machine that runs it ({@link Chain}, {@link PipelineCall}):
 *
 * <ol>
 *   <li>For every token that {@link #admit} (or a wait) returned, {@link #onEnd} is called exactly once an attempt with a final end, and
 *       before the caller's future completes.
 *   <li>{@link #onEnd} that throws counts as a failure of the call and must have given back what it held first.
 *   <li>No method of a stage blocks, except {@link #awaitBlocking}.
 * </ol>
 */
public abstract class Stage {
    /** Admission: refused; {@link #refusal} says why. */
    public static final long REFUSED = -1;
    /** Admission: not now; the caller may wait in line. */
    public static final long WAIT = -2;
    /** A bit of a token: {@link #begin} must be asked before the innermost call is invoked. */
    public static final long NEEDS_BEGIN = 1L << 62;

    /** The guard's name, for messages. */
    public abstract String name();

    /** Whether tokens tell anything: of a stage that says no, each is 0, and no call keeps it. */
    public boolean keepsToken() {
        return true;
    }

    /** Whether {@link #admit} is worth a call: a stage that says no admits always, with the token 0, and may be passed by. */
    public boolean admits() {
        return true;
    }

    /**
     * Whether {@link #onEnd} is worth a call for a result: a stage that says no does nothing then, and may be passed by. It never wants to repeat, so there is
     * nothing that it could have kept.
     */
    public boolean hearsResults() {
        return true;
    }

    /** Whether {@link #admit} looks at the clock reading. */
    public boolean needsClock() {
        return false;
    }

    /** Whether {@link #onEnd} looks at the reading of the start. */
    public boolean needsStart() {
        return false;
    }

    /** Whether {@link #onEnd} asks for {@link CallInfo#remainingNanos} when it hears a result. */
    public boolean asksTimeLeft() {
        return false;
    }

    /**
     * How long the part further in may take, counted from the admission, in nanoseconds; 0 without limit, and then always. A stage with a limit
     * needs the start, and its token is the limit of the call that it has let in, which stays what it is when this changes. When the time is up the machine cuts that part short, and every stage in it hears so; what this one, and those further out,
     * get to hear is {@link #timedOut}.
     */
    public long limitNanos() {
        return 0;
    }

    /** Whether the call in flight is cancelled, or its thread interrupted, when {@link #limitNanos} are over. */
    public boolean cancelsRunning() {
        return true;
    }

    /**
     * Where to register what this stage has let in, so that it can be cut short by hand; null if this stage never does. The machine registers a call
     * while it waits for something further in. A stage with this has no {@link #limitNanos}.
     */
    public @Nullable Cuts cuts() {
        return null;
    }

    /** The failure of a call that took longer than {@link #limitNanos}, or was cut short through {@link #cuts}. */
    public RuntimeException timedOut() {
        throw new AssertionError(name() + " limits no time");
    }

    /**
     * The failure of a call that was cut short.
     *
     * @param token what {@link #admit} gave
     */
    public RuntimeException timedOut(long token) {
        return timedOut();
    }

    /**
     * How long a call may run before this stage takes it for lost, in nanoseconds; {@link Long#MAX_VALUE} if it never does.
     */
    public long patienceNanos() {
        return Long.MAX_VALUE;
    }

    /**
     * Notes that {@link #patienceNanos} has to be so long from now on. Who has noted it looks at what it is once more, as a change may be under way.
     *
     * @param nanos the longest that a call takes
     * @param whose for the message of a change that is refused
     */
    public void needsPatience(long nanos, String whose) {
        // there is no end to it
    }

    /**
     * What a call holds while it runs and may hold once only, as it would wait for itself; null if there is no such thing. Compared by
     * identity.
     */
    public @Nullable Object heldOnce() {
        return null;
    }

    /**
     * Checks whether this stage can become like another of its class while calls are in it.
     *
     * @param like a stage that isn't in use
     * @return makes the change, at once for calls to come
     * @throws IllegalArgumentException naming what can't change
     */
    public Runnable changeTo(Stage like) {
        throw new IllegalArgumentException("nothing of it can");
    }

    /**
     * Asks for admission. What it throws is a failure of the guard, not of the call.
     *
     * @param options the call's
     * @param now a reading of the runtime's clock, taken when the call or this attempt began; 0 if no stage needs it
     * @return a token, at least 0; or {@link #REFUSED}, or {@link #WAIT}
     */
    public abstract long admit(CallOptions options, long now);

    /** The exception for a call that was just {@link #REFUSED}, or whose slot was refused by {@link #begin}. */
    public RuntimeException refusal(CallOptions options) {
        throw new AssertionError(name() + " never refuses");
    }

    /** The refusal as an end; if making it throws (the limiter was closed just now), that is the end. */
    final Failed refused(CallOptions options) {
        try {
            return new Failed(refusal(options), Failed.Origin.GUARD);
        } catch (RuntimeException | Error e) {
            return new Failed(e, Failed.Origin.GUARD);
        }
    }

    /**
     * Makes a place in line after {@link #WAIT}; {@link Wait#start} takes it.
     *
     * @param options the call's
     */
    public Wait newWait(CallOptions options) {
        throw new AssertionError(name() + " never waits");
    }

    /**
     * Waits in line after {@link #WAIT}, holding the thread. Throws the refusal if it gives up.
     *
     * @param options the call's
     * @param budgetNanos how long the caller may wait at most; {@link Long#MAX_VALUE} without end
     * @return a token
     */
    public long awaitBlocking(CallOptions options, long budgetNanos) throws InterruptedException {
        throw new AssertionError(name() + " never waits");
    }

    /**
     * Asked, for a token with {@link #NEEDS_BEGIN}, just before the innermost call is invoked, at each attempt.
     *
     * @return false if the token is good no longer: the call is refused and not invoked
     */
    public boolean begin(long token) {
        return true;
    }

    /**
     * Hears how the inner part ended.
     *
     * @param token what {@link #admit} gave
     * @param start the clock reading that {@link #admit} was given, if {@link #needsStart()}
     * @param result the result, if {@code failed} is null
     * @param failed the failure, or null; if time ran out, its origin says whether the call was invoked since this stage let it in
     * @param before what this method returned for the attempt before, or null
     * @param call the call, for what little a stage may ask of it
     * @return null to pass the end on outward; else the inner part runs again. Ignored if this part of the call was cut short
     */
    public abstract @Nullable Again onEnd(
            long token,
            long start,
            @Nullable Object result,
            @Nullable Failed failed,
            @Nullable Again before,
            CallInfo call);

    /** What a stage may ask of the call that ends. */
    public interface CallInfo {

        /**
         * What is left until the call's deadline, or the earliest limit of a stage further out, in nanoseconds; {@link Long#MAX_VALUE} if
         * there is none, 0 if this part of the call is being cut short or the timer was closed.
         */
        long remainingNanos();
    }

    /** A place in a line. */
    public interface Wait {

        /**
         * Stands in line. May be admitted at once, and then {@link #outcome} says so and the listener isn't told. What it throws is the
         * refusal.
         *
         * @param budgetNanos how long the caller may wait at most; {@link Long#MAX_VALUE} without end
         * @param listener told at most once, when the wait has ended
         */
        void start(long budgetNanos, WaitListener listener);

        /** The token if admitted, {@link #REFUSED}, or {@link #WAIT} while standing in line still. */
        long outcome();

        /** The failure if the outcome is {@link #REFUSED}. */
        Throwable failure();

        /** Leaves the line; an admission that came first is given back unused. The listener may still be told, to no effect. */
        void abandon();
    }

    /** Hears that a wait has ended. Called on whatever thread ended it, so it hands over and does no work. */
    @FunctionalInterface
    public interface WaitListener {
        void onWaitEnded(Wait wait);
    }
}
