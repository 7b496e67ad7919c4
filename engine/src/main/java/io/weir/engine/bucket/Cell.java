package io.weir.engine.bucket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * One life of a bucket between two reconfigurations: constants, and the one word that moves. See {@link TokenBucket} for the protocol.
 */
final class Cell {
    /*
     * The word, 64 bits:  [ TAT in ticks since stampNanos, signed, 63 bits | FROZEN ]
     *
     * All amounts in this class are in word units, half ticks, so that the hot path shifts nothing: an amount is always even. The tokens in
     * hand at a clock reading are min(at(now - stamp) - word, burst); a negative level is debt.
     *
     *   live     word even: moves by CAS only (grants up, exact give-backs down)
     *   FROZEN   word odd: never moves again; next has been set before. The level it tells is carried to the successor by whoever comes by.
     *   closed   a cell built FROZEN, without a successor: the end.
     *
     * A renewal, which changes neither configuration nor level, passes on which debit was the last, so that it can be undone in the successor. It is known
     * by the name of the cell that was debited and the word left there: a link to that cell would keep all of them alive. The amount goes to the word, which
     * caps it: at most the level is reached that there would be without the debit. (Who gives back by inheritance and then debits the same amount anew stands
     * on an heir's first word; if that cell is renewed in its turn, the second receipt is forgotten.)
     *
     * A cell with stripes has a burst that is smaller by their capacity; they are its own, and frozen after its word. One that is exact for a while
     * (exactNanos > 0) has none, for the sake of a request larger than that burst, and is stale when the time is over.
     */
    static final long FROZEN = 1;

