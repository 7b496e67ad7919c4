package io.weir.engine.permit;

import io.weir.engine.bucket.Waiter;
import io.weir.engine.time.Timer;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.agrona.concurrent.NanoClock;

/**
 * {@link Permits} whose limit follows the latency and the drops of the calls that hold them. A {@link LimitAlgorithm} computes the limit, once a
 * window; this enforces it.
 *
 * <p>A permit is a long, the instant of the call's start, and is given back exactly once: by {@link #onSuccess}, {@link #onDropped} or
 * {@link #onIgnored}. The limit is always between min and max, and doesn't grow while calls use less than half of it.
 *
 * <p>Thread-safe and lock-free; no method blocks, and none allocates but for the waiters handed in. {@link #tryAcquire} and {@link #acquire} throw
 * IllegalStateException once {@link #close} has been called; the rest go on working, as permits in use come back later.
 */
public final class AdaptivePermits {
    /*
     * Who may be in flight is decided by permits alone (P1 to P5 there), what is gathered by window (W1 to W5 there). Between the two:
     *
     * A1  Each limit is computed from the one before: limit and memory belong to whoever has closed the window (W1), and he resizes before he
     *     reopens it. Lincheck AdaptivePermitsLincheckTest.
     * A2  Always within [min, max], whatever the algorithm returns or throws. AdaptivePermitsTest.
     * A3  No growth while less than half of it is in use. AdaptivePermitsTest.
     * A4  A permit is free again before anything is computed, so an algorithm that throws or never returns costs nobody a permit.
     *     AdaptivePermitsTest.
     *
     * A permit's lowest bit is 0, which costs 1 ns of the start's resolution, so that the odd numbers can mean that there is none.
     */

    /** Instead of a permit: none is free, and the line is full or not wanted. Odd, as no permit is. */
    public static final long REFUSED = 1;

    /** Instead of a permit: the waiter stands in line. Odd, as no permit is. */
    public static final long QUEUED = 3;

    private final NanoClock clock;
    private final Permits permits;
    private final LatencyWindow window;
    private final LimitAlgorithm algorithm;
    private final int min;
    private final int max;

    // Of whoever has closed the window.
    private final double[] memory;
    private double limit;

    /**
     * Creates permits, all free.
     *
     * @param clock a monotonic clock
     * @param timer ends waiters whose timeout has passed; its clock must be the same
     * @param config what is not default
     */
    public AdaptivePermits(NanoClock clock, Timer timer, AdaptiveConfig config) {
        this.clock = Objects.requireNonNull(clock, "clock");
        this.permits = new Permits(clock, timer, config.initial(), config.maxWaiters());
        this.window = new LatencyWindow(config.windowNanos(), config.minCalls(), clock.nanoTime());
        this.algorithm = config.algorithm();
        this.min = config.min();
        this.max = config.max();
        this.memory = new double[algorithm.memorySize()];
        this.limit = config.initial();
        VarHandle.releaseFence(); // permits published by a race are whole
    }

    // ---- hot path

    /** Takes a permit, now or never. Reads the clock only if it is granted. Returns the permit, an even number, or {@link #REFUSED}. */
    public long tryAcquire() {
        return permits.tryAcquire() ? begun(clock.nanoTime()) : REFUSED;
    }

    /** The same, with a reading of the clock that the caller has just taken. */
    public long tryAcquire(long nowNanos) {
        return permits.tryAcquire() ? begun(nowNanos) : REFUSED;
    }

    /**
     * Gives the permit of a call back that ended well, or failed in a way that says nothing about the service's capacity but how long it takes.
     *
     * @throws IllegalArgumentException if it is no permit
     * @throws IllegalStateException if no permit is in use
     */
    public void onSuccess(long permit) {
        onSuccess(permit, clock.nanoTime());
    }

    /** The same, with a reading of the clock that the caller has just taken. */
    public void onSuccess(long permit, long nowNanos) {
        int inFlight = giveBack(permit);
        window.success(nowNanos - permit, inFlight);
        adapt(nowNanos);
    }

    /** Gives the permit of a call back that the service refused or did not answer in time, for want of capacity. */
    public void onDropped(long permit) {
        onDropped(permit, clock.nanoTime());
    }

