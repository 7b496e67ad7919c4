package io.weir.engine.permit;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Gathers what calls show, window by window: how long those took that ended well, how many were dropped, how many were in flight. A window is due
 * when it has lasted long enough and holds enough calls; the next to look closes it, and no two threads do at once.
 *
 * <p>Thread-safe and lock-free; nobody waits, and nothing is allocated. Recording costs one atomic add, and from the 32,768th call of a window on
 * only reads: later calls of that window are left out.
 */
public final class LatencyWindow {
    /*
     * due      the instant from which the window may be closed, its lowest bit 0; | CLOSING while somebody does
     * totals   [ samples, 16 | sum of their latencies in units of 256 ns, 48 ]
     * least    the shortest latency, nanoseconds; MAX_VALUE if none
     * drops    how many were dropped
     * inFlight the most that were in flight
     *
     *   record   one getAndAdd of totals, unless 32,768 samples are in: fewer than 32,768 threads can be between that look and their add, so 16
     *            bits hold the count; a latency is at most 2^32 - 1 units (18 minutes; what is longer counts as that), so 48 bits hold the sum
     *   close    due -> due | CLOSING by CAS, by whoever finds the window due; then each of the words is taken by getAndSet
     *   reopen   due | CLOSING -> a new due, by who closed it
     *
     * W1  One winner closes a window: the CAS of due. Whoever comes while it is CLOSING goes away. What the winner owns (the LimitWindow
     *     handed out, the limit's memory) is handed to the next one by the release of reopen and the acquire of its look.
     *     jcstress WindowOneWinner; Lincheck LatencyWindowLincheckTest.
     * W2  No sample is counted twice, and none is lost but those beyond 32,768: a sample goes into totals by one atomic add, and leaves it by
     *     one getAndSet. jcstress SampleVersusClose; Lincheck LatencyWindowLincheckTest.
     * W3  An average is of the very samples that it is said to be of: count and sum are one word. jcstress SampleVersusClose.
     * W4  A sample that is recorded while the window is closed goes into it or into the next, and its parts (latency, least, in flight)
     *     may go into different ones, each once: little harm, as no algorithm relates them to one another. LatencyWindowTest.
     * W5  A clock that stands still, steps or wraps closes a window too early or too late at worst; if it has gone back by more than the
     *     longest window, the window begins anew. LatencyWindowTest.
     *
     * A winner who is stopped before it reopens delays the next limit by as long as it is stopped; nobody waits for it.
     */
    private static final long CLOSING = 1;
    private static final int UNIT_SHIFT = 8;
    private static final long MAX_UNITS = (1L << 32) - 1;
    private static final int COUNT_SHIFT = 48;
    private static final long ONE = 1L << COUNT_SHIFT;
    private static final long SUM = ONE - 1;
    private static final int MAX_DROPS = 1 << 30;

    /** Samples after which the rest of a window is left out. */
    static final int MAX_SAMPLES = 1 << 15;

    /** How many times its least length a window may last for the latencies that it has shown. */
    static final int MAX_STRETCH = 30;

