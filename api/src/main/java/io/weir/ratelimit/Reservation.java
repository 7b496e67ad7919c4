package io.weir.ratelimit;

import java.time.Duration;

/**
 * Tokens that are taken already, for use when they fall due. Its due time stays as it was told, also when the rate changes. Thread-safe;
 * compared by identity.
 */
public interface Reservation {

    /** How many tokens. */
    double tokens();

    /** How long until they may be used; zero if now. */
    Duration waitTime();

    /**
     * Gives the tokens back, as far as that can't break the limit: all if nobody took any since, else part or nothing.
     *
     * @return whether it was in time: false once the tokens are due, or were given back before
     */
    boolean cancel();

    /**
     * Waits until the tokens are due. Uses the time only: an interrupt doesn't give them back, {@link #cancel} does.
     *
     * @throws InterruptedException if the thread is interrupted
     * @throws IllegalStateException if the runtime is closed before they are due
     */
    void await() throws InterruptedException;
}
