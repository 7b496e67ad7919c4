package io.weir.engine.bucket;

import io.weir.engine.util.PaddedLongs;

/**
 * Prepaid tokens near the threads that spend them: one padded word a stripe, in the units of the cell that owns it. Knows neither clock nor
 * line nor where its tokens come from: {@link TokenBucket} debits the cell's word for them, and that is the one place where a lease is made.
 */
final class Stripes {
    /*
     * A stripe, 64 bits:  [ amount in half ticks, >= 0, even | FROZEN ]
     *
     *   live     even: spent and gathered by CAS (down), deposited by CAS (up, never above the share)
     *   FROZEN   odd: keeps its amount and never changes again. A stripe is never thawed: a cell's successor has stripes of its own, so a
     *            freezer that was stopped for long can only freeze what is frozen already.
     *
     * S1  A token is in one place: each write is one CAS from the amount it judged, or sets FROZEN and keeps the amount. So what is spent and
     *     gathered was deposited, and the bound needs no more than B7. jcstress LeaseRefillVersusScavenger; StripedBucketSimulationTest.
     * S2  No stripe holds more than its share, whoever deposits: then word and stripes together hold at most maxTokens (B7).
     *     StripesTest#aDepositNeverLiftsAStripeAboveItsShare.
     * S3  A deposit that finds a stripe frozen goes on to the next, and what finds no room in any is dropped: never counted twice, in a frozen
     *     sum and in a live stripe. jcstress StripeDepositVersusFreeze.
     * S4  All who freeze see the same amounts: a spend from a frozen stripe fails, and the tokens it wanted are in the sum.
     *     jcstress StripeTakerVersusReconfigure.
     */
    static final long FROZEN = Cell.FROZEN;

    private static final long GOLDEN = 0x9E3779B97F4A7C15L; // 2^64 / the golden ratio

    private final PaddedLongs amounts;
    private final int mask;
    private final int hashShift;

    /** The most that one stripe may hold. */
    final long share;

    /** What one token costs; here as well as in the cell, whose line the leases of other threads keep busy. */
    private final long unitCost;

    Stripes(int count, long share, long unitCost) {
        this.amounts = new PaddedLongs(count);
        this.mask = count - 1;
        this.hashShift = Math.min(63, Long.numberOfLeadingZeros(mask));
        this.share = share;
        this.unitCost = unitCost;
    }

    // ---- hot path

    /** Spends one token from this thread's stripe, if it is there. */
    boolean spendOne() {
        return spend(unitCost);
    }

    /**
     * Spends from this thread's stripe, if it is there.
     *
     * @param cost greater than 0, even
     */
    boolean spend(long cost) {
        int stripe = own();
        while (true) {
            // Opaque and plain: the change of one word decides, and publishes nothing. The reads that come before it,
            // of
            // the line and of the cell, are acquires.
            long held = amounts.getOpaque(stripe);
            if (held < cost || (held & FROZEN) != 0) {
                return false;
            }
            if (amounts.weakCompareAndSetPlain(stripe, held, held - cost)) {
                return true;
            }
            Thread.onSpinWait();
        }
    }

    /**
     * The stripe of this thread, by its id: nothing is stored anywhere, and however many threads there are, virtual ones too, each has one.
     * Multiplied, so that neither consecutive ids nor every second id meet in one stripe.
     */
    private int own() {
        return stripeOf(Thread.currentThread().getId());
    }

    int stripeOf(long threadId) {
        return (int) (threadId * GOLDEN >>> hashShift) & mask;
    }

    // ---- leases

    /** What a lease has to bring so that this thread's stripe is full; 0 if it is frozen, or a full one would not pay for {@code cost}. */
    long room(long cost) {
        long held = amounts.getOpaque(own());
        return cost > share || (held & FROZEN) != 0 ? 0 : share - held;
    }

    /** Puts tokens in, beginning with this thread's stripe; what finds no room is dropped. The caller then looks whether somebody waits. */
    void deposit(long amount) {
        int first = own();
        for (int i = 0; i <= mask && amount > 0; i++) {
            amount -= depositIn((first + i) & mask, amount);
        }
    }

    private long depositIn(int stripe, long amount) {
        while (true) {
            long held = amounts.getOpaque(stripe);
            long part = (held & FROZEN) != 0 ? 0 : Math.min(amount, share - held);
            // Volatile: the look at the line that follows comes after it in the one order of all (B8).
            if (part <= 0) {
                return 0;
            }
            if (amounts.compareAndSet(stripe, held, held + part)) {
                return part;
            }
            Thread.onSpinWait();
        }
    }

    /** What is in all stripes, frozen or not. */
    long sum() {
        long sum = 0;
        for (int i = 0; i <= mask; i++) {
            sum += amounts.getVolatile(i)
                    & ~FROZEN; // volatile: the drain's look comes after the push that it serves (B8)
        }
        return sum;
    }

    /** Takes as much as there is in all stripes, up to {@code most}. */
    long gather(long most) {
        long taken = 0;
        for (int i = 0; i <= mask && taken < most; i++) {
            taken += gatherFrom(i, most - taken);
        }
        return taken;
    }

    private long gatherFrom(int stripe, long most) {
        while (true) {
            long held = amounts.getVolatile(stripe);
            long part = (held & FROZEN) != 0 ? 0 : Math.min(held, most);
            if (part == 0 || amounts.compareAndSet(stripe, held, held - part)) {
                return part;
            }
            Thread.onSpinWait();
        }
    }

    // ---- the cell's life

    /** The most that all stripes may hold. */
    long capacity() {
        return share * (mask + 1);
    }

    /** Puts in what a cell begins with, before it is published. */
    void fill(long amount) {
        for (int i = 0; i <= mask && amount > 0; i++) {
            long part = Math.min(amount, share);
            amounts.setPlain(i, part);
            amount -= part;
        }
    }

    /** Freezes all, and returns what they hold for ever; the same for everybody who asks. */
    long freeze() {
        long sum = 0;
        for (int i = 0; i <= mask; i++) {
            sum += amounts.getAndSetBits(i, FROZEN) & ~FROZEN; // volatile, as the word's
        }
        return sum;
    }

    // ---- for tests

    int count() {
        return mask + 1;
    }

    long held(int stripe) {
        return amounts.getVolatile(stripe);
    }

    @Override
    public String toString() {
        return "Stripes[" + (mask + 1) + " of at most " + share + ", in all " + sum() + "]";
    }
}
