package io.weir.guard;

import java.time.Duration;
import java.util.Optional;

/** What a hedge has counted since it was made. A snapshot. */
public interface HedgeMetrics {

    /** Hedges that were sent. */
    long hedges();

    /** Calls whose result came from a hedge. */
    long won();

    /** Hedges that were due, and not sent as the budget was used up. */
    long refused();

    /** How long a call is in flight now before it is hedged; empty as long as too few latencies are known. */
    Optional<Duration> delay();
}
