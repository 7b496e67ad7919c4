package io.weir.internal;

import io.weir.CallOptions;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * One run of what is further in than an {@link Enclosing} stage: what its owner, the call of the stages further out, has in flight in the place
 * of the user's stage. It ends by itself, and tells its owner once; or it is cut, and tells nobody.
 */
abstract class Run {
    /*
     * Everything here but the count is written by the owner's driver in start(), before anything is set going, and read by the inner calls, which
     * begin after it.
     *
     * R1 (counted once each). An invocation of the innermost call is counted by the inner call that makes it, in that call's own count, and in every
     *     run that it is in, by one atomic add each. A call further out takes the count of a run over when the run has ended or is cut; what a run
     *     that was cut still counts then is of nobody's interest any more. GuardOrderTest, HedgeTest, ForeignGuardTest.
     */
    private static final VarHandle INVOCATIONS;

    static {
        try {
            INVOCATIONS = MethodHandles.lookup().findVarHandle(Run.class, "invocations", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Whose run it is. */
    interface Owner {
        /** The run has ended by itself, and has its end in {@link Run#end}. Called once, on a thread that may run user code. */
        void runEnded(Run run);
    }

    /** The place that the owner has in the call as a whole. */
    record Outer(
            @Nullable Run run,
            int hedge,
            int invokedBefore,
            @Nullable Trial trials,
            boolean limited,
            long nearestNanos) {}

    final Chain inner;
    final CallOptions options;
    private @Nullable Owner owner;
    private @Nullable Outer outer;
    /** How the run ended. Written before the owner is told. */
    @Nullable
    Object end;

    @SuppressWarnings("unused") // by INVOCATIONS only
    private int invocations;

    Run(Chain inner, CallOptions options) {
        this.inner = inner;
        this.options = options;
    }

    /** Sets the run going. It may end within. */
    final void start(Owner whose, Outer place) {
        owner = whose;
        outer = place;
        begin();
    }

    /** Sets a run going that returns its end to the thread that begins it. */
    final void start(Outer place) {
        outer = place;
        begin();
    }

    abstract void begin();

    /**
     * Cuts short whatever is in flight; the owner isn't told any more. By the owner's driver only, after start.
     *
     * @param why what the stages inside get to hear
     * @param cancelsRunning whether the calls in flight are cancelled, or only left
     */
    abstract void cut(Failed why, boolean cancelsRunning);

    /**
     * An inner call has ended, and given everything back.
     *
     * @return whether the run takes the end, so that the inner call's own future stays as it is
     */
    abstract boolean innerEnded(int place, @Nullable Object how);

    /** The number of the hedge that an inner call belongs to. */
    int hedge(int place) {
        return outer().hedge;
    }

    final Outer outer() {
        Outer mine = outer;
        if (mine == null) {
            throw new IllegalStateException("the run has not begun");
        }
        return mine;
    }

    /** Ends the run; by the one who has made sure that nobody else does. */
    final void land(@Nullable Object how) {
        end = how;
        Owner told = owner;
        if (told != null) {
            told.runEnded(this);
        }
    }

    // ---- what the inner calls ask

    /** Whether the owner, or a call further out, is limited in time. */
    final boolean isLimited() {
        return outer().limited;
    }

    /** The earliest end that is set to the call further out. Only meaningful if {@link #isLimited}. */
    final long nearestNanos() {
        return outer().nearestNanos;
    }

    /** Asks the trial slots further out, just before the innermost call is invoked; the refusal, or null. */
    final @Nullable Failed beginTrials() {
        Outer mine = outer();
        Failed refused = mine.run == null ? null : mine.run.beginTrials();
        return refused == null ? Trial.begin(mine.trials, options) : refused;
    }

    /**
     * The innermost call is being invoked.
     *
     * @return the number of that attempt in the call as a whole, from 1
     */
    final int invoked() {
        int count = (int) INVOCATIONS.getAndAdd(this, 1) + 1;
        Outer mine = outer();
        return mine.run == null ? mine.invokedBefore + count : mine.run.invoked();
    }

    /** Invocations that were made before the run began: those of the first walk. */
    final void invokedBefore(int count) {
        INVOCATIONS.setRelease(this, count);
    }

    /** How often the innermost call was invoked in this run. */
    final int invocations() {
        return (int) INVOCATIONS.getVolatile(this);
    }
}
