package io.weir.engine.permit;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Bounds retries by the calls they belong to, so that they can't multiply an outage: each call deposits {@code ratio}
 * tokens, each retry withdraws one, or isn't made. Deposits expire, so an hour of health buys no storm. For a client
 * that makes few calls there are {@code minPerSecond} tokens a second besides.
 *
 * <p>In any time of length t there are at most {@code ratio} · (the calls of that time and of the {@code ttl} before it)
 * + {@code minPerSecond} · (t + ttl) retries (and one more, if {@code minPerSecond · ttl} is less than one). A deposit
 * lives at least half the {@code ttl} and at most all of it; the oldest is spent first. At most 262,143 / K tokens of
 * each half are kept, K being the ratio's denominator, which is 128 at most: 2,047 tokens at least.
 *
 * <p>After the RetryBudget of Twitter's Finagle ("Retry Budgets", Finagle user's guide, and the class's documentation:
 * {@code ttl} from 1 to 60 s, {@code minRetriesPerSec}, {@code percentCanRetry}); there the deposits are kept in ten
 * windowed counters and the minimum is granted as one reserve.
 *
 * <p>Thread-safe, lock-free, allocates nothing. Times are readings of one nanosecond clock; they may be negative and
 * wrap. On a clock that steps back deposits live longer by the step, and the minimum waits for it.
 */
