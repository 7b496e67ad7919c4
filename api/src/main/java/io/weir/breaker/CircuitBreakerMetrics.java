package io.weir.breaker;

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

    /** Results of calls that were admitted before the last transition: counted here only, and judged no more. */
    long late();

    /** Calls slower than the failure detection's limit, if it has one; counted above too. */
    long slow();

    /** How often the state has changed. */
    long transitions();

    CircuitBreaker.State state();
}
