package io.weir.engine.permit;

/** What the calls of one window have shown. Not thread-safe: for the thread that closes the window, while it holds it. */
public final class LimitWindow {
    private int samples;
    private int drops;
    private int maxInFlight;
    private double averageRttNanos;
    private long minRttNanos;

    /** Without any call. */
    public LimitWindow() {}

    /**
     * Sets everything.
     *
     * @param samples the calls that ended well
     * @param averageRttNanos how long they took on average, in nanoseconds; without meaning if there are none
     * @param minRttNanos the least of it
     * @param drops the calls that were dropped: refused or timed out for want of capacity
     * @param maxInFlight the most permits that were in use when a call ended, its own included
     * @return this
     */
    public LimitWindow set(int samples, double averageRttNanos, long minRttNanos, int drops, int maxInFlight) {
        this.samples = samples;
        this.averageRttNanos = Math.max(1, averageRttNanos);
        this.minRttNanos = Math.max(1, minRttNanos);
        this.drops = drops;
        this.maxInFlight = maxInFlight;
        return this;
    }

    /** The calls that ended well, and how long they took is known. */
    public int samples() {
        return samples;
    }

    /** How long a call that ended well took on average, in nanoseconds; at least 1; without meaning if there was none. */
    public double averageRttNanos() {
        return averageRttNanos;
    }

    /** The shortest call that ended well, in nanoseconds; at least 1; without meaning if there was none. */
    public long minRttNanos() {
        return minRttNanos;
    }

    /** The calls that were dropped. */
    public int drops() {
        return drops;
    }

    /** The part of the calls that were dropped, 0 to 1. */
    public double dropRatio() {
        return drops == 0 ? 0 : (double) drops / ((double) drops + samples);
    }

    /** The most permits that were in use when a call ended. */
    public int maxInFlight() {
        return maxInFlight;
    }

    /** Whether the calls used at least half of this limit; if not, they say nothing about a higher one. */
    public boolean uses(double limit) {
        return maxInFlight >= limit / 2;
    }

    @Override
    public String toString() {
        return "LimitWindow[" + samples + " samples, average " + averageRttNanos + " ns, least " + minRttNanos + " ns, "
                + drops + " drops, at most " + maxInFlight + " in flight]";
    }
}
