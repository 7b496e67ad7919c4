package io.weir.engine.bucket;

import io.weir.engine.time.Timer;
import io.weir.engine.time.TimerNode;
import io.weir.engine.time.TimerTask;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * A first-come-first-served line of {@link Waiter}s for a {@link Supply}, drained by one thread at a time, which nobody waits for.
 *
 * <p>Callers never wait for a drainer. Waiters do: they are late by as long as the drain's owner is descheduled. Thread-safe.
 */
public final class WaiterLine implements TimerTask {
    /*
     * count    waiters that have begun and not ended, so that maxWaiters is exact. Goes up before a push, down after the claim.
     * queued   the sum of their costs, in 2^-20 tokens, for known waits only. Wraps without harm, as what went in comes out.
     * head     a Treiber stack of newcomers. The owner takes it whole by swapping in TAKEN, and puts null there only by a CAS from TAKEN when
     *          its private line is empty. So: somebody waits = count > 0 and head != null. (Count alone would let a newcomer that is stopped
     *          before its push keep everybody out; head alone would see the dead.)
     * wip      work in progress. getAndIncrement: whoever gets 0 owns the drain, and goes round until it can take the counter back to 0.
     *
     * Private to the owner, published by wip: first, last, size (the line), grantTimer, largest, and all of the supply.
     *
     * L1  No lost waiter: with wip 0, the first live waiter in line has its supply's timer armed, due no later than its tokens, if the supply
     *     knows when that is; if not (WHEN_TOLD), whoever changes it runs the drain. Everything that can change who may go runs the drain after it: a push on an empty head, timer, cancel, timeout,
     *     hand-back, release, reconfiguration, close.
     *     A push on something is none of these. On TAKEN: the owner's line isn't empty, so its first waiter's timer is armed, or the drain of
     *     whoever ended that is still to come; or the owner is at work, and finds the newcomer when it tries to put null there. On a waiter:
     *     whoever pushed the lowest of the stack is still to drain it. So a burst of waiters costs no drain each; but every 64th does one, so
     *     that nobody has to turn round a long stack, and so does one that asks for more than there is at most now, to fail at once.
     *     TokenBucketSimulationTest; Lincheck WaiterLineLincheckTest; jcstress EnqueueVersusDrain, EnqueueVersusTimer,
     *     EnqueueBehindVersusLeave.
     * L2  One end a waiter: the CAS of its state. A grant debits first and claims then; a debit whose claim fails pays for the next waiter, is
     *     given back, or is dropped: never granted twice. jcstress CancelVersusGrant, TimeoutVersusGrant.
     * L3  First come, first served: pushes are ordered by the stack, grants come from the line's first live waiter only.
     *     A tryAcquire that begins after an acquire returned doesn't overtake it. TokenBucketSimulationTest; Lincheck WaiterLineLincheckTest;
     *     jcstress NoOvertaking.
     * L4  count is never below the live waiters, so nobody is overtaken because of a count that is late; it is 0 when all have ended.
     *     jcstress CancelVersusGrant.
     * L5  No waiter outlives close: the drain after it fails the line, and who meets the closed cell after its push fails itself.
     *     jcstress CloseVersusEnqueue.
     * L6  The drain is left in bounded time: after some rounds or many grants the owner sets wip to 0 and then (never the other way round)
     *     arms a timer node for now. WaiterLineTest#aLongDrainHandsOverToTheTimerAndFinishesThere.
     * L7  A line refuses only if maxWaiters stand in it who are not due, unless another thread is draining it just then.
     *     Lincheck WaiterLineBoundLincheckTest; WaiterLineTest#aFullLineWhoseHeadIsDueMakesRoomBeforeItRefuses.
     *
     * All accesses to head, wip and count that follow a write are volatile: pairs like (push, then wip) against (wip, then head), and (debit
     * or give back, then count) against (count, then debit), need one order for all.
     */
    private static final int MAX_ROUNDS = 8;
    private static final int MAX_ENDS = 4_096;
    private static final int DEAD_ALLOWED = 64;
    private static final int UNDRAINED = 64; // a power of 2
    private static final double UNITS_PER_TOKEN = 1L << 20;
    private static final long NO_TIMEOUT = 1L << 62; // nanoseconds, 146 years
    private static final Waiter TAKEN = new Waiter(0) {
        @Override
        protected void onEnd(End end) {}
    };

    /** A place in line: none, as there are maxWaiters in it. */
    public static final int FULL = 0;

    private static final int BEHIND = 1; // another, whose drain serves both
    private static final int FIRST = 2; // or has to drain as if it were

