package io.weir.engine.breaker;

import org.jspecify.annotations.Nullable;

/**
 * One transition of a breaker. Records are immutable, and each is linked to the one before it; the link is cut at a
 * distance, so that a breaker that flaps for ever keeps between 1,024 and 2,048 of them. Compared by identity.
 * Thread-safe.
 */
public final class Transition {
    /** How many of the latest transitions can always be reached from the last. */
    static final int REACHABLE = 1_024;

    /** Why a breaker changed its state. */
    public enum Reason {
        /** It was made; the record number 0 of each breaker. */
        CREATED,
        /** The failure detector tripped. */
        FAILURES,
        /** The open time was over, and a call came. */
        RECOVERY_TIME_OVER,
        /** A trial call failed. */
        TRIAL_FAILED,
        /** A trial call did not report within the trial timeout. */
        TRIAL_EXPIRED,
        /** Enough trial calls succeeded. */
        TRIALS_SUCCEEDED,
        /** {@link Breaker#reset()}. */
        RESET,
        /** {@link Breaker#forceOpen()}, {@link Breaker#disable()} or {@link Breaker#metricsOnly()}. */
        BY_HAND
    }

    private final BreakerState from;
    private final BreakerState to;
    private final Reason reason;
    private final long atNanos;
    private final long number;
    private final Transition mark; // the latest record at or before this whose number is a multiple of REACHABLE
    private volatile @Nullable Transition previous;

    private Transition(
            BreakerState from,
            BreakerState to,
            Reason reason,
            long atNanos,
            long number,
            @Nullable Transition previous) {
        this.from = from;
        this.to = to;
        this.reason = reason;
        this.atNanos = atNanos;
        this.number = number;
        this.previous = previous;
        this.mark = previous == null || number % REACHABLE == 0 ? this : previous.mark;
    }

    static Transition first(long atNanos) {
        return new Transition(BreakerState.CLOSED, BreakerState.CLOSED, Reason.CREATED, atNanos, 0, null);
    }

    Transition next(BreakerState next, Reason why, long nanos) {
        return new Transition(to, next, why, nanos, number + 1, this);
    }

    /**
     * Called by the winner of this transition, once it is the present one: every {@value #REACHABLE}th cuts the chain
     * behind the mark before it. If the winner stalls here, the next mark's cut drops what this one would have.
     */
    void cutChain() {
        Transition before = previous;
        if (mark == this && before != null) {
            before.mark.previous = null;
        }
    }

    /** The state before. */
    public BreakerState from() {
        return from;
    }

    /** The state after; the same as before only for a reset of a CLOSED breaker, and for the record of its making. */
    public BreakerState to() {
        return to;
    }

    public Reason reason() {
        return reason;
    }

    /**
     * When, on the breaker's clock, in nanoseconds; for an expired trial its start + the trial timeout, whenever that
     * was noticed.
     */
    public long atNanos() {
        return atNanos;
    }

    /** Counts the breaker's transitions from 1; 0 is the record of its making. */
    public long number() {
        return number;
    }

    /** The record before this one; null for the first, and where the chain has been cut. */
    public @Nullable Transition previous() {
        return previous;
    }

    @Override
    public String toString() {
        return "#" + number + " " + from + " -> " + to + " (" + reason + ") at " + atNanos;
    }
}
