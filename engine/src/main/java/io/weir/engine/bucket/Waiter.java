package io.weir.engine.bucket;

import io.weir.engine.time.TimerNode;
import io.weir.engine.time.TimerTask;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * One caller in line for tokens, or for a permit. Single-use. To be extended by whoever has something to complete when the wait ends; 40 bytes with compressed
 * references, the subclass's fields not counted.
 *
 * <p>{@link #onEnd} is run by whoever decides the end: the thread that drains the line (often another caller's), the timer's thread, or the one
 * that closes. It must therefore be short, must not block, and must not run user code: hand the completion to an executor. What it throws is
 * logged and harms nobody. It may run before acquire returns.
 */
public abstract class Waiter implements TimerTask {
    /*
     * state, one long, decides everything: the CAS that leaves WAITING is the end, and there is one.
     *
     *   NEW -> WAITING                  by its own acquire, before it is pushed
     *   NEW -> receipt (even)           granted at once
     *   WAITING -> receipt (even)       granted by the drain; the receipt is the word that the grant left in the payer's cell
     *   WAITING -> CANCELLED | TIMED_OUT | CLOSED | TOO_LARGE
     *   receipt -> HANDED_BACK          at most once
     *
     * link is the next waiter of the stack or of the line while it waits, and belongs to the pusher, then to the drain's owner; it is the
     * payer once granted: written by the owner before the claiming CAS that publishes it.
     */
    static final long NEW = 1;
    static final long WAITING = 3;
    static final long CANCELLED = 5;
    static final long TIMED_OUT = 7;
    static final long CLOSED = 9;
    static final long TOO_LARGE = 11;
    static final long HANDED_BACK = 13;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Waiter.class, "state", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** How a wait in line ends. */
    public enum End {
        /** The tokens, or the permit, are this caller's. */
        GRANTED,
        /** The timeout passed first; {@link Waiter#retryAfterNanos} tells the known wait. */
        TIMED_OUT,
        /** The bucket, the permits, or their timer, was closed. */
        CLOSED,
        /** A reconfiguration has made maxTokens smaller than what this caller asks for. */
        TOO_LARGE
    }

    private final double tokens;
    private long state = NEW;

    @Nullable
    Object link;

    @Nullable
    WaiterLine line;

    @Nullable
    TimerNode timeout;

    /**
     * Creates a waiter, for one call of acquire.
     *
     * @param tokens what it asks for, 1 for a permit; judged by acquire
     */
    protected Waiter(double tokens) {
        this.tokens = tokens;
    }

    /**
     * Called exactly once for a waiter that was queued, unless a cancel came first. See the class comment for what it may do.
     *
     * @param end how the wait ended
     */
    protected abstract void onEnd(End end);

    /** The tokens that this caller asks for. */
    public final double tokens() {
        return tokens;
    }

    /** The wait that another attempt for the same tokens would be told now, in nanoseconds; {@link Long#MAX_VALUE} if unknown. */
    public final long retryAfterNanos() {
        WaiterLine in = line;
        return in == null ? Long.MAX_VALUE : in.knownWaitNanos(tokens);
    }

    /** For the timer. */
    @Override
    public final void onTimer(TimerNode node) {
        WaiterLine in = line;
        if (in != null) {
            in.end(this, TIMED_OUT, End.TIMED_OUT);
        }
    }

    /** For the timer. */
    @Override
    public final void onTimerClosed(TimerNode node) {
        WaiterLine in = line;
        if (in != null) {
            in.end(this, CLOSED, End.CLOSED);
        }
    }

    final boolean isWaiting() {
        return state() == WAITING;
    }

    final long state() {
        return (long) STATE.getVolatile(this);
    }

    /** Leaves NEW. A plain write would do, but for a waiter that is wrongly used twice. */
    final boolean begin(long to) {
        return STATE.compareAndSet(this, NEW, to);
    }

    final IllegalStateException usedTwice() {
        return new IllegalStateException("a waiter is good for one acquire");
    }

    /** The one CAS that decides the end. Volatile: a grant's debit comes before it, the count's decrement after. */
    final boolean claim(long to) {
        return STATE.compareAndSet(this, WAITING, to);
    }

    final boolean claimReceipt(long receipt) {
        return STATE.compareAndSet(this, receipt, HANDED_BACK);
    }
}
