package io.weir.breaker;

import io.weir.engine.breaker.DetectorConfig;
import java.time.Duration;

/** When a closed breaker opens. Immutable, compared by value. */
public class FailureDetection {
    private final DetectorConfig config;

    private FailureDetection(DetectorConfig config) {
        this.config = config;
    }

    /**
     * Opens after so many failures in a row; a success starts the count anew.
     *
     * @param failures at least 1
     */
    public static FailureDetection consecutive(int failures) {
        return new FailureDetection(DetectorConfig.consecutive(failures));
    }

    /**
     * Opens after so many failures since it closed, whatever succeeds in between.
     *
     * @param failures at least 1
     */
    public static FailureDetection cumulative(int failures) {
        return new FailureDetection(DetectorConfig.cumulative(failures));
    }

    /**
     * Opens when too many of the last calls have failed. Exact, whatever the number of threads: judged after each call, on the last {@code
     * size} of them in one order. Nothing is judged before there were 20 calls ({@code size}, if that is less), so that the first few say
     * nothing; {@link Window#minimumCalls} changes that.
     *
     * @param size how many calls, from 1 to 1,000,000; takes 8 bytes each
     * @param failureRate which share of them opens the breaker: more than 0.0, up to 1.0
     * @throws IllegalArgumentException if one is out of range
     */
    public static Window countWindow(int size, double failureRate) {
        return new Window(
                DetectorConfig.countWindow(size, failureRate, Math.min(Window.MINIMUM_CALLS, Math.max(1, size))));
    }

    /**
     * Opens when too many of the calls of the last so many seconds have failed. Judged after each call. The window moves on in tenths of its
     * duration, so it covers between nine tenths and all of it. Nothing is judged while it holds fewer than 20 calls; {@link
     * Window#minimumCalls} changes that.
     *
     * @param duration from 10 ms to 1 h; a call belongs to the time of its end
     * @param failureRate which share of the calls opens the breaker: more than 0.0, up to 1.0
     * @throws IllegalArgumentException if one is out of range
     */
    public static Window timeWindow(Duration duration, double failureRate) {
        long nanos =
                Nanos.between("duration", duration, DetectorConfig.MIN_WINDOW_NANOS, DetectorConfig.MAX_WINDOW_NANOS);
        return new Window(DetectorConfig.timeWindow(nanos, failureRate, Window.MINIMUM_CALLS));
    }

    DetectorConfig config() {
        return config;
    }

    @Override
    public final boolean equals(Object other) {
        return other instanceof FailureDetection that && that.config.equals(config);
    }

    @Override
    public final int hashCode() {
        return config.hashCode();
    }

    @Override
    public final String toString() {
        return config.toString();
    }

    /** A detection by the share of failures, and of slow calls, among the last calls. */
    public static final class Window extends FailureDetection {
        private static final int MINIMUM_CALLS = 20;

        private Window(DetectorConfig config) {
            super(config);
        }

        /**
         * How many calls the window must hold to be judged.
         *
         * @param calls at least 1, at most the size of a count window
         * @return the same window with this minimum
         * @throws IllegalArgumentException if out of range
         */
        public Window minimumCalls(int calls) {
            return new Window(config().minimumCalls(calls));
        }

        /**
         * Also opens when too many calls are slow, whether they succeed or fail.
         *
         * @param duration from how long on a call is slow; positive, up to 73 years
         * @param slowCallRate which share of the calls opens the breaker: more than 0.0, up to 1.0
         * @return the same window that judges slow calls too
         * @throws IllegalArgumentException if one is out of range
         */
        public Window slowCalls(Duration duration, double slowCallRate) {
            return new Window(config().slowCalls(Nanos.between("duration", duration, 1, Nanos.MAX), slowCallRate));
        }
    }
}