    private static final VarHandle WORD;
    private static final VarHandle NEXT;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            WORD = lookup.findVarHandle(Cell.class, "word", long.class);
            NEXT = lookup.findVarHandle(Cell.class, "next", Plan.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /**
     * What a frozen cell is followed by.
     *
     * @param update what else is asked for, besides the configuration
     * @param exactNanos how long it is to do without stripes; 0 if it is to have those that its capacity allows
     */
    record Plan(BucketConfig config, BucketUpdate update, boolean close, long exactNanos) {
        Plan(BucketConfig config, BucketUpdate update, boolean close) {
            this(config, update, close, 0);
        }

        /** The same configuration, and nothing else. */
        static Plan same(BucketConfig config, long exactNanos) {
            return new Plan(config, BucketUpdate.none(), false, exactNanos);
        }
    }

    /** What {@link #elapsed} says of a cell that is to be replaced by one with a new stamp. */
    static final long STALE = -1;

    /** The longest time ahead that is told as a number: 146 years, in nanoseconds. */
    static final long FAR = 1L << 62;

    @SuppressWarnings("unused") // by WORD only
    private long word;

    @SuppressWarnings("unused") // by NEXT only
    private @Nullable Plan next;

    final long stampNanos;
    final long freshNanos;
    final long burst;
    final long unitCost;
    final long unitNeed;
    private final long multiplier;
    private final int shift;
    final boolean closed;
    final double maxTokens;
    final BucketConfig config;
    final Ticks ticks;

    /** Prepaid tokens; null in a cell that has only its word. */
    final @Nullable Stripes stripes;

    /** How long after its stamp this cell does without the stripes that its capacity allows; 0 if it doesn't. */
    final long exactNanos;

    /** A request that costs more finds no cell with stripes large enough. */
    final long mostBesideStripes;

    private final Leases leases;
    private final long full;

    /** Whether the stamp is the end of a pause; if not, it lies in the future only after the clock has stepped back. */
    private final boolean paused;

    /** Names this cell, and keeps nothing else alive. */
    private final Object name = new Object();

    /** The cell whose last debit was the last one when this cell was made; null if that is not to be undone here. */
    private final @Nullable Object heirOf;

    private final long wordInherited;
    private final long firstWord;

    /** A bucket's first cell, without stripes. */
    static Cell first(BucketConfig config, long nowNanos) {
        return first(config, nowNanos, Leases.NONE);
    }

    /** A bucket's first cell. */
    static Cell first(BucketConfig config, long nowNanos, Leases leases) {
        Ticks ticks = Ticks.of(config, 0);
        long level = Math.min(ticks.level(config.initialTokens()), ticks.burst);
        return new Cell(leases, config, ticks, nowNanos, 0, level << 1, Plan.same(config, 0), null);
    }

    /** A cell that holds {@code level} when {@code at} has come in since its stamp; {@code before} is the one that it follows. */
    private Cell(
            Leases leases,
            BucketConfig config,
            Ticks ticks,
            long stampNanos,
            long at,
            long level,
            Plan plan,
            @Nullable Cell before) {
        Stripes allowed = plan.close ? null : leases.stripesOf(config, ticks);
        this.leases = leases;
        this.exactNanos = allowed == null ? 0 : plan.exactNanos;
        this.stripes = exactNanos > 0 ? null : allowed;
        this.closed = plan.close;
        this.config = config;
        this.ticks = ticks;
        this.stampNanos = stampNanos;
        this.freshNanos = exactNanos > 0 ? Math.min(ticks.freshNanos, exactNanos) : ticks.freshNanos;
        this.multiplier = ticks.multiplier;
        this.shift = ticks.shift;
        this.full = ticks.burst << 1;
        this.mostBesideStripes = allowed == null ? Long.MAX_VALUE : full - allowed.capacity();
        this.burst = stripes == null ? full : mostBesideStripes;
        this.maxTokens = config.maxTokens();
        this.unitCost = ticks.cost(1) << 1;
        this.unitNeed =
                maxTokens >= 1 ? Math.min(unitCost, full) : Long.MAX_VALUE; // never met: the cold path then says why
        long inWord = Math.min(level, burst);
        if (stripes != null) {
            stripes.fill(level - inWord);
        }
        this.word = (at - inWord) | (closed ? FROZEN : 0);
        this.firstWord = word;
        if (before != null && before.config == config && !closed) {
            long left = before.word() & ~FROZEN;
            boolean untouched = left == before.firstWord && before.heirOf != null;
            this.heirOf = untouched ? before.heirOf : before.name;
            this.wordInherited = untouched ? before.wordInherited : left;
        } else {
            this.heirOf = null;
            this.wordInherited = 0;
        }
        Long pause = plan.update.pauseUntilNanos;
        this.paused = pause != null && pause == stampNanos
                || before != null && before.paused && before.stampNanos == stampNanos;
    }

    // ---- hot path

    long word() {
        // Acquire: the clock is read after the word that it judges, and a FROZEN bit is seen together with the plan set
        // before it.
        return (long) WORD.getAcquire(this);
    }

    /**
     * Moves the word; the only write to it besides {@link #freeze}.
     *
     * @param from an even word
     */
    boolean move(long from, long to) {
        // Volatile CAS, not weaker: a give-back is followed by a look at the line of waiters, a debit by a claim, and
        // neither may come first.
        return WORD.compareAndSet(this, from, to);
    }

    /** What has come in at {@code elapsedNanos}, which is at least 0 and less than {@link #freshNanos}. */
    long at(long elapsedNanos) {
        return Math.multiplyHigh(elapsedNanos << shift, multiplier) << 1;
    }

    /**
     * Where a word stands at an instant: what has come in, and the bucket had no room for, is dropped.
     *
     * @param at what has come in at that instant
     */
    long base(long word, long at) {
        long full = at - burst;
        return full > word ? full : word; // a branch is foreseen; newer JVMs make Math.max wait for both
    }

    // ---- amounts

    long cost(double tokens) {
        return ticks.cost(tokens) << 1;
    }

    /**
     * The level that a request needs: its cost, but for one of all maxTokens, whose cost is rounded up and whose burst is rounded down. The
     * bound holds to the token all the same: such a grant pays its whole cost, and comes when the bucket is full.
     */
    long need(long cost) {
        return Math.min(cost, full);
    }

    double tokens(long amount) {
        return ticks.tokens(amount >> 1);
    }

    /** A sum of the line, in units of 2^-20 tokens, as an amount; saturates at an eighth of the horizon. */
    long amountOf(long units) {
        int up = ticks.bits - Ticks.MIN_BITS + 1;
        return units < 0 || units >= (2 * Ticks.EIGHTH) >> up ? 2 * Ticks.EIGHTH : units << up;
    }

    /**
     * The age of this cell for {@link #at}: 0 if the clock has stepped back behind the stamp (nothing comes in until it has caught up), {@link #STALE} if
     * the cell must be replaced.
     */
    long elapsed(long nowNanos) {
        long elapsed = nowNanos - stampNanos;
        if (elapsed < 0) {
            return 0;
        }
        return elapsed < freshNanos ? elapsed : STALE;
    }

    /** The amount that has to have come in since the stamp for a request to be granted: the word as it would stand, and the level needed. */
    long dueAmount(long word, long at, long need) {
        return base(word, at) + need;
    }

    /** The clock reading at which {@code amount} will have come in, rounded up; at most {@link #FAR} after the stamp. */
    long instantOf(long amount) {
        return stampNanos + Math.min(FAR, ticks.nanosAt((amount + 1) >> 1));
    }

    /** The nanoseconds from {@code nowNanos} to {@link #instantOf}, at least 1; {@link Long#MAX_VALUE} for what is further than {@link #FAR}. */
    long waitNanos(long amount, long nowNanos) {
        long nanos = ticks.nanosAt((amount + 1) >> 1);
        return nanos >= FAR ? Long.MAX_VALUE : Math.max(1, nanos - (nowNanos - stampNanos));
    }

    /** Half ticks in the word at a reading of any age; at most the burst, negative for debt. */
    long level(long word, long nowNanos) {
        long elapsed = Math.max(0, nowNanos - stampNanos);
        return ticks.levelAt(elapsed, word >> 1, burst >> 1) << 1;
    }

    /** What the stripes hold; 0 if there are none. */
    long prepaid() {
        return stripes == null ? 0 : stripes.sum();
    }

    /**
     * How long a request will have to wait that costs more than the word may hold beside stripes, rounded up; at most {@link #FAR}.
     *
     * @param word frozen or not
     */
    long gatheringNanos(long cost, long word, long nowNanos) {
        long missing = need(cost) - level(word & ~FROZEN, nowNanos) - prepaid();
        return Math.min(FAR, ticks.nanosAt((missing + 1) >> 1));
    }

    // ---- giving back

    /**
     * Whether a debit in {@code payer} that left {@code wordLeft} there is the last one still, though that cell was renewed, once or more, since.
     *
     * @param word this cell's now
     */
    boolean inherits(Cell payer, long wordLeft, long word) {
        return heirOf == payer.name && wordInherited == wordLeft && word == firstWord;
    }

    // ---- freezing and what follows

    /**
     * Publishes what is to follow this cell, and then freezes it.
     *
     * @return whether {@code plan} is what follows; if not, somebody else's is, and the caller may try again on the next cell
     */
    boolean freeze(Plan plan) {
        boolean mine = NEXT.compareAndSet(this, null, plan);
        freezeWord();
        return mine;
    }

    private void freezeWord() {
        // Volatile: whoever reads this bit also reads the plan.
        WORD.getAndBitwiseOr(this, FROZEN);
    }

    /**
     * Makes the cell that follows this frozen one.
     *
     * @param nowNanos a clock reading taken after the word was seen frozen; one from before would miss what came in meanwhile
     */
    Cell successor(long nowNanos) {
        Plan plan = (Plan) NEXT.getAcquire(this);
        long word = word();
        if (plan == null || (word & FROZEN) == 0) {
            throw new IllegalStateException("not frozen");
        }
        long stamp = nowNanos - stampNanos < 0 ? stampNanos : nowNanos; // time doesn't run backwards from cell to cell
        long prepaid = stripes == null ? 0 : stripes.freeze();
        long level = Math.min(level(word, stamp) + prepaid, full) >> 1;
        BucketConfig to = plan.config;
        if (to == config) {
            long elapsed = stamp - stampNanos;
            long exactUntil = plan.exactNanos == 0 ? 0 : elapsed + plan.exactNanos;
            if (elapsed < ticks.freshNanos && exactUntil < ticks.freshNanos && !plan.close) {
                // Stripes come or go: with the old stamp nothing is rounded, and a wait that was told stays right.
                return new Cell(
                        leases, to, ticks, stampNanos, at(elapsed), level << 1, Plan.same(to, exactUntil), this);
            }
            return new Cell(leases, config, ticks, stamp, 0, level << 1, plan, this);
        }
        BucketUpdate update = plan.update;
        if (level == -1) {
            level = 0; // no debt, but what rounding leaves of a grant of all maxTokens; a finer scale would make more
            // of it
        }
        Ticks scale = Ticks.of(to, Math.max(0, -ticks.tokens(level)));
        boolean inPause = paused && nowNanos - stampNanos < 0;
        long carried = update.resetTokens && level >= 0 && !inPause ? scale.burst : carry(level, to, scale);
        if (update.tokensAtMost < to.maxTokens()) {
            carried = Math.min(carried, scale.level(update.tokensAtMost));
        }
        // A pause is a stamp in the future: nothing comes in before it, and nothing may be in hand.
        if (update.pauseUntilNanos != null && update.pauseUntilNanos - stamp > 0) {
            return new Cell(leases, to, scale, update.pauseUntilNanos, 0, Math.min(carried, 0) << 1, plan, this);
        }
        return new Cell(leases, to, scale, stamp, 0, carried << 1, plan, this);
    }

    /**
     * A level in the ticks of the next configuration, rounded down and capped. When the rate falls, tokens in hand are scaled by newRate / oldRate, and
     * so is debt, which is to say that it lasts as long as before; else both are kept in tokens. Exact: a cold path may take its time.
     */
    private long carry(long level, BucketConfig to, Ticks scale) {
        BigDecimal tokens = level == ticks.burst
                ? new BigDecimal(config.maxTokens()) // full is full, whatever the burst was rounded to
                : new BigDecimal(level).divide(new BigDecimal(1L << ticks.bits)); // a power of two: exact
        BigDecimal amount = tokens.multiply(new BigDecimal(1L << scale.bits));
        if (to.compareRate(config) < 0) {
            BigDecimal numerator = new BigDecimal(to.rate()).multiply(BigDecimal.valueOf(config.periodNanos()));
            BigDecimal denominator = new BigDecimal(config.rate()).multiply(BigDecimal.valueOf(to.periodNanos()));
            amount = amount.multiply(numerator).divide(denominator, 0, RoundingMode.FLOOR);
        }
        return amount.setScale(0, RoundingMode.FLOOR)
                .min(BigDecimal.valueOf(scale.burst))
                .longValueExact();
    }

    @Override
    public String toString() {
        long now = word();
        return "Cell[tat=" + (now >> 1) + ((now & FROZEN) != 0 ? ", frozen" : "") + (closed ? ", closed" : "")
                + (stripes != null ? ", " + stripes : "") + ", stamp=" + stampNanos + "]";
    }
}
