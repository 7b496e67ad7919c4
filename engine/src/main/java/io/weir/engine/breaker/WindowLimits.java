package io.weir.engine.breaker;

/** When what a window holds must open the breaker; the same for both windows. Immutable. */
final class WindowLimits {
    final int minimumCalls;
    final double failureRate;
    final double slowCallRate;
    final long slowCallNanos;

    /**
     * @param slowCallNanos from how long on a call is slow; {@link Long#MAX_VALUE}: that isn't judged
     * @param slowCallRate infinite if it isn't judged
     */
    WindowLimits(int minimumCalls, double failureRate, long slowCallNanos, double slowCallRate) {
        this.minimumCalls = minimumCalls;
        this.failureRate = failureRate;
        this.slowCallNanos = slowCallNanos;
        this.slowCallRate = slowCallRate;
    }

    boolean isSlow(long durationNanos) {
        return durationNanos >= slowCallNanos;
    }

    /**
     * Whether so many outcomes, with so many failures and slow calls among them, reach one of the rates. By division:
     * the quotient is rounded as the rate was when it was written down, so 7 of 100 reach 0.07, though 0.07 · 100 is
     * more than 7.
     */
    boolean reached(long total, long failures, long slow) {
        return total >= minimumCalls
                && ((double) failures / total >= failureRate || (double) slow / total >= slowCallRate);
    }
}
