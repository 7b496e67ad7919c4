package io.weir.retry;

/** What a retry has counted since it was made. A snapshot. */
public interface RetryMetrics {

    /** How often an attempt was followed by another. */
    long retries();

    /** Calls that were given up: the last attempt's end was one to be retried. */
    long givenUp();

    /** Those of them that were given up because the budget was spent. */
    long refusedByBudget();
}
