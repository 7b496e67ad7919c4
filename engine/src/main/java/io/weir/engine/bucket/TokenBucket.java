package io.weir.engine.bucket;

import io.weir.engine.time.Timer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * A token bucket: gains tokens at a steady rate up to a capacity, and grants a request when its tokens are there. In any window of length t
 * it grants at most maxTokens + rate · t tokens, under any interleaving, to the tick (at most 10<sup>-6</sup> of a token).
 *
 * <p>Thread-safe and lock-free; no method blocks. {@code tryAcquire} allocates nothing, but for a new cell every 18 minutes or more rarely
 * (1 second at the highest rates). Costs of whole tokens are exact, others are rounded up to at most 2<sup>-20</sup> of a token, and much
 * less at usual rates and capacities. Every method that takes {@code tokens} throws IllegalArgumentException if they are negative, not
 * finite, or more than maxTokens, since that could never be granted; 0 tokens are always granted and change nothing. Every method but
 * {@link #close}, {@link #isClosed}, {@link #config}, {@link #waiters}, {@link #cancel} and {@link #handBack} throws IllegalStateException
 * on a closed bucket.
 *
 * <p>A grant's instant is the clock reading that paid for it. So by wall time a thread that is stopped for δ between its reading and its grant, or
 * the drainer of the line before it claims a waiter, can add at most rate · δ to a window; nothing else can. Callers never wait for another
 * thread. Waiters in line do: they are late by as long as the thread that drains the line is descheduled, or the timer is late.
 *
 * <p>A bucket of 1,024 tokens or more keeps up to a sixteenth of them prepaid near the threads that call it, so that most grants need no clock
 * reading. Too much is never granted, and a refusal comes after a look at all of them; but one is possible while another thread has tokens on
 * their way there, a burst after idling finds at least 90 % of maxTokens at once, and a request for more than 15/16 of maxTokens may have to be
 * tried again, after the wait that it is told. {@link #acquire} makes up for all of that.
 *
 * <p>The algorithm is GCRA, the generic cell rate algorithm of ITU-T Recommendation I.371, in its virtual-scheduling form.
 */
public final class TokenBucket {
    /*
     * State. cell -> Cell{constants, word}: the word is the theoretical arrival time in ticks since the cell's stamp. A grant of cost c at a
     * clock reading `at` moves it from w to max(w, at - burst) + c, and is allowed iff at - w >= c. See Cell for the word and Ticks for the scale.
     *
     * B1  The bound. The word moves only by a grant's CAS, by an exact give-back, or into a successor of at most the same level. Each grant's
     *     instant is the clock reading that paid for it, never older than the cell's stamp.
     *     jcstress LastToken, RefillEdge; Lincheck TokenBucketLincheckTest, TokenBucketClockLincheckTest; TokenBucketSimulationTest.
     * B2  A give-back is one CAS from the word that the grant left, or that its cell's heir began with, to that minus its cost, else nothing: nobody was
     *     debited in between.
     *     jcstress ReserveCancelTaker; TokenBucketTest#aBurstThatIsGivenBackAfterTheNextOneGivesNothing,
     *     #aGiveBackOutlastsTheRenewalOfTheCell.
     * B3  A grant counts under exactly one cell: a frozen word never moves, and the successor is computed from it by whoever comes by, with a
     *     clock reading taken after FROZEN was seen; the CAS of `cell` picks one. Nobody waits for whoever began.
     *     jcstress TakerVersusReconfigure, TwoReconfigurations; TokenBucketTest#aFreezeThatWentStaleCostsNoTokens.
     * B4  Nobody is refused on a reading older than the word it judges: cell, then word, then clock; a reading handed in may grant, but a refusal on
     *     one is judged again with a fresh one. TokenBucketTest#aReadingHandedInNeverRefuses; jcstress RefusalOnAnOldReading.
     * B5  Idle for any time is full: an old cell is replaced before its ticks run out. TicksTest, TokenBucketIdleTest.
     * B6  While somebody waits, tryAcquire and reserve are refused (WaiterLine, L3).
     *
     * Leases. A cell of a large capacity has stripes of prepaid tokens (Stripes, S1..S4; Leases says how many). Who finds too little in its own debits
     * the word for its cost and for what fills the stripe, with one clock reading and one CAS, and then deposits that; later calls spend it without either.
     * take() is the only place where a lease is made, from what Cell.move debits: whoever shares a bucket among nodes one day puts a lease of theirs there.
     *
     * B7  The bound, with leases. A prepaid token's instant is the reading of its lease, so by instants the word's own bound is enough. By wall time, what is
     *     in the word and in the stripes is together at most maxTokens at any moment: the word's burst is smaller by the stripes' capacity, and S2. What a
     *     stopped thread holds between its CAS and its deposit, or between gathering and paying, adds at most rate * its stop.
     *     StripedBucketSimulationTest; StripedBucketTest#theTotalNeverExceedsMaxTokensHoweverLongIdle.
     * B8  No token is stranded in a stripe while somebody waits. The drain looks at the stripes after the push; who puts tokens in (a lease, what was gathered
     *     in vain, a hand-back) looks at the line afterwards and drains it. Both are volatile, so one sees the other. No lease is taken while somebody waits,
     *     or small callers' stripes would drink what the head waits for. jcstress LeaseDepositVersusEnqueue; StripedBucketLineTest.
     * B9  Nobody is refused before the word and then every stripe have been looked at. Between a lease's CAS and its deposit, or while another caller's hand is
     *     full, its tokens are in neither place: only then is a refusal spurious. jcstress LeaseRefillVersusScavenger; StripedBucketLincheckTest.
     * B10 A request for more than the word's burst beside stripes gets a cell without them, with the whole burst, which takes in what is in the stripes. That
     *     cell goes stale after twice the wait, at most a millisecond after a large tryAcquire was granted, and is renewed without stripes as long as
     *     somebody waits: else head and stripes would replace each other's cell for ever. jcstress LeaseGatherVersusTaker; StripedBucketTest.
     */

    /** What {@link #acquire} returns for a caller who stands in line now. */
    public static final long QUEUED = -1;

    /** What {@link #acquireNow} returns for a grant; no wait is negative. */
    private static final long AT_ONCE = -2;

    /** How long a bucket does without leases at least, so that large requests one after another don't make cells all the time. */
    static final long LEAST_EXACT_NANOS = 1_000_000;

    /** When to look again whether leases may come back, if somebody waits. */
    static final long OCCUPIED_EXACT_NANOS = 100_000_000;

    /** A known wait that nobody has asked for yet. */
    private static final long UNKNOWN = -1;

    private static final VarHandle CELL;

    static {
        try {
            CELL = MethodHandles.lookup().findVarHandle(TokenBucket.class, "cell", Cell.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final NanoClock clock;
    private final WaiterLine line;
    private final @Nullable Slots slots;

    private Cell cell; // after construction by CELL only
    // What is said after the close. Written before the CAS that closes, and read after what it closed; of two who close
    // at once, either's.
    private String closedMessage = "the bucket is closed";

    /**
     * Creates a bucket that holds the configuration's initialTokens.
     *
     * @param clock a monotonic clock; may be negative and wrap
     * @param timer wakes the line of waiters, and nothing else; its clock must be the same
     * @param config rate and capacity
     */
    public TokenBucket(NanoClock clock, Timer timer, BucketConfig config) {
        this(clock, timer, config, Leases.BY_CAPACITY, null);
    }

    /**
     * Creates a bucket for calls that need a slot besides their tokens. {@link #acquire} grants both together, and so no caller in line holds a slot
     * while it waits for tokens, nor pays tokens while it waits for a slot. All else is about tokens alone: who calls {@link #tryAcquire} must have a
     * slot, and give that back if it is refused.
     *
     * @param clock a monotonic clock; may be negative and wrap
     * @param timer wakes the line of waiters, and nothing else; its clock must be the same
     * @param config rate and capacity
     * @param slots may be shared with other buckets; whoever was granted releases one at its end
     */
    public TokenBucket(NanoClock clock, Timer timer, BucketConfig config, Slots slots) {
        this(clock, timer, config, Leases.BY_CAPACITY, Objects.requireNonNull(slots, "slots"));
    }

    /** For tests, which want stripes in small buckets too. */
    TokenBucket(NanoClock clock, Timer timer, BucketConfig config, Leases leases) {
        this(clock, timer, config, leases, null);
    }

    TokenBucket(NanoClock clock, Timer timer, BucketConfig config, Leases leases, @Nullable Slots slots) {
        this.clock = Objects.requireNonNull(clock, "clock");
        this.slots = slots;
        this.line = new WaiterLine(
                clock,
                Objects.requireNonNull(timer, "timer"),
                slots == null ? new BucketSupply(this) : new SlotSupply(this, slots));
        this.cell = Cell.first(config, clock.nanoTime(), leases);
        VarHandle.releaseFence(); // a bucket published by a race is whole
    }

    // ---- hot path

    /**
     * Takes one token, now or never.
     *
     * @return whether it was granted
     */
    public boolean tryAcquire() {
        if (!line.isOccupied()) {
            Cell cell = cell();
            Stripes stripes = cell.stripes;
            if (stripes != null) {
                return stripes.spendOne() || takeOne(cell, stripes);
            }
            long word = cell.word();
            long elapsed =
                    clock.nanoTime() - cell.stampNanos; // after the word, so that a refusal judges no future state (B4)
            if ((word & Cell.FROZEN) == 0 && Long.compareUnsigned(elapsed, cell.freshNanos) < 0) {
                long at = cell.at(elapsed);
                if (at - word >= cell.unitNeed) {
                    if (cell.move(word, cell.base(word, at) + cell.unitCost)) {
                        return true;
                    }
                } else if (cell.maxTokens >= 1) {
                    return false;
                }
            }
        }
        return take(1, 0, false, false) == 0;
    }

    /** For a caller whose stripe is empty: refuses as fast as the word alone would, or takes with the clock reading that it has. */
    private boolean takeOne(Cell cell, Stripes stripes) {
        long word = cell.word();
        long now = clock.nanoTime();
        long elapsed = now - cell.stampNanos;
        if ((word & Cell.FROZEN) == 0
                && Long.compareUnsigned(elapsed, cell.freshNanos) < 0
                && cell.at(elapsed) - word + stripes.sum() < cell.unitNeed) {
            return false;
        }
        return take(1, now, true, false) == 0;
    }

    /**
     * Takes tokens, now or never.
     *
     * @return whether they were granted
     */
    public boolean tryAcquire(double tokens) {
        return take(tokens, 0, false, false) == 0;
    }

    /**
     * Takes tokens, now or never, and tells the wait if not.
     *
     * @return 0 if granted, else the known wait in nanoseconds, at least 1; {@link Long#MAX_VALUE} if it is longer than 146 years
     */
    public long tryAcquireNanos(double tokens) {
        return take(tokens, 0, false, true);
    }

    /**
     * The same with a clock reading that the caller has taken already. It may grant; nobody is refused on it.
     *
     * @param nowNanos a reading of this bucket's clock, taken by this thread a moment ago
     */
    public long tryAcquireNanos(double tokens, long nowNanos) {
        return take(tokens, nowNanos, true, true);
    }

    /** Returns 0 if granted; if not, the known wait if it is wanted, else 1. A reading handed in is used at most once. */
    private long take(double tokens, long nowNanos, boolean handedIn, boolean wantWait) {
        if (!(tokens > 0)) {
            return takeNothing(tokens);
        }
        boolean given = handedIn;
        while (true) {
            if (line.isOccupied() && line.isStillOccupied()) {
                requireValid(tokens, cell());
                return wantWait ? Math.max(1, knownWaitNanos(tokens)) : 1;
            }
            Cell cell = cell();
            long word = cell.word();
            if ((word & Cell.FROZEN) != 0) {
                help(cell);
                continue;
            }
            if (tokens > cell.maxTokens) {
                requireValid(tokens, cell); // throws
            }
            long cost = cell.cost(tokens);
            Stripes stripes = cell.stripes;
            if (stripes != null) {
                if (stripes.spend(cost)) {
                    return 0;
                }
                if (cost > cell.burst) {
                    replaceByExact(cell, cost);
                    continue;
                }
            }
            given &= nowNanos - cell.stampNanos >= 0; // one older than the cell says nothing about it
            long now = given ? nowNanos : clock.nanoTime();
            long elapsed = cell.elapsed(now);
            if (elapsed == Cell.STALE) {
                renew(cell);
                given = false;
                continue;
            }
            long at = cell.at(elapsed);
            long need = cell.need(cost);
            long base = cell.base(word, at);
            if (at - word >= need) {
                long lease = 0;
                if (stripes != null) {
                    lease = stripes.room(cost);
                    if (lease > at - base - cost) {
                        lease = 0; // near empty the word alone counts: nothing is split into pieces that nobody can use
                    }
                }
                if (cell.move(word, base + cost + lease)) {
                    if (stripes != null) {
                        deposit(stripes, lease);
                    } else if (cell.exactNanos > 0) {
                        endExact(cell, cost, elapsed);
                    }
                    return 0;
                }
                Thread.onSpinWait();
            } else if (!given) {
                long due = base + need;
                if (stripes != null) {
                    long prepaid = stripes.sum();
                    if (prepaid >= due - at) {
                        if (payTogether(cell, stripes, word, base, cost, Math.min(cost, due - at))) {
                            return 0;
                        }
                        Thread.onSpinWait();
                        continue;
                    }
                    due -= prepaid;
                }
                return wantWait ? cell.waitNanos(due, now) : 1;
            }
            given = false;
        }
    }

    /** Pays {@code fromStripes} of a cost from the stripes and the rest from the word; if either has changed meanwhile, nothing. */
    private boolean payTogether(Cell cell, Stripes stripes, long word, long base, long cost, long fromStripes) {
        long hand = stripes.gather(fromStripes);
        if (hand == fromStripes && cell.move(word, base + cost - hand)) {
            return true;
        }
        deposit(stripes, hand);
        return false;
    }

    /** Puts tokens in the stripes, and lets those have them who came to stand in line meanwhile (B8). */
    private void deposit(Stripes stripes, long amount) {
        if (amount > 0) {
            stripes.deposit(amount);
            line.drainIfOccupied();
        }
    }

    /** Lets leases come back soon, if what was granted is the large request that they had to go for (B10). */
    private void endExact(Cell cell, long cost, long elapsed) {
        if (cost > cell.mostBesideStripes && cell.exactNanos - elapsed > LEAST_EXACT_NANOS) {
            replace(cell, Cell.Plan.same(cell.config, LEAST_EXACT_NANOS));
        }
    }

    /** Makes the whole burst the word's for a request that is larger than what stripes leave of it (B10). */
    void replaceByExact(Cell cell, long cost) {
        long wait = cell.gatheringNanos(cost, cell.word(), clock.nanoTime());
        replace(cell, Cell.Plan.same(cell.config, Math.max(LEAST_EXACT_NANOS, Math.min(Cell.FAR, 2 * wait))));
    }

    /** 0 tokens are there even for those who come after a line of waiters. */
    private long takeNothing(double tokens) {
        requireValid(tokens, cell());
        return 0;
    }

    // ---- reservations

    /**
     * Debits tokens now, to be used when they fall due.
     *
     * @param maxWaitNanos the longest wait that is of use, in nanoseconds; 0 or less for none
     * @return the reservation; or null if somebody stands in line, the wait would be longer than {@code maxWaitNanos}, or the debt would be
     *     more than the bucket can represent (at least 10<sup>12</sup> tokens at the highest rates, 73 years at the lowest)
     */
    public @Nullable BucketReservation reserve(double tokens, long maxWaitNanos) {
        while (true) {
            Cell cell = cell();
            requireValid(tokens, cell);
            if (tokens > 0 && line.isOccupied() && line.isStillOccupied()) {
                return null;
            }
            long word = cell.word();
            if ((word & Cell.FROZEN) != 0) {
                help(cell);
                continue;
            }
            long now = clock.nanoTime();
            if (tokens == 0) {
                return new BucketReservation(this, cell, 0, 0, 0, 0, now);
            }
            long elapsed = cell.elapsed(now);
            if (elapsed == Cell.STALE) {
                renew(cell);
                continue;
            }
            long at = cell.at(elapsed);
            long cost = cell.cost(tokens);
            Stripes stripes = cell.stripes;
            if (stripes != null && cost > cell.burst) {
                replaceByExact(cell, cost);
                continue;
            }
            long base = cell.base(word, at);
            long amount = base + cell.need(cost);
            long prepaid = 0;
            if (stripes != null && amount > at) {
                prepaid = Math.min(stripes.sum(), Math.min(cost, amount - at));
                amount -= prepaid;
            }
            long wait = amount <= at ? 0 : cell.waitNanos(amount, now);
            if (wait > Math.max(0, maxWaitNanos)
                    || wait > Ticks.MAX_DEBT_NANOS
                    || base - at > 2 * Ticks.EIGHTH - cost) {
                return null;
            }
            if (stripes == null || prepaid == 0) {
                if (cell.move(word, base + cost)) {
                    return new BucketReservation(this, cell, base + cost, cost, 0, tokens, now + wait);
                }
            } else if (payTogether(cell, stripes, word, base, cost, prepaid)) {
                long left = base + cost - prepaid;
                return new BucketReservation(this, cell, left, cost - prepaid, prepaid, tokens, now + wait);
            }
            Thread.onSpinWait();
        }
    }

    /**
     * Undoes the debit that left {@code wordLeft}, if nothing was debited after it (B2), and lets waiters have it. As long as that is so no lease has been
     * taken either, and what a debit took from the stripes finds its room there.
     */
    void giveBack(Cell payer, long wordLeft, long fromWord, long fromStripes) {
        if (fromWord + fromStripes == 0) {
            return;
        }
        if (payer.move(wordLeft, wordLeft - fromWord)) {
            Stripes stripes = payer.stripes;
            if (stripes != null && fromStripes > 0) {
                stripes.deposit(fromStripes);
            }
        } else if (!giveBackToHeir(payer, wordLeft, fromWord + fromStripes)) {
            return;
        }
        line.drainIfOccupied();
    }

    /** The same in the cell that is there now, if the payer has only been renewed since. */
    private boolean giveBackToHeir(Cell payer, long wordLeft, long amount) {
        while (true) {
            Cell cell = cell();
            if (cell.closed) {
                return false;
            }
            long word = cell.word();
            if ((word & Cell.FROZEN) != 0) {
                help(cell);
            } else if (!cell.inherits(payer, wordLeft, word)) {
                return false;
            } else if (cell.move(word, word - amount)) {
                return true;
            }
            Thread.onSpinWait();
        }
    }

    // ---- waiting

    /**
     * Takes tokens, now or as soon as they are there, first come, first served. A waiter is late by as long as the thread that drains the line, often
     * another caller's, is descheduled; its timeout ends it when the timer comes round.
     *
     * @param waiter a new waiter, whose tokens are asked for
     * @param timeoutNanos the longest wait of use, in nanoseconds; 0 or less for none; {@link Long#MAX_VALUE} for no timeout
     * @return 0 if granted at once: {@code onEnd} is not called; {@link #QUEUED} if in line: {@code onEnd} will be called once, or has been
     *     already; greater than 0 if refused, which is the known wait in nanoseconds: the line is full, or the wait longer than the timeout. With
     *     slots, the wait for one isn't known, and a grant obliges to one release
     */
    public long acquire(Waiter waiter, long timeoutNanos) {
        WaiterLine.requireNew(waiter);
        long wait = slots == null ? acquireNow(waiter) : acquireNowWith(slots, waiter);
        if (wait == AT_ONCE) {
            return 0;
        }
        if (wait == UNKNOWN && timeoutNanos != Long.MAX_VALUE) {
            wait = knownWaitNanos(waiter.tokens());
        }
        if (slots != null && timeoutNanos <= 0) {
            return Math.max(1, wait);
        }
        return wait > Math.max(0, timeoutNanos) ? wait : standInLine(waiter, timeoutNanos, config().maxWaiters(), wait);
    }

    /** The slot first: tokens are given back less surely. */
    private long acquireNowWith(Slots needed, Waiter waiter) {
        double tokens = waiter.tokens();
        requireValid(tokens, cell());
        if (tokens > 0 && line.isOccupied() || !needed.tryAcquire()) {
            return UNKNOWN;
        }
        long wait = 0;
        try {
            wait = acquireNow(waiter);
        } finally {
            if (wait != AT_ONCE) {
                needed.release();
            }
        }
        return wait;
    }

    /** Grants the waiter its tokens, and returns AT_ONCE, if that can be done without a wait; else returns the known wait, or UNKNOWN. */
    private long acquireNow(Waiter waiter) {
        while (true) {
            Cell cell = cell();
            requireValid(waiter.tokens(), cell);
            long word = cell.word();
            if ((word & Cell.FROZEN) != 0) {
                help(cell);
                continue;
            }
            if (waiter.tokens() == 0) {
                WaiterLine.grantAtOnce(waiter, 0, null);
                return AT_ONCE;
            }
            if (line.isOccupied()) {
                return UNKNOWN;
            }
            long now = clock.nanoTime();
            long elapsed = cell.elapsed(now);
            if (elapsed == Cell.STALE) {
                renew(cell);
                continue;
            }
            long at = cell.at(elapsed);
            long cost = cell.cost(waiter.tokens());
            Stripes stripes = cell.stripes;
            if (stripes != null && cost > cell.burst) {
                replaceByExact(cell, cost);
                continue;
            }
            long need = cell.need(cost);
            if (at - word
                    < need) { // only the word's debits can be undone to the tick, so the stripes are not asked first
                long base = cell.base(word, at);
                long prepaid = cell.prepaid();
                long missing = base + need - at;
                if (stripes == null || prepaid < missing) {
                    return cell.waitNanos(base + need - prepaid, now);
                }
                long fromStripes = Math.min(cost, missing);
                if (payTogether(cell, stripes, word, base, cost, fromStripes)) {
                    WaiterLine.grantAtOnce(waiter, base + cost - fromStripes, new Prepaid(cell, fromStripes));
                    return AT_ONCE;
                }
                Thread.onSpinWait();
                continue;
            }
            long left = cell.base(word, at) + cost;
            if (cell.move(word, left)) {
                WaiterLine.grantAtOnce(waiter, left, cell);
                return AT_ONCE;
            }
            Thread.onSpinWait();
        }
    }

    private long standInLine(Waiter waiter, long timeoutNanos, int maxWaiters, long wait) {
        int place = line.stand(waiter, timeoutNanos, maxWaiters);
        if (place == WaiterLine.FULL) {
            return Math.max(1, wait == UNKNOWN ? knownWaitNanos(waiter.tokens()) : wait);
        }
        if (cell().closed) { // close() may have drained before the push
            line.close(waiter);
        }
        line.attend(waiter, place);
        return QUEUED;
    }

    /**
     * Takes a waiter out of the line. To be called after {@link #acquire} has returned.
     *
     * @return true if it will not be granted, and {@code onEnd} is not called; false if it had ended already, or was never queued
     */
    public boolean cancel(Waiter waiter) {
        return line.cancel(waiter);
    }

    /**
     * Gives the tokens of a granted waiter back, unused: all of them if nobody was debited after it and the bucket was not reconfigured since,
     * else none. Does nothing for a waiter that was not granted, or has been handed back before.
     */
    public void handBack(Waiter waiter) {
        long receipt = WaiterLine.receipt(waiter);
        Object payer = WaiterLine.takeBack(waiter, receipt);
        if (payer instanceof Cell cell) {
            giveBack(cell, receipt, cell.cost(waiter.tokens()), 0);
        } else if (payer instanceof Prepaid part) {
            giveBack(part.cell, receipt, part.cell.cost(waiter.tokens()) - part.amount, part.amount);
        }
    }

    /** Who has paid for a waiter to whom the stripes gave an amount, and the word the rest. */
    record Prepaid(Cell cell, long amount) {}

    /** How many callers stand in line. */
    public int waiters() {
        return line.count();
    }

    /** Runs the drain for a supply that was told of what it waits for. */
    void drainLine() {
        line.drain();
    }

    // ---- readings

    /** The tokens in hand, between 0 and maxTokens; a moment's view. */
    public double availableTokens() {
        Cell cell = cell();
        requireValid(0, cell);
        long level = cell.level(cell.word(), clock.nanoTime()) + cell.prepaid();
        return Math.max(0, Math.min(cell.maxTokens, cell.tokens(level)));
    }

    /**
     * The wait that a request would be told now: max(0, cost of the waiters ahead + its own - tokens in hand) at the present rate.
     *
     * @return nanoseconds, 0 or more; {@link Long#MAX_VALUE} if it is longer than 146 years
     */
    public long estimatedWaitNanos(double tokens) {
        requireValid(tokens, cell());
        return tokens == 0 ? 0 : knownWaitNanos(tokens);
    }

    /** The known wait, not validated; unknown on a closed bucket. */
    long knownWaitNanos(double tokens) {
        while (true) {
            Cell cell = cell();
            if (cell.closed) {
                return Long.MAX_VALUE;
            }
            long word = cell.word() & ~Cell.FROZEN; // frozen or not: this is but a reading
            long now = clock.nanoTime();
            long elapsed = cell.elapsed(now);
            if (elapsed == Cell.STALE) {
                renew(cell);
                continue;
            }
            long at = cell.at(elapsed);
            long amount = cell.dueAmount(word, at, cell.need(cell.cost(tokens))) - cell.prepaid();
            long ahead = line.isOccupied() ? cell.amountOf(line.queuedUnits()) : 0;
            amount = amount < Long.MAX_VALUE - 1 - ahead ? amount + ahead : Long.MAX_VALUE - 1;
            return amount <= at ? 0 : cell.waitNanos(amount, now);
        }
    }

    // ---- reconfiguring

    /**
     * Changes the configuration. Takes effect at one instant between call and return; callers in line are re-timed.
     *
     * <p>Without a reset, lowering the rate scales the tokens in hand by newRate / oldRate, raising it leaves them, and both are capped at the
     * new maxTokens; debt is carried over in tokens when the rate rises, in time when it falls. With a reset, a level of 0 or more becomes full.
     * Rates are compared per time: 10 a second and 100 every ten seconds are equal.
     *
     * @throws IllegalArgumentException if what comes out is no valid {@link BucketConfig}, or a pause is longer than 70 years; nothing is changed then
     */
    public void update(BucketUpdate update) {
        Long pauseUntil = update.pauseUntilNanos;
        if (pauseUntil != null && pauseUntil - clock.nanoTime() > BucketConfig.MAX_FILL_NANOS) {
            throw new IllegalArgumentException("pauseUntil is " + pauseUntil + "; it must be at most 70 years ahead");
        }
        while (true) {
            Cell cell = cell();
            requireValid(0, cell);
            Cell.Plan plan = new Cell.Plan(cell.config.apply(update), update, false);
            if (replace(cell, plan)) {
                break;
            }
            Thread.onSpinWait();
        }
        line.drain();
    }

    /** Whether tokens are prepaid near the threads now, so that most grants need no clock reading; one handed in is of little use then. */
    public boolean isPrepaid() {
        return cell().stripes != null;
    }

    /** The present configuration. */
    public BucketConfig config() {
        return cell().config;
    }

    /** Closes the bucket and fails everybody in line with {@link Waiter.End#CLOSED}. Idempotent. */
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
        while (true) {
            Cell cell = cell();
            if (cell.closed) {
                break;
            }
            closedMessage = message;
            if (replace(cell, new Cell.Plan(cell.config, BucketUpdate.none(), true))) {
                break;
            }
            Thread.onSpinWait();
        }
        line.drain();
    }

    /** Whether {@link #close} has been called. */
    public boolean isClosed() {
        return cell().closed;
    }

    private boolean replace(Cell cell, Cell.Plan plan) {
        boolean mine = cell.freeze(plan);
        help(cell);
        return mine;
    }

    /** Gives the cell a new stamp and the same level, before its ticks run out, or when it has been without stripes for long enough (B10). */
    void renew(Cell cell) {
        long exact = 0;
        if (cell.exactNanos > 0) {
            long left = cell.exactNanos - Math.max(0, clock.nanoTime() - cell.stampNanos);
            exact = left > 0 ? left : line.isOccupied() ? OCCUPIED_EXACT_NANOS : 0;
        }
        replace(cell, Cell.Plan.same(cell.config, exact));
    }

    /** Puts in the successor of a frozen cell, unless somebody has. Nobody waits for whoever froze it. */
    void help(Cell cell) {
        if (cell.closed) {
            throw closed();
        }
        Cell successor = cell.successor(clock.nanoTime()); // read after FROZEN was seen (B3)
        CELL.compareAndSet(this, cell, successor);
    }

    Cell cell() {
        // Acquire: a cell's constants are final, and its word was written before the CAS that published it.
        return (Cell) CELL.getAcquire(this);
    }

    // ---- refusals

    private void requireValid(double tokens, Cell cell) {
        if (cell.closed) {
            throw closed();
        }
        if (!(tokens >= 0 && tokens <= cell.maxTokens)) {
            throw new IllegalArgumentException(
                    "tokens is " + tokens + "; it must be between 0 and maxTokens=" + cell.maxTokens);
        }
    }

    private IllegalStateException closed() {
        return new IllegalStateException(closedMessage);
    }

    // ---- for tests

    /** The living and the dead in line; to be called while nobody drains. */
    int lineLength() {
        return line.length();
    }

    /** What a caller has done who is stopped between counting himself and his push. */
    void countANewcomerWithoutItsPush() {
        line.countANewcomerWithoutItsPush();
    }

    @Override
    public String toString() {
        Cell cell = cell();
        return "TokenBucket[" + cell.config + ", " + cell + ", waiters=" + waiters() + "]";
    }
}
