package io.weir.engine.permit;

import io.weir.engine.bucket.Slots;
import io.weir.engine.bucket.Supply;
import io.weir.engine.bucket.Waiter;
import io.weir.engine.bucket.WaiterLine;
import io.weir.engine.time.Timer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.agrona.concurrent.NanoClock;

/**
 * A limit on concurrency: so many permits, each held by one caller from its grant to its release. Callers that find none free may stand in
 * line, first come, first served. The limit may be changed at any time; when it falls, the permits in use above it are not taken away, just
 * not replaced.
 *
 * <p>Thread-safe and lock-free; no method blocks. Taking a free permit is one compare-and-set, and so is a release, which then looks whether
 * somebody waits; neither allocates. What happened before a release happens before the grant that follows it. {@link #tryAcquire},
 * {@link #acquire} and {@link #resize} throw IllegalStateException once {@link #close} has been called; the rest go on working, as permits in
 * use come back later.
 */
public final class Permits implements Slots {
    /*
     * word, 64 bits:  [ CLOSED, 1 | limit, 31 | inUse, 32 ]
     *
     *   take     inUse + 1, only if inUse < limit and not CLOSED      tryAcquire; the drain, for the head of the line
     *   give     inUse - 1, only if inUse > 0                         release; the drain, for a head that was gone
     *   resize   another limit, unless CLOSED                         CLOSED is never cleared
     *
     * P1  Never above the limit: a permit is granted by the CAS that sees limit and inUse in one word. Only a resize makes inUse > limit.
     *     jcstress LastPermit, ReleaseVersusResize; Lincheck PermitsLincheckTest; PermitsSimulationTest.
     * P2  Never leaked, never made: inUse is the grants less the releases. The drain takes first and claims its waiter then, and gives at once
     *     what it took for a waiter that was gone. jcstress CancelVersusPermit, ReleaseVersusAcquire; Lincheck PermitsLineLincheckTest;
     *     PermitsSimulationTest.
     * P3  No lost waiter: release, resize and close change the word first and look at the line then; a newcomer pushes first and looks at the
     *     word then (its drain). Both volatile, so one sees the other. jcstress ReleaseVersusEnqueue, ResizeVersusEnqueue; Lincheck
     *     PermitsLineLincheckTest; PermitsSimulationTest.
     * P4  First come, first served: while somebody waits, tryAcquire is refused (WaiterLine, L3). PermitsTest, PermitsSimulationTest.
     * P5  No waiter outlives close: CLOSED is in the word that the drain reads. jcstress CloseVersusEnqueue; PermitsTest.
     *
     * Between the take and the give of P2 a permit is in nobody's hands, and a tryAcquire may be refused for it: too little for a moment, never
     * too much.
     */

    /** What {@link #acquire} returns for a caller who stands in line now. */
    public static final long QUEUED = -1;

    /** What {@link #acquire} returns for a caller who is refused: nobody knows when a permit comes back. */
    public static final long REFUSED = Long.MAX_VALUE;

    private static final long CLOSED = 1L << 63;

    private static final VarHandle WORD;