    /** The same, with a reading of the clock that the caller has just taken. */
    public void onDropped(long permit, long nowNanos) {
        int inFlight = giveBack(permit);
        window.dropped(inFlight);
        adapt(nowNanos);
    }

    /** Gives the permit of a call back that says nothing about the service: cancelled, never begun, or failed before it reached it. */
    public void onIgnored(long permit) {
        giveBack(permit);
    }

    private static long begun(long nowNanos) {
        return nowNanos & ~1;
    }

    /** A4: before anything else. Returns how many were in flight, this one included. */
    private int giveBack(long permit) {
        if ((permit & 1) != 0) {
            throw new IllegalArgumentException(
                    "permit is " + permit + "; it must be one that was granted, which is even");
        }
        int inFlight = permits.inUse();
        permits.release();
        return inFlight;
    }

    // ---- waiting

    /**
     * Takes a permit, now or as soon as one is free, first come, first served.
     *
     * @param waiter a new waiter, for 1 token; granted by its {@code onEnd}, its permit is what {@link #begin} returns
     * @param timeoutNanos the longest wait of use, in nanoseconds; 0 or less for none; {@link Long#MAX_VALUE} for no timeout
     * @return the permit if granted at once, {@link #QUEUED} if in line, {@link #REFUSED} if neither; as {@link Permits#acquire}
     */
    public long acquire(Waiter waiter, long timeoutNanos) {
        long answer = permits.acquire(waiter, timeoutNanos);
        if (answer == 0) {
            return begin();
        }
        return answer == Permits.QUEUED ? QUEUED : REFUSED;
    }

    /** The permit of a waiter that was granted in line: to be called when its call begins, as the wait says nothing about the service. */
    public long begin() {
        return begun(clock.nanoTime());
    }

    /** Takes a waiter out of the line; as {@link Permits#cancel}. One that was granted holds a permit: {@link #begin} it, then {@link #onIgnored}. */
    public boolean cancel(Waiter waiter) {
        return permits.cancel(waiter);
    }

    /** How many callers stand in line. */
    public int waiters() {
        return permits.waiters();
    }

    // ---- the limit

    private void adapt(long nowNanos) {
        LimitWindow closed = window.closeIfDue(nowNanos);
        if (closed != null) {
            try {
                resize(closed);
            } finally {
                window.reopen(nowNanos);
            }
        }
    }

    private void resize(LimitWindow closed) {
        double next = bounded(next(closed));
        if (next > limit && !closed.uses(limit)) { // A3
            return;
        }
        limit = next;
        permits.tryResize((int) next); // not if closed meanwhile: then it doesn't matter
    }

    private double next(LimitWindow closed) {
        if (closed.samples() + closed.drops()
                == 0) { // its calls were seen by the look, but went into the window before
            return limit;
        }
        try {
            return algorithm.next(limit, closed, memory);
        } catch (Throwable e) { // the caller's result must not suffer for it
            System.getLogger("io.weir.engine").log(System.Logger.Level.ERROR, "LimitAlgorithm.next must not throw", e);
            return limit;
        }
    }

    /** A2. */
    private double bounded(double next) {
        return Double.isNaN(next) ? limit : Math.max(min, Math.min(max, next));
    }

    // ---- readings

    /** How many permits there are. */
    public int limit() {
        return permits.limit();
    }

    /** How many permits are in use; more than {@link #limit} for a while after it has fallen. */
    public int inUse() {
        return permits.inUse();
    }

    /** Admits nobody any more, and fails everybody in line; as {@link Permits#close}. Idempotent. */
    public void close() {
        permits.close();
    }

    /** The same; as {@link Permits#close(String)}. */
    public void close(String message) {
        permits.close(message);
    }

    /** Whether {@link #close} has been called. */
    public boolean isClosed() {
        return permits.isClosed();
    }

    @Override
    public String toString() {
        return "AdaptivePermits[" + inUse() + " of " + limit() + " in use, waiters=" + waiters() + ", " + algorithm
                + (isClosed() ? ", closed]" : "]");
    }
}
