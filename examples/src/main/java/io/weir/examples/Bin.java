package io.weir.examples;

import io.weir.breaker.CircuitBreaker;

/**
 * What happened in one slice of the run.
 *
 * @param fromNanos its beginning, since the run's
 * @param toNanos its end
 * @param counts calls that started and ended in it
 * @param sent requests in it
 * @param latency of the calls that ended in it
 * @param state of the breaker at its end
 */
record Bin(
        long fromNanos, long toNanos, Tally.Counts counts, long sent, Percentiles latency, CircuitBreaker.State state) {

    /** How many a second. */
    double perSecond(long count) {
        return count * 1e9 / (toNanos - fromNanos);
    }
}
