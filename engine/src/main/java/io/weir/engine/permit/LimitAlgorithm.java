package io.weir.engine.permit;

/**
 * Computes a limit on concurrency from what a window of calls has shown: a pure function of its arguments, apart from who enforces it. What it has
 * to remember from window to window is in an array that the enforcement keeps for it, so an algorithm is immutable and may be shared.
 *
 * <p>It is called by one thread at a time, once a window, never on a refusal and seldom on a call's path. Whatever it returns, the limit stays
 * between its bounds; a NaN leaves it as it is, and so does growth while calls use less than half of it.
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
    double next(double limit, LimitWindow window, double[] memory);

    /** How many numbers it remembers, 0 to 1,000. */
    int memorySize();
}
