package io.weir.internal;

import io.weir.engine.bucket.Waiter;

/** A line for places, as a call sees it that is to stand in it: what it asks for, and what it gets to hear. */
public interface Places {
    /** What somebody who asks for a place gets to hear. */
    enum Answer {
        GRANTED,
        QUEUED,
        REFUSED
    }

    /** What the call's waiter asks for. */
    default double tokens() {
        return 1;
    }

    /** How long a call would wait at least, in nanoseconds, as far as that is known. */
    default long knownWaitNanos() {
        return 0;
    }

    /** Takes a place, or stands in line. */
    Answer acquire(Waiter waiter, long timeoutNanos);

    /** Takes a waiter out of the line; false if that has ended its wait already. */
    boolean cancel(Waiter waiter);

    /** Gives back what a waiter was granted and no call has used. */
    void giveBack(Waiter waiter);

    /** The refusal for want of a place in the line; made once for each. */
    RuntimeException full();

    /** The refusal of a call whose time is over, or would be before it is granted. */
    default RuntimeException late() {
        return full();
    }

    /** The failure of a waiter that wasn't granted. */
    RuntimeException failure(Waiter waiter, Waiter.End end);
}
