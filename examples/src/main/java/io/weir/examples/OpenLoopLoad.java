package io.weir.examples;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

/**
 * An open-loop load: calls begin on a schedule fixed beforehand, whether or not earlier ones have ended, as users do who don't know of each
 * other. A load that waits for answers slows down with the service, and so leaves out the very calls that would have been slow ("coordinated
 * omission"). Late by a stall of its own thread, it makes up for it at once, and each call is told when it was meant to begin.
 */
final class OpenLoopLoad implements Runnable {
    private final double ratePerSecond;
    private final long total;
    private final LongConsumer call;
    private volatile long startNanos;
    private volatile boolean stopped;
    private volatile long arrivals;

    /**
     * A load.
     *
     * @param ratePerSecond calls a second
     * @param duration for how long
     * @param call begins a call and must not block; gets the nanosecond at which it was meant to begin
     */
    OpenLoopLoad(double ratePerSecond, Duration duration, LongConsumer call) {
        this.ratePerSecond = ratePerSecond;
        this.total = (long) Math.ceil(ratePerSecond * duration.toNanos() / 1e9 - 1e-6);
        this.call = call;
    }

    /** How many calls there are to be: those whose time comes before the duration is over, the first at once. */
    long total() {
        return total;
    }

    /** How many calls were begun. */
    long arrivals() {
        return arrivals;
    }

    /** When the first call is meant to begin; to be set before {@link #run}. */
    OpenLoopLoad startingAt(long nanos) {
        startNanos = nanos;
        return this;
    }

    /** Begins no more calls. */
    void stop() {
        stopped = true;
    }

    @Override
    public void run() {
        long begun = 0;
        while (begun < total && !stopped) {
            long intended = startNanos + (long) (begun * 1e9 / ratePerSecond);
            long wait = intended - System.nanoTime();
            if (wait > 0) {
                // Never long, so that a stop is seen soon.
                LockSupport.parkNanos(Math.min(wait, 20_000_000));
                continue;
            }
            call.accept(intended);
            arrivals = ++begun;
        }
    }
}