    static {
        try {
            WORD = MethodHandles.lookup().findVarHandle(Permits.class, "word", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused") // by WORD only
    private long word;

    private final WaiterLine line;
    // What is said after the close. Written before the bit that closes, and read after it; of two who close at once,
    // either's.
    private String closedMessage = "the permits are closed";
    private final int maxWaiters;

    /**
     * Creates permits, all free.
     *
     * @param clock a monotonic clock, for the timeouts of waiters
     * @param timer ends waiters whose timeout has passed; its clock must be the same
     * @param limit how many permits there are, 1 or more
     * @param maxWaiters how many callers may stand in line, 0 or more
     */
    public Permits(NanoClock clock, Timer timer, int limit, int maxWaiters) {
        requireValid(limit);
        if (maxWaiters < 0) {
            throw new IllegalArgumentException("maxWaiters is " + maxWaiters + "; it must be 0 or more");
        }
        this.line = new WaiterLine(
                Objects.requireNonNull(clock, "clock"), Objects.requireNonNull(timer, "timer"), new FreePermits(this));
        this.maxWaiters = maxWaiters;
        this.word = (long) limit << 32;
        VarHandle.releaseFence(); // permits published by a race are whole
    }

    // ---- hot path

    /**
     * Takes a permit, now or never.
     *
     * @return whether it was granted; true obliges to one {@link #release}
     */
    @Override
    public boolean tryAcquire() {
        long seen = word();
        requireOpen(seen);
        if (inUse(seen) >= limit(seen) || line.isOccupied() && line.isStillOccupied()) {
            return false;
        }
        int taken = take();
        if (taken == Supply.CLOSED) {
            throw closed();
        }
        return taken == Supply.DEBITED;
    }

    /**
     * Gives a permit back.
     *
     * @throws IllegalStateException if no permit is in use. A release too many while others hold permits can't be told from theirs, and admits one
     *     caller too many: who calls must know that it holds one
     */
    @Override
    public void release() {
        if (!give()) {
            throw new IllegalStateException("release without a permit: none is in use");
        }
        line.drainIfOccupied();
    }

    /** P1: the only place where a permit is granted. DEBITED, WHEN_TOLD or CLOSED. */
    private int take() {
        while (true) {
            long seen = word();
            if (seen < 0) {
                return Supply.CLOSED;
            }
            if (inUse(seen) >= limit(seen)) {
                return Supply.WHEN_TOLD;
            }
            // Volatile CAS: the drain's claim of the waiter must not come before it (P2).
            if (WORD.compareAndSet(this, seen, seen + 1)) {
                return Supply.DEBITED;
            }
            Thread.onSpinWait();
        }
    }

    private boolean give() {
        while (true) {
            long seen = word();
            if (inUse(seen) == 0) {
                return false;
            }
            // Volatile CAS: the look at the line must not come before it (P3).
            if (WORD.compareAndSet(this, seen, seen - 1)) {
                return true;
            }
            Thread.onSpinWait();
        }
    }

    // ---- waiting

    /**
     * Takes a permit, now or as soon as one is free, first come, first served.
     *
     * @param waiter a new waiter, for 1 token
     * @param timeoutNanos the longest wait of use, in nanoseconds; 0 or less for none; {@link Long#MAX_VALUE} for no timeout
     * @return 0 if granted at once: {@code onEnd} is not called; {@link #QUEUED} if in line: {@code onEnd} will be called once, or has been
     *     already; {@link #REFUSED} if none is free and the line is full, or a wait is of no use. Granted at once or by
     *     {@link Waiter.End#GRANTED}, it obliges to one {@link #release}
     */
    @Override
    public long acquire(Waiter waiter, long timeoutNanos) {
        if (waiter.tokens() != 1) {
            throw new IllegalArgumentException("waiter.tokens is " + waiter.tokens() + "; it must be 1");
        }
        WaiterLine.requireNew(waiter);
        if (tryAcquire()) {
            WaiterLine.grantAtOnce(waiter, 0, null);
            return 0;
        }
        int place = timeoutNanos <= 0 ? WaiterLine.FULL : line.stand(waiter, timeoutNanos, maxWaiters);
        if (place == WaiterLine.FULL) {
            return REFUSED;
        }
        if (isClosed()) { // close() may have drained before the push
            line.close(waiter);
        }
        line.attend(waiter, place);
        return QUEUED;
    }

    /**
     * Takes a waiter out of the line. To be called after {@link #acquire} has returned.
     *
     * @return true if it will not be granted, and {@code onEnd} is not called; false if it had ended already, or was never queued: a permit that it
     *     was granted is still to be released
     */
    @Override
    public boolean cancel(Waiter waiter) {
        return line.cancel(waiter);
    }

    /** How many callers stand in line. */
    public int waiters() {
        return line.count();
    }

    // ---- readings

    /** How many permits are in use; more than {@link #limit} for a while after it has fallen. */
    public int inUse() {
        return inUse(word());
    }

    /** How many permits there are. */
    public int limit() {
        return limit(word());
    }

    // ---- reconfiguring

    /**
     * Changes the limit. Takes effect at one instant between call and return: raised, those in line get what is free; lowered, permits in use
     * above it are not replaced when they come back.
     *
     * @param limit how many permits there are from now on, 1 or more
     */
    public void resize(int limit) {
        requireValid(limit);
        if (!tryResize(limit)) {
            throw closed();
        }
    }

    /** The same, but false on closed permits. */
    boolean tryResize(int limit) {
        while (true) {
            long seen = word();
            if (seen < 0) {
                return false;
            }
            int before = limit(seen);
            if (before == limit) {
                return true;
            }
            if (WORD.compareAndSet(this, seen, (long) limit << 32 | inUse(seen))) {
                if (limit > before) {
                    line.drainIfOccupied();
                }
                return true;
            }
            Thread.onSpinWait();
        }
    }

    /** Admits nobody any more, and fails everybody in line with {@link Waiter.End#CLOSED}. Permits in use are released as ever. Idempotent. */
    public void close() {
        close(closedMessage);
    }

    /**
     * The same.
     *
     * @param message of the IllegalStateException that whoever comes later gets; the first close's counts
     */
    public void close(String message) {
        Objects.requireNonNull(message, "message");
        if (!isClosed()) {
            closedMessage = message;
        }
        WORD.getAndBitwiseOr(this, CLOSED);
        line.drain();
    }

    /** Whether {@link #close} has been called. */
    public boolean isClosed() {
        return word() < 0;
    }

    private long word() {
        // Acquire would do for takers and givers, whose CAS follows. Volatile for P3: a newcomer's push, then this; a
        // closer's or drainer's too.
        return (long) WORD.getVolatile(this);
    }

    private static int inUse(long word) {
        return (int) word;
    }

    private static int limit(long word) {
        return (int) (word >>> 32) & Integer.MAX_VALUE;
    }

    private static void requireValid(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit is " + limit + "; it must be between 1 and " + Integer.MAX_VALUE);
        }
    }

    private void requireOpen(long word) {
        if (word < 0) {
            throw closed();
        }
    }

    private IllegalStateException closed() {
        return new IllegalStateException(closedMessage);
    }

    @Override
    public String toString() {
        long seen = word();
        return "Permits[" + inUse(seen) + " of " + limit(seen) + " in use, waiters=" + waiters()
                + (seen < 0 ? ", closed]" : "]");
    }

    /** The word as the line sees it. */
    private static final class FreePermits extends Supply {
        private final Permits permits;

        FreePermits(Permits permits) {
            this.permits = permits;
            receipt = 0; // a permit needs no name: whoever was granted one releases one
        }

        @Override
        protected int debit(double tokens) {
            return permits.take();
        }

        @Override
        protected void lost(double tokens) {
            permits.give(); // P2; the drain looks for the next in line by itself
        }

        @Override
        protected void claimed(double tokens) {}

        @Override
        protected void settle() {}

        @Override
        protected double maxTokens() {
            return 1;
        }

        @Override
        protected long knownWaitNanos(double tokens) {
            return REFUSED;
        }
    }
}
