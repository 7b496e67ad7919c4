package io.weir.engine.time;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One wait: a task and the deadline at which a {@link Timer} runs it. Single-use: it is armed once, its deadline never
 * changes, and it ends exactly once, as fired, cancelled or aborted. Whoever waits again makes a new node. Thread-safe,
 * 40 bytes with compressed references.
 *
 * <p>Deadlines are compared with the clock by subtraction, so they may be negative and may wrap. A deadline may lie at
 * most {@link Long#MAX_VALUE} ns after the timer's clock, and at most 2<sup>62</sup> ns (146 years) before it.
 */
public final class TimerNode {
    /*
     * State, one int, from PENDING to exactly one of the others by one compare-and-set, and never again:
     *
     *     PENDING --tryFire--> FIRED          PENDING --tryCancel--> CANCELLED          PENDING --tryAbort--> ABORTED
     *
     * I1  Exactly one of fire, cancel and abort succeeds, however they race.
     *     Looked for by io.weir.jcstress.time.TimerNodeOneWinner and TimerNodeTest.
     * I2  The task is read and cleared only by the winner of I1: a plain field needs no more, since the node's
     *     publication orders the constructor's write before it, and a loser touches nothing. A cancelled node that
     *     still lies in a wheel holds nothing of its owner's. Looked for by io.weir.jcstress.time.TimerNodeOneWinner
     *     and TimerNodeTest.
     *
     * prev and next belong to the thread that owns the wheel; no one else reads them. attachment belongs to a Timer
     * that keeps a handle there (a scheduled future, say); the wheel doesn't use it.
     */
    private static final long FAR_PAST = Long.MIN_VALUE / 2;

    private static final int PENDING = 0;
    private static final int FIRED = 1;
    private static final int CANCELLED = 2;
    private static final int ABORTED = 3;

    private static final VarHandle STATE;
    private static final VarHandle ATTACHMENT;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(TimerNode.class, "state", int.class);
            ATTACHMENT = lookup.findVarHandle(TimerNode.class, "attachment", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long deadlineNanos;

    @SuppressWarnings("unused") // by STATE only
    private int state;

    private @Nullable TimerTask task;

    @SuppressWarnings("unused") // by ATTACHMENT only
    private @Nullable Object attachment;

    @Nullable
    TimerNode prev;

    @Nullable
    TimerNode next;

    /**
     * A node to be armed.
     *
     * @param task what to run
     * @param deadlineNanos when, on the timer's clock
     */
    public TimerNode(TimerTask task, long deadlineNanos) {
        this.task = Objects.requireNonNull(task, "task");
        this.deadlineNanos = deadlineNanos;
    }

    /** The head of a list: linked to itself, never fired. */
    private TimerNode(int slot) {
        deadlineNanos = slot;
        prev = this;
        next = this;
    }

    static TimerNode head(int slot) {
        return new TimerNode(slot);
    }

    /** When this node is due, in nanoseconds on the timer's clock. */
    public long deadlineNanos() {
        return deadlineNanos;
    }

    /**
     * Nanoseconds from a time to the deadline; 0 or less if it has been reached. What looks like more than 146 years
     * ago is the far future: a deadline of "now + Long.MAX_VALUE" is judged by a clock that went on a little, or by one
     * read a little before.
     */
    long nanosLeft(long nowNanos) {
        long left = deadlineNanos - nowNanos;
        return left < FAR_PAST ? Long.MAX_VALUE : left;
    }

    /**
     * Whether this node may still fire: it has neither fired, nor been cancelled, nor been aborted. True also before it
     * is armed.
     */
    public boolean isArmed() {
        // Volatile, not acquire: WheelTimer.cancel weighs its CAS here against a read of the gate, and the wheel's
        // thread the other way round.
        return (int) STATE.getVolatile(this) == PENDING;
    }

    /**
     * Fires this node, if nobody has fired, cancelled or aborted it: runs {@link TimerTask#onTimer} in the calling
     * thread. For implementations of {@link Timer}. What the task throws passes through.
     *
     * @return true if this call fired it
     */
    public boolean tryFire() {
        TimerTask mine = end(FIRED);
        if (mine == null) {
            return false;
        }
        mine.onTimer(this);
        return true;
    }

    /**
     * Cancels this node, if nobody has fired, cancelled or aborted it, and lets go of its task. For implementations of
     * {@link Timer}; others call {@link Timer#cancel}, which also takes the node out of the timer.
     *
     * @return true if this call cancelled it
     */
    public boolean tryCancel() {
        return end(CANCELLED) != null;
    }

    /**
     * Tells the task, in the calling thread, that the timer was closed, if nobody has fired, cancelled or aborted this
     * node. For implementations of {@link Timer}. What the task throws passes through.
     *
     * @return true if this call aborted it
     */
    public boolean tryAbort() {
        TimerTask mine = end(ABORTED);
        if (mine == null) {
            return false;
        }
        mine.onTimerClosed(this);
        return true;
    }

    /** The one place where a node ends (I1): the winner gets the task, everybody else null. */
    private @Nullable TimerTask end(int how) {
        // Volatile CAS: the winner's later reads and writes stay behind it, and cancel's read of the gate too. The
        // plain read before it saves losers a locked instruction.
        if ((int) STATE.getOpaque(this) != PENDING || !STATE.compareAndSet(this, PENDING, how)) {
            return null;
        }
        TimerTask mine = task;
        task = null;
        return mine;
    }

    /**
     * What the timer that armed this node has attached to it, or null. Written and read as a volatile. For
     * implementations of {@link Timer}.
     */
    public @Nullable Object attachment() {
        return ATTACHMENT.getVolatile(this);
    }

    /**
     * Keeps a timer's handle for this node, such as a scheduled future. A handle attached after the node was handed out
     * may come too late for a cancel that runs meanwhile: attach, then look at {@link #isArmed} again. For
     * implementations of {@link Timer}.
     *
     * @param handle the handle, or null to drop it
     */
    public void attach(@Nullable Object handle) {
        ATTACHMENT.setVolatile(this, handle);
    }

    /** The state's name, for people. */
    @Override
    public String toString() {
        String name = switch ((int) STATE.getOpaque(this)) {
            case PENDING -> "pending";
            case FIRED -> "fired";
            case CANCELLED -> "cancelled";
            default -> "aborted";
        };
        return "TimerNode[" + name + ", deadlineNanos=" + deadlineNanos + "]";
    }
}
