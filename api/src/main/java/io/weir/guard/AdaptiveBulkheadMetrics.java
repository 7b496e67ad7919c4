package io.weir.guard;

/** What an adaptive bulkhead is doing, and has counted since it was made. A snapshot. */
public interface AdaptiveBulkheadMetrics {

    /** How many calls may run at once now. */
    int limit();

    /** How many calls are running; more than {@link #limit} for a while after it has fallen. */
    int inUse();

    /** How many callers stand in line. */
    int waiters();

    /** Calls that the bulkhead refused. */
    long rejected();

    /** Calls that the service refused, or didn't answer in time. */
    long dropped();

    /** Calls that ended otherwise than well and say nothing about the service: cancelled, refused by a guard further in, failed. */
    long ignored();
}