public final class RetryBudget {
    /*
     * Two words. Deposits, in units of 1/K token, of the present half of the ttl and of the one before:
     *
     *   63 ............ 36 | 35 .......... 18 | 17 ........... 0
     *   number of the half | left of the last | left of this one
     *
     * and the minimum: the instant up to which it has been spent, at one token an interval. It lags behind the clock by
     * at most the ttl (or one interval).
     *
     * R1 (spent once): what is withdrawn was deposited, or is time that has passed, and is withdrawn once: each is one
     *     CAS of one word.
     * R2 (expiry): a half that is two behind the present one holds nothing any more, whatever the word says.
     * R3 (silence): a deposit into a full half writes nothing, so a healthy client's calls only read.
     * R4 (refusal): a refusal has found the deposits too small, then the minimum too late, then the deposits unchanged.
     *     (A deposit and a withdrawal of the same amount in between can hide from it; then a retry is refused that
     *     another order would have allowed. None is ever granted that way.)
     *
     * Halves are numbered modulo 2^28, 4 years at the shortest ttl. The last 2^20 numbers before the word's own count as
     * readings from before it (a thread that stalled, a clock that stepped back), and go to the word's half.
     *
     * Looked for by: RetryBudgetTest (R1, R2, R3, the bound), RetryBudgetLincheckTest (R1, R4), and in jcstress
     * RetryBudgetSpentOnce (R1) and its broken twin.
     */
    private static final VarHandle DEPOSITS;
    private static final VarHandle SPENT_UNTIL;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            DEPOSITS = lookup.findVarHandle(RetryBudget.class, "deposits", long.class);
            SPENT_UNTIL = lookup.findVarHandle(RetryBudget.class, "spentUntil", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The shortest time that a deposit may live, in nanoseconds. */
    public static final long MIN_TTL_NANOS = 1_000_000_000L;

    /** The longest one. */
    public static final long MAX_TTL_NANOS = 60_000_000_000L;

    private static final int UNIT_BITS = 18;
    private static final int MAX_UNITS = (1 << UNIT_BITS) - 1;
    private static final int HALF_SHIFT = 2 * UNIT_BITS;
    private static final long HALF_MASK = (1L << Long.SIZE - HALF_SHIFT) - 1;
    private static final long HALVES_BACK = 1L << 20;
    private static final int MAX_DENOMINATOR = 128;
    private static final long NEVER = Long.MAX_VALUE;

    private final long originNanos;
    private final long halfNanos;
    private final int depositUnits;
    private final int tokenUnits;

    /** Of the minimum; {@link #NEVER} without one. */
    private final long intervalNanos;

    private final long mostLagNanos;

    @SuppressWarnings("unused") // through DEPOSITS
    private long deposits;

    @SuppressWarnings("FieldMayBeFinal") // through SPENT_UNTIL
    private long spentUntil;

    /**
     * A budget without deposits, and with all of the minimum that the ttl holds.
     *
     * @param ratio tokens a call: 0, or from 0.01 to 10; taken as the largest fraction up to it with a denominator of at
     *     most 128
     * @param minPerSecond tokens a second besides: 0, or from 0.001 to 1,000,000
     * @param ttlNanos how long a deposit lives, from 1 s to 60 s
     * @param now the clock's reading
     * @throws IllegalArgumentException if one is out of range
     */
    public RetryBudget(double ratio, double minPerSecond, long ttlNanos, long now) {
        if (!(ratio == 0 || ratio >= 0.01 && ratio <= 10)) {
            throw new IllegalArgumentException("ratio must be 0.0, or from 0.01 to 10.0, but was " + ratio);
        }
        if (!(minPerSecond == 0 || minPerSecond >= 0.001 && minPerSecond <= 1_000_000)) {
            throw new IllegalArgumentException(
                    "minPerSecond must be 0.0, or from 0.001 to 1000000.0, but was " + minPerSecond);
        }
        if (ttlNanos < MIN_TTL_NANOS || ttlNanos > MAX_TTL_NANOS) {
            throw new IllegalArgumentException(
                    "ttlNanos must be from " + MIN_TTL_NANOS + " to " + MAX_TTL_NANOS + ", but was " + ttlNanos);
        }
        this.originNanos = now;
        this.halfNanos = ttlNanos / 2;
        this.tokenUnits = denominator(ratio);
        this.depositUnits = numerator(ratio, tokenUnits);
        this.intervalNanos = minPerSecond == 0 ? NEVER : (long) Math.ceil(1e9 / minPerSecond);
        this.mostLagNanos = minPerSecond == 0 ? 0 : Math.max(ttlNanos, intervalNanos);
        this.spentUntil = now - mostLagNanos;
    }

    private static int denominator(double ratio) {
        int best = 1;
        for (int each = 2; each <= MAX_DENOMINATOR; each++) {
            if ((double) numerator(ratio, each) / each > (double) numerator(ratio, best) / best) {
                best = each;
            }
        }
        return best;
    }

    private static int numerator(double ratio, int denominator) {
        return (int) (ratio * denominator + 1e-9); // 0.29 · 100 is a little less than 29
    }

    /** A call is made: not a retry of one. */
    public void deposit(long now) {
        if (depositUnits == 0) {
            return;
        }
        for (; ; ) {
            long seen = deposits();
            long present = at(seen, now);
            int units = units(present);
            if (units == MAX_UNITS && present == seen) {
                return; // R3
            }
            long next = present - units + Math.min(MAX_UNITS, units + depositUnits);
            if (replace(seen, next)) {
                return;
            }
            Thread.onSpinWait();
        }
    }

    /** Takes a token for a retry; false: it must not be made. */
    public boolean tryWithdraw(long now) {
        for (; ; ) {
            long seen = deposits();
            long present = at(seen, now);
            int older = olderUnits(present);
            int units = units(present);
            if (older + units >= tokenUnits && depositUnits != 0) {
                int fromOlder = Math.min(older, tokenUnits);
                long next = present - ((long) fromOlder << UNIT_BITS) - (tokenUnits - fromOlder);
                if (replace(seen, next)) {
                    return true;
                }
            } else if (withdrawMinimum(now)) {
                return true;
            } else if (deposits() == seen) {
                return false; // R4
            }
            Thread.onSpinWait();
        }
    }

    private boolean withdrawMinimum(long now) {
        for (; ; ) {
            // Acquire: whoever sees it spent then sees the deposits of before as well (R4).
            long seen = (long) SPENT_UNTIL.getAcquire(this);
            long lag = now - seen;
            if (intervalNanos == NEVER || lag < intervalNanos) {
                return false;
            }
            long next = (lag > mostLagNanos ? now - mostLagNanos : seen) + intervalNanos;
            if (SPENT_UNTIL.compareAndSet(this, seen, next)) { // R1; the only write
                return true;
            }
            Thread.onSpinWait();
        }
    }

    /** How many retries it would allow now; a snapshot. */
    public double balance(long now) {
        long present = at(deposits(), now);
        double ofCalls = (double) (olderUnits(present) + units(present)) / tokenUnits;
        long lag = Math.min(mostLagNanos, now - (long) SPENT_UNTIL.getAcquire(this));
        return ofCalls + Math.max(0.0, (double) lag / intervalNanos);
    }

    /** The word as it is at a time: with what has expired taken out (R2). */
    private long at(long word, long now) {
        long half = Math.floorDiv(now - originNanos, halfNanos) & HALF_MASK;
        long passed = half - (word >>> HALF_SHIFT) & HALF_MASK;
        if (passed == 0 || passed > HALF_MASK - HALVES_BACK) {
            return word;
        }
        return half << HALF_SHIFT | (passed == 1 ? (long) units(word) << UNIT_BITS : 0);
    }

    private static int units(long word) {
        return (int) word & MAX_UNITS;
    }

    private static int olderUnits(long word) {
        return (int) (word >>> UNIT_BITS) & MAX_UNITS;
    }

    private long deposits() {
        return (long) DEPOSITS.getAcquire(this); // acquire: its second reading comes after that of the minimum (R4)
    }

    /** The only write of the deposits. */
    private boolean replace(long seen, long next) {
        return DEPOSITS.compareAndSet(this, seen, next); // R1; volatile, so that who reads the minimum next is later
    }

    @Override
    public String toString() {
        return "RetryBudget[" + depositUnits + "/" + tokenUnits + " a call, a token each "
                + (intervalNanos == NEVER ? "never" : intervalNanos + " ns") + ", ttl " + 2 * halfNanos + " ns]";
    }
}
