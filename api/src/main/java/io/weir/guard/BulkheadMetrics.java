package io.weir.guard;

/** What a bulkhead has counted since it was made, and how it is now. A snapshot, not of one instant. */
public interface BulkheadMetrics {

    /** How many calls may run at once. */
    int maxConcurrent();

    /** How many places are taken. */
    int inUse();

    /** How many callers stand in line. */
    int waiters();

    /** Callers that were refused, at once or after a wait. */
    long rejected();
}
