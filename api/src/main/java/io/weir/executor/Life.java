package io.weir.executor;

import io.weir.executor.WorkQueue.State;
import java.util.concurrent.atomic.AtomicLong;

/** The state of a work queue, and how much is pending in it: one word, so that what follows from both is one step. */
final class Life {
    /*
     * word, 64 bits:  [ state, 2 | zeros, 30 | pending, 32 ]
     *
     * state     IDLE -> PROCESSING -> STOPPING -> STOPPED; IDLE -> STOPPED; PROCESSING -> STOPPED if nothing is pending.
     * pending   the puts that have begun and not ended, and the items accepted and not accounted for: a put that is accepted hands its count on
     *           to its item.
     * zeros     how often pending has come down to 0, modulo 2^30.
     *
     *   enter     pending + 1, and the state of that instant
     *   leave     pending - 1; if that makes it 0: zeros + 1, and STOPPING becomes STOPPED
     *   step      another state
     *
     * L1  That nothing is pending and that a stop ends is one CAS, so nobody ends it for a zero that has passed.
     *     WorkQueueEdgeTest#aStopWaitsForWhatWasPutSinceAnotherThreadFoundTheQueueEmpty.
     * L2  A put is counted in and sees the state in one step: one that sees PROCESSING is waited for by every stop after it. WorkQueueRaceTest.
     */
    private static final int STATE_SHIFT = 62;
    private static final long ZERO = 1L << 32;
    private static final long PENDING = ZERO - 1;
    private static final long STATE = 3L << STATE_SHIFT;

    private final AtomicLong word = new AtomicLong(); // IDLE

    /** What {@link #leave} has left. */
    enum Left {
        SOME,
        NONE,
        /** Nothing, and a stop has ended by it. */
        THE_END
    }

    State state() {
        return state(word.get());
    }

    /** Whether nothing is pending. */
    boolean isIdle() {
        return (word.get() & PENDING) == 0;
    }

    /** Another number after each time that pending has come down to 0. */
    long zeros() {
        return word.get() & ~STATE & ~PENDING;
    }

    State enter() {
        return state(word.getAndIncrement()); // L2
    }

    Left leave() {
        while (true) {
            long seen = word.get();
            long next = seen - 1;
            Left left = Left.SOME;
            if ((next & PENDING) == 0) {
                left = state(seen) == State.STOPPING ? Left.THE_END : Left.NONE;
                long counted = (next + ZERO) & ~STATE;
                next = with(counted, left == Left.THE_END ? State.STOPPED : state(seen)); // L1
            }
            if (word.compareAndSet(seen, next)) {
                return left;
            }
            Thread.onSpinWait();
        }
    }

    /** Makes the step; false if the state is another than {@code from}. */
    boolean step(State from, State to) {
        while (true) {
            long seen = word.get();
            if (state(seen) != from) {
                return false;
            }
            if (word.compareAndSet(seen, with(seen, to))) {
                return true;
            }
            Thread.onSpinWait();
        }
    }

    /** Begins a stop, unless one has begun. Whether this call has ended it, too. */
    boolean stop() {
        while (true) {
            long seen = word.get();
            State from = state(seen);
            if (from == State.STOPPING || from == State.STOPPED) {
                return false;
            }
            State to = from == State.IDLE || (seen & PENDING) == 0 ? State.STOPPED : State.STOPPING;
            if (word.compareAndSet(seen, with(seen, to))) {
                return to == State.STOPPED;
            }
            Thread.onSpinWait();
        }
    }

    private static State state(long word) {
        return switch ((int) (word >>> STATE_SHIFT)) {
            case 0 -> State.IDLE;
            case 1 -> State.PROCESSING;
            case 2 -> State.STOPPING;
            default -> State.STOPPED;
        };
    }

    private static long with(long word, State state) {
        long number = switch (state) {
            case IDLE -> 0;
            case PROCESSING -> 1;
            case STOPPING -> 2;
            case STOPPED -> 3;
        };
        return word & ~STATE | number << STATE_SHIFT;
    }
}