    private static final VarHandle COUNT;
    private static final VarHandle QUEUED;
    private static final VarHandle HEAD;
    private static final VarHandle WIP;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            COUNT = lookup.findVarHandle(WaiterLine.class, "count", int.class);
            QUEUED = lookup.findVarHandle(WaiterLine.class, "queued", long.class);
            HEAD = lookup.findVarHandle(WaiterLine.class, "head", Waiter.class);
            WIP = lookup.findVarHandle(WaiterLine.class, "wip", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final NanoClock clock;
    private final Timer timer;
    private final Supply supply;

    @SuppressWarnings("unused") // by COUNT only
    private int count;

    @SuppressWarnings("unused") // by WIP only
    private int wip;

    @SuppressWarnings("unused") // by QUEUED only
    private long queued;

    @SuppressWarnings("unused") // by HEAD only
    private @Nullable Waiter head;

    private volatile boolean timerClosed;

    // The owner's.
    private @Nullable Waiter first;
    private @Nullable Waiter last;
    private int size;
    private int ends;
    private double largest = Double.POSITIVE_INFINITY;
    private @Nullable TimerNode grantTimer;

    /**
     * An empty line.
     *
     * @param clock the supply's and the timer's
     * @param timer wakes the head, and those whose timeout has passed
     * @param supply what they wait for
     */
    public WaiterLine(NanoClock clock, Timer timer, Supply supply) {
        this.clock = clock;
        this.timer = timer;
        this.supply = supply;
    }

    // ---- hot path

    /** Whether somebody waits, for a call that has not written anything yet. One read when nobody does. */
    public boolean isOccupied() {
        // Acquire: a waiter whose acquire returned before this call began has counted itself before; nothing is
        // published by this read.
        return (int) COUNT.getAcquire(this) > 0 && (Waiter) HEAD.getAcquire(this) != null;
    }

    // ---- callers

    /** How many stand in line. */
    public int count() {
        return Math.max(0, (int) COUNT.getAcquire(this));
    }

    /** The cost of the live waiters, in 2^-20 tokens; advisory. */
    public long queuedUnits() {
        long units = (long) QUEUED.getAcquire(this);
        return units >= 0 ? units : Long.MAX_VALUE;
    }

    long knownWaitNanos(double tokens) {
        return supply.knownWaitNanos(tokens);
    }

    /** Whether somebody waits even after a drain, if nobody else was draining. */
    public boolean isStillOccupied() {
        drainIfIdle();
        return (int) COUNT.getVolatile(this) > 0 && (Waiter) HEAD.getVolatile(this) != null;
    }

    /**
     * Marks a waiter as granted without a wait.
     *
     * @param receipt what names the debit for {@link #takeBack}; even
     * @param payer whom the receipt is good for
     */
    public static void grantAtOnce(Waiter waiter, long receipt, @Nullable Object payer) {
        waiter.link = payer;
        waiter.begin(receipt);
    }

    /**
     * Throws for a waiter that has been used before.
     *
     * @throws IllegalStateException if it has
     */
    public static void requireNew(Waiter waiter) {
        if (waiter.state() != Waiter.NEW) {
            throw waiter.usedTwice();
        }
    }

    /**
     * Puts a new waiter in line; drains that only if it is full, as its head may be due. Then look whether the supply is closed, call
     * {@link #close} if so, and then {@link #attend}.
     *
     * @param timeoutNanos the longest wait; none if it is 2<sup>62</sup> or more
     * @return where it stands: {@link #FULL} if maxWaiters stand there already; else for {@link #attend}
     */
    public int stand(Waiter waiter, long timeoutNanos, int maxWaiters) {
        waiter.line = this;
        if (timeoutNanos < NO_TIMEOUT) {
            waiter.timeout = new TimerNode(waiter, clock.nanoTime() + Math.max(0, timeoutNanos));
        }
        int place = push(waiter, maxWaiters);
        if (place == FULL) {
            drainIfIdle();
            place = push(waiter, maxWaiters);
        }
        return place;
    }

    /**
     * Grants what can be granted, if that is this waiter's to see to, and arms its timeout, if it still waits.
     *
     * @param place what {@link #stand} has returned
     */
    public void attend(Waiter waiter, int place) {
        if (place == FIRST || waiter.tokens() > supply.maxTokens()) {
            drain();
        }
        TimerNode node = waiter.timeout; // whoever ends the waiter cancels the node, before or after this
        if (node != null && waiter.isWaiting()) {
            timer.arm(node);
        }
    }

    /** Takes a waiter out of the line, and tells it nothing. False if it had ended, or never stood here. */
    public boolean cancel(Waiter waiter) {
        return waiter.line == this && end(waiter, Waiter.CANCELLED, null);
    }

    /** For a waiter whose push met a supply that was closed before: the drain of that close may have missed it. */
    public void close(Waiter waiter) {
        end(waiter, Waiter.CLOSED, Waiter.End.CLOSED);
    }

    /** The receipt of a granted waiter, even; odd if it wasn't granted, or was taken back. */
    public static long receipt(Waiter waiter) {
        return waiter.state();
    }

    /** Takes a grant back, once: returns its payer, or null if there is none, or this receipt isn't the waiter's any more. */
    public static @Nullable Object takeBack(Waiter waiter, long receipt) {
        if ((receipt & 1) != 0 || !waiter.claimReceipt(receipt)) {
            return null;
        }
        Object payer = waiter.link;
        waiter.link = null;
        return payer;
    }

    private int push(Waiter waiter, int maxWaiters) {
        int waiting;
        do {
            waiting = (int) COUNT.getVolatile(this);
            if (waiting >= maxWaiters) {
                return FULL; // and hasn't been counted for a moment, which would refuse another (L7)
            }
        } while (!countIn(waiting));
        if (!waiter.begin(Waiter.WAITING)) { // only after it is counted: whoever ends it counts it out (L4)
            COUNT.getAndAdd(this, -1);
            throw waiter.usedTwice();
        }
        QUEUED.getAndAdd(this, units(waiter));
        while (true) {
            Waiter top = (Waiter) HEAD.getVolatile(this);
            waiter.link = top;
            if (HEAD.compareAndSet(this, top, waiter)) {
                return top == null || (waiting & UNDRAINED - 1) == 0 ? FIRST : BEHIND;
            }
            Thread.onSpinWait();
        }
    }

    private boolean countIn(int waiting) {
        boolean counted = COUNT.compareAndSet(this, waiting, waiting + 1);
        if (!counted) {
            Thread.onSpinWait();
        }
        return counted;
    }

    /**
     * Ends a waiter that is not granted: by cancel (of which nobody is told), timeout, or close.
     *
     * @return false if it had ended before
     */
    boolean end(Waiter waiter, long state, Waiter.@Nullable End end) {
        if (!waiter.claim(state)) {
            return false;
        }
        finish(waiter, end);
        drain();
        return true;
    }

    private void finish(Waiter waiter, Waiter.@Nullable End end) {
        QUEUED.getAndAdd(this, -units(waiter));
        COUNT.getAndAdd(this, -1);
        TimerNode node = waiter.timeout;
        if (node != null) {
            timer.cancel(node);
        }
        if (end != null) {
            try {
                waiter.onEnd(end);
            } catch (Throwable e) { // the drain goes on, whatever
                System.getLogger("io.weir.engine").log(System.Logger.Level.ERROR, "Waiter.onEnd must not throw", e);
            }
        }
    }

    private static long units(Waiter waiter) {
        return (long) Math.ceil(waiter.tokens() * UNITS_PER_TOKEN);
    }

    // ---- the drain

    /** Grants what can be granted, now or as soon as the present owner of the drain has come round. */
    public void drain() {
        if ((int) WIP.getAndAdd(this, 1) == 0) {
            own();
        }
    }

    /** The same, but leaves it to the present owner if there is one: for callers that have changed nothing. */
    private void drainIfIdle() {
        if ((int) WIP.getVolatile(this) == 0 && WIP.compareAndSet(this, 0, 1)) {
            own();
        }
    }

    /** For a caller that has just given something back: drains if somebody waits, as it may be theirs. */
    public void drainIfOccupied() {
        if ((int) COUNT.getVolatile(this) > 0 && (Waiter) HEAD.getVolatile(this) != null) {
            drain();
        }
    }

    private void own() {
        int missed = 1;
        ends = 0;
        for (int rounds = 1; ; rounds++) {
            boolean done = round();
            if (done) {
                missed = (int) WIP.getAndAdd(this, -missed) - missed;
                if (missed == 0) {
                    return;
                }
            }
            if (!done || rounds >= MAX_ROUNDS) {
                // The counter first: a timer that fires before it is 0 would find an owner that no longer looks.
                WIP.setVolatile(this, 0);
                timer.arm(new TimerNode(this, clock.nanoTime()));
                return;
            }
        }
    }

    /** One pass: takes the newcomers, and grants until the head has to wait. Returns false if it was cut short. */
    private boolean round() {
        double max = supply.maxTokens();
        if (max < largest) {
            sweep(max);
        }
        largest = max;
        take();
        compact();
        while (true) {
            Waiter waiter = first;
            if (waiter == null) {
                supply.settle();
                disarmGrantTimer();
                if (HEAD.compareAndSet(this, TAKEN, null)) {
                    return true;
                }
                take();
                continue;
            }
            if (!waiter.isWaiting()) {
                pop(waiter);
                continue;
            }
            if (timerClosed) {
                pop(waiter);
                fail(waiter, Waiter.CLOSED, Waiter.End.CLOSED);
                continue;
            }
            if (ends >= MAX_ENDS) {
                supply.settle();
                return false;
            }
            switch (supply.debit(waiter.tokens())) {
                case Supply.DEBITED -> {
                    pop(waiter);
                    waiter.link = supply.payer; // published by the claim
                    if (waiter.claim(supply.receipt)) {
                        supply.claimed(waiter.tokens());
                        ends++;
                        finish(waiter, Waiter.End.GRANTED);
                    } else {
                        waiter.link = null;
                        supply.lost(waiter.tokens());
                    }
                }
                case Supply.TOO_LARGE -> {
                    pop(waiter);
                    fail(waiter, Waiter.TOO_LARGE, Waiter.End.TOO_LARGE);
                }
                case Supply.CLOSED -> {
                    pop(waiter);
                    fail(waiter, Waiter.CLOSED, Waiter.End.CLOSED);
                }
                case Supply.WHEN_TOLD -> {
                    return true;
                }
                default -> {
                    armGrantTimer(supply.dueNanos);
                    return true;
                }
            }
        }
    }

    private void fail(Waiter waiter, long state, Waiter.End end) {
        if (waiter.claim(state)) {
            finish(waiter, end);
        }
    }

    /** Takes the whole stack and puts it, oldest first, behind the line. */
    private void take() {
        Waiter top = (Waiter) HEAD.getAndSet(this, TAKEN);
        Waiter oldest = null;
        Waiter newest = top;
        boolean tooLarge = false;
        while (top != null && top != TAKEN) {
            Waiter below = (Waiter) top.link;
            tooLarge |= top.tokens() > largest;
            top.link = oldest;
            oldest = top;
            top = below;
            size++;
        }
        if (oldest == null) {
            return;
        }
        if (last == null) {
            first = oldest;
        } else {
            last.link = oldest;
        }
        last = newest;
        if (tooLarge) { // pushed by a call that has seen an older, larger configuration
            sweep(largest);
        }
    }

    private void pop(Waiter waiter) {
        first = (Waiter) waiter.link;
        if (first == null) {
            last = null;
        }
        waiter.link = null;
        size--;
    }

    /** Keeps the dead to the number of the living + 64, counting the owner's line. */
    private void compact() {
        if (size - 2L * count() > DEAD_ALLOWED) {
            sweep(Double.POSITIVE_INFINITY);
        }
    }

    /** Walks the line once: fails who asks for more than {@code max}, and unlinks who has ended. */
    private void sweep(double max) {
        Waiter waiter = first;
        first = null;
        last = null;
        size = 0;
        while (waiter != null) {
            Waiter next = (Waiter) waiter.link;
            waiter.link = null;
            if (waiter.isWaiting() && waiter.tokens() > max) {
                fail(waiter, Waiter.TOO_LARGE, Waiter.End.TOO_LARGE);
            } else if (waiter.isWaiting()) {
                if (last == null) {
                    first = waiter;
                } else {
                    last.link = waiter;
                }
                last = waiter;
                size++;
            }
            waiter = next;
        }
    }

    /** One grant timer a line: an armed node is kept only if its state, read now, is armed, and it is due no later. */
    private void armGrantTimer(long dueNanos) {
        TimerNode armed = grantTimer;
        if (armed != null && armed.isArmed()) {
            if (armed.deadlineNanos() - dueNanos <= 0) {
                return;
            }
            timer.cancel(armed);
        }
        TimerNode node = new TimerNode(this, dueNanos);
        grantTimer = node;
        timer.arm(node);
    }

    /** With nobody in line there is nobody to wake: the timer would hold the line until a due time that may be days away. */
    private void disarmGrantTimer() {
        TimerNode armed = grantTimer;
        if (armed != null) {
            grantTimer = null;
            timer.cancel(armed);
        }
    }

    /** The grant timer, or a drain handed over. */
    @Override
    public void onTimer(TimerNode node) {
        drain();
    }

    /** Without a timer nobody would be granted: fails the line. */
    @Override
    public void onTimerClosed(TimerNode node) {
        timerClosed = true;
        drain();
    }

    // ---- for tests

    /** The living and the dead in line; to be called while nobody drains. */
    public int length() {
        return size;
    }

    /** What a caller has done who is stopped between counting himself and his push. */
    public void countANewcomerWithoutItsPush() {
        COUNT.getAndAdd(this, 1);
    }
}
