package io.weir.examples;

import io.weir.breaker.CircuitBreaker;
import java.util.List;

/**
 * What the views show: the state at one time.
 *
 * @param elapsedNanos since the beginning
 * @param phase of the service, or an empty text if it is the user's
 * @param state of the breaker
 * @param counts of calls since the beginning
 * @param recent of calls in the last recentNanos
 * @param recentSent requests in the same time
 * @param recentNanos how long that is, 1 s or so
 * @param sent requests since the beginning
 * @param retries since the beginning
 * @param tokens that the limiter has in hand
 * @param latency of the last two seconds
 * @param history what happened so far, oldest first
 */
record Snapshot(
        long elapsedNanos,
        String phase,
        CircuitBreaker.State state,
        Tally.Counts counts,
        Tally.Counts recent,
        long recentSent,
        long recentNanos,
        long sent,
        long retries,
        double tokens,
        Percentiles latency,
        List<Bin> history) {

    /** How many a second. */
    double perSecond(long recentCount) {
        return recentNanos == 0 ? 0 : recentCount * 1e9 / recentNanos;
    }
}