    private static final VarHandle DUE;
    private static final VarHandle TOTALS;
    private static final VarHandle LEAST;
    private static final VarHandle DROPS;
    private static final VarHandle IN_FLIGHT;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            DUE = lookup.findVarHandle(LatencyWindow.class, "due", long.class);
            TOTALS = lookup.findVarHandle(LatencyWindow.class, "totals", long.class);
            LEAST = lookup.findVarHandle(LatencyWindow.class, "least", long.class);
            DROPS = lookup.findVarHandle(LatencyWindow.class, "drops", int.class);
            IN_FLIGHT = lookup.findVarHandle(LatencyWindow.class, "inFlight", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long windowNanos;
    private final int minCalls;

    /** The winner's. */
    private final LimitWindow closed = new LimitWindow();

    @SuppressWarnings("unused") // by DUE only
    private long due;

    @SuppressWarnings("unused") // by TOTALS only
    private long totals;

    @SuppressWarnings("unused") // by LEAST only
    private long least = Long.MAX_VALUE;

    @SuppressWarnings("unused") // by DROPS only
    private int drops;

    @SuppressWarnings("unused") // by IN_FLIGHT only
    private int inFlight;

    /**
     * An empty window.
     *
     * @param windowNanos how long it lasts at least, in nanoseconds, 2 to 2<sup>40</sup> (18 minutes)
     * @param minCalls how many calls it holds at least, 1 to 32,768
     * @param nowNanos when it begins
     */
    public LatencyWindow(long windowNanos, int minCalls, long nowNanos) {
        if (windowNanos < 2 || windowNanos > 1L << 40) {
            throw new IllegalArgumentException("windowNanos is " + windowNanos + "; it must be between 2 and 2^40");
        }
        if (minCalls < 1 || minCalls > MAX_SAMPLES) {
            throw new IllegalArgumentException("minCalls is " + minCalls + "; it must be between 1 and " + MAX_SAMPLES);
        }
        this.windowNanos = windowNanos;
        this.minCalls = minCalls;
        this.due = (nowNanos + windowNanos) & ~CLOSING;
        VarHandle.releaseFence(); // a window published by a race is whole
    }

    // ---- hot path

    /**
     * Records a call that ended well.
     *
     * @param rttNanos how long it took; less than 0 comes from a clock that has stepped, and is left out
     * @param callsInFlight how many were in flight when it ended, itself included
     */
    public void success(long rttNanos, int callsInFlight) {
        if (rttNanos < 0) {
            return;
        }
        if ((int) ((long) TOTALS.getOpaque(this) >>> COUNT_SHIFT) < MAX_SAMPLES) { // opaque: a guess; the add decides
            long units = Math.min((rttNanos >>> UNIT_SHIFT) + (rttNanos >>> (UNIT_SHIFT - 1) & 1), MAX_UNITS);
            TOTALS.getAndAdd(this, ONE + units);
        }
        while (true) {
            long seen = (long) LEAST.getOpaque(this); // opaque: nothing is read by way of it
            if (rttNanos >= seen || LEAST.weakCompareAndSetPlain(this, seen, rttNanos)) {
                break;
            }
            Thread.onSpinWait();
        }
        inFlight(callsInFlight);
    }

    /** Records a call that was dropped, of which only that is known, and how many were in flight. */
    public void dropped(int callsInFlight) {
        if ((int) DROPS.getOpaque(this) < MAX_DROPS) {
            DROPS.getAndAdd(this, 1);
        }
        inFlight(callsInFlight);
    }

    private void inFlight(int calls) {
        while (true) {
            int seen = (int) IN_FLIGHT.getOpaque(this);
            if (calls <= seen || IN_FLIGHT.weakCompareAndSetPlain(this, seen, calls)) {
                return;
            }
            Thread.onSpinWait();
        }
    }

    /**
     * Closes the window if it is due and nobody else does. To be called after each record.
     *
     * @param nowNanos a reading of the clock
     * @return what it has shown, to be used until {@link #reopen} is called, which must follow; null if there is nothing to do
     */
    public @Nullable LimitWindow closeIfDue(long nowNanos) {
        long seen = (long) DUE.getAcquire(this); // acquire: what the last winner owned, if this one wins
        if ((seen & CLOSING) != 0) {
            return null;
        }
        long late = nowNanos - seen;
        if (late < 0) {
            if (late < -MAX_STRETCH * windowNanos - windowNanos) { // W5
                DUE.compareAndSet(this, seen, (nowNanos + windowNanos) & ~CLOSING);
            }
            return null;
        }
        if (samples((long) TOTALS.getOpaque(this)) + (int) DROPS.getOpaque(this) < minCalls
                || !DUE.compareAndSet(this, seen, seen | CLOSING)) {
            return null;
        }
        long taken = (long) TOTALS.getAndSet(this, 0L);
        int samples = samples(taken);
        double average = samples == 0 ? 1 : (double) ((taken & SUM) << UNIT_SHIFT) / samples;
        return closed.set(
                samples, average, (long) LEAST.getAndSet(this, Long.MAX_VALUE), (int) DROPS.getAndSet(this, 0), (int)
                        IN_FLIGHT.getAndSet(this, 0));
    }

    /**
     * Begins the next window, by whoever has closed the last. It lasts at least twice as long as a call of the last one took on average, so that most of
     * its calls have begun under the limit that it judges; but no longer than 30 times the least length.
     */
    public void reopen(long nowNanos) {
        double twice = closed.samples() == 0 ? 0 : 2 * closed.averageRttNanos();
        long length = (long) Math.min(Math.max((double) windowNanos, twice), (double) MAX_STRETCH * windowNanos);
        DUE.setRelease(this, (nowNanos + length) & ~CLOSING); // release: what the winner owned (W1)
    }

    private static int samples(long totals) {
        return (int) (totals >>> COUNT_SHIFT);
    }

    // ---- diagnostics

    /** The calls that ended well in the present window, so far. */
    public int samples() {
        return samples((long) TOTALS.getOpaque(this));
    }

    /** The calls that were dropped in the present window, so far. */
    public int drops() {
        return (int) DROPS.getOpaque(this);
    }

    @Override
    public String toString() {
        return "LatencyWindow[" + samples() + " samples, " + drops() + " drops]";
    }
}
