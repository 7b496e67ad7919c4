package io.weir.breaker;

import java.time.Instant;
import java.util.List;

/** What a circuit breaker has counted since it was made; counts never go back, also not by a reset. A snapshot. */
public interface CircuitBreakerMetrics {

    long successes();

    long failures();

    /** Calls that ended with an exception that counts as neither success nor failure. */
    long excluded();

    /** Calls that the user cancelled. */
    long cancelled();

    /** Calls that the breaker refused. */
    long rejected();

    /**
     * Results that were judged no more and are counted nowhere else: of calls that were admitted before the last transition, of trials whose
     * time was over, and those reported twice.
     */
    long late();

    /** Calls slower than the failure detection's limit, if it has one; counted above too. */
    long slow();

    /** How often the state has changed. */
    long transitions();

    CircuitBreaker.State state();

    /** When the state last changed; before any change, when the breaker was made. Measured on the monotonic clock, told by the wall clock. */
    Instant lastTransitionAt();

    /** The last changes of the state, at most 32, oldest first. */
    List<CircuitBreakerTransition> lastTransitions();
}
