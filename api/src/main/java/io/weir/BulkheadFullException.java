package io.weir;

/** A bulkhead refused a call: as many as may run at once are running, and no more may wait, or have waited too long. */
public final class BulkheadFullException extends CallRejectedException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes a rejection. When to come back is unknown: calls end when they end.
     *
     * @param guard the bulkhead's name
     * @param maxConcurrent how many calls may run at once
     * @param stackTrace whether to fill in the stack
     */
    public BulkheadFullException(String guard, int maxConcurrent, boolean stackTrace) {
        super(
                guard,
                "bulkhead '" + guard + "' has no place free: at most " + maxConcurrent + " call(s) run at once",
                null,
                stackTrace);
    }
}
