package io.weir;

import java.time.Duration;
import java.util.Optional;

/**
 * What a call may know of itself while it runs: the argument of {@link Guard#executeWith} and {@link Guard#callWith}. Thread-safe; good
 * for the one attempt that it was handed to.
 */
public interface CallContext {

    /** The number of this attempt, from 1. */
    int attempt();

    /** The number of this hedge: 0 for the first try, 1 for the first hedge of it. */
    int hedge();

    /** What is left until the call's deadline or the earliest of its timeouts, never negative; empty if it has neither. */
    Optional<Duration> remaining();

    /** The options that the call was made with. */
    CallOptions options();

    /** Whether this attempt was cut short: by a deadline, a timeout, the user, or a hedge that won. */
    boolean isCancelled();

    /**
     * Registers what is to run once if this attempt is cut short; at once if it was already. Use it to stop work that knows nothing of
     * futures or interrupts: a statement, an exchange.
     *
     * @param action short and non-blocking; what it throws is logged
     */
    void onCancel(Runnable action);
}
