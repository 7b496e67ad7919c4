package io.weir.guard;

/**
 * Computes an {@link AdaptiveBulkhead}'s limit from what a window of calls has shown: a pure function of its arguments. What it has to
 * remember from window to window is in an array that the bulkhead keeps for it, so one algorithm may serve many bulkheads.
 *
 * <p>It is called by one thread at a time for each bulkhead, once a window, with no lock held and no place taken. Whatever it returns, the
 * limit stays within its bounds, and doesn't grow while calls use less than half of it. NaN leaves the limit as it is; so does a throw,
 * which is logged.
 */
public interface LimitAlgorithm {

    /**
     * The next limit.
     *
     * @param limit the present one, with its fraction; at least 1
     * @param window what the calls have shown; valid during this call only
     * @param memory its own, {@link #memorySize} long; all 0 before the first window, then as it has left it
     * @return the limit wanted from now on
     */
    double next(double limit, Window window, double[] memory);

    /** How many numbers it remembers, 0 to 1,000. */
    default int memorySize() {
        return 0;
    }

    /**
     * Follows the ratio of the usual latency to the present one. The default. After Gradient2Limit of Netflix's concurrency-limits, with
     * measures against its creep; see {@link io.weir.engine.permit.GradientLimit}.
     */
    static LimitAlgorithm gradient() {
        return EngineLimit.GRADIENT;
    }

    /**
     * Holds the queue that these calls build up in the service between 3 and 6. Brakmo and Peterson, "TCP Vegas", 1995; see {@link
     * io.weir.engine.permit.VegasLimit}.
     */
    static LimitAlgorithm vegas() {
        return EngineLimit.VEGAS;
    }

    /**
     * One more after each window in which all went well, a tenth less after one in which a call was dropped, or took more than 5 s on
     * average. Chiu and Jain, 1989; see {@link io.weir.engine.permit.AimdLimit}.
     */
    static LimitAlgorithm aimd() {
        return EngineLimit.AIMD;
    }

    /** What the calls of one window have shown; at least a second and ten calls. */
    interface Window {

        /** The calls that ended well. */
        int samples();

        /** How long a call that ended well took on average, in nanoseconds; at least 1; without meaning if there was none. */
        double averageLatencyNanos();

        /** The shortest call that ended well, in nanoseconds; at least 1; without meaning if there was none. */
        long minLatencyNanos();

        /** The calls that were dropped: the service refused them, or didn't answer in time. */
        int drops();

        /** The most places that were taken when a call ended, its own included. */
        int maxInFlight();
    }
}
