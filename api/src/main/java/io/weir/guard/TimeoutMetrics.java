package io.weir.guard;

/** What a timeout has counted since it was made. A snapshot. */
public interface TimeoutMetrics {

    /** Calls that were cut short. */
    long timedOut();
}
