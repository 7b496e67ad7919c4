package io.weir.engine.bucket;

import org.jspecify.annotations.Nullable;

/**
 * A bucket's word and its {@link Slots} as one supply: the head is granted a slot and its tokens together, or neither. Several buckets may share
 * the slots. Owned by the drain's owner, but for {@link Place}.
 */
final class SlotSupply extends Supply {
    /*
     * The head is paid in three steps: look whether its tokens are there; get a slot in hand; debit. What is missing decides who runs the drain again:
     *
     *   tokens   LATER: the line's timer. Hand and place are given up first.
     *   a slot   WHEN_TOLD: a waiter of this class, the place, stands in the slots' line, and its end runs the drain.
     *
     * held     a slot is in the owner's hand: taken for a head that has not been claimed yet. Within a drain only.
     * place    this bucket's one waiter in the slots' line; null if there is none. Its end is written before it runs the drain.
     *
     *   no slot -> held      a free slot was taken; the place was granted, and is used up
     *   no slot -> place     there was none: it stands in line; may be granted before it is looked at again
     *   held -> no slot      claimed: it goes with the grant, whoever ends the call releases it. Left: released
     *   place -> no slot     left: cancelled; or, if it had been granted, released; or it had been closed
     *   place -> place       left, but its grant is on the way: its end is not written yet, and the drain that it will run leaves it
     *
     * H1  A slot is in one place: with a call, in the owner's hand, in a place that was granted, or free. A waiter whose claim fails leaves it in the hand, for
     *     the next in line; each drain ends with an empty hand. So what was granted less what was released is what calls hold, once nobody drains.
     *     jcstress SlotVersusCancel; Lincheck SlotLineLincheckTest; SlotLineSimulationTest.
     * H2  Nobody holds a slot while it waits for tokens, or calls to one slow endpoint would starve the others: tokens are looked for first; a slot is given
     *     back if they have gone meanwhile, and so is a place's slot whose head was cancelled, re-rated, or followed by one that needs more.
     *     SlotLineTest; SlotLineSimulationTest.
     * H3  No lost waiter. A head that finds no slot leaves a place before the drain ends, and the place's end, whatever it is, runs the drain, whether anybody
     *     waits or not: if nobody does, there is a slot to give back. jcstress SlotVersusEnqueue; Lincheck SlotLineLincheckTest.
     * H4  A slot goes back by Slots.release, never by less: that is what tells the next in the slots' line, who may be another bucket's place.
     *     jcstress SlotVersusPlace; SlotLineTest#aSlotThatIsNotNeededAnyMoreGoesToTheOtherBucket.
     * H5  Tokens are debited for a head that has its slot only, so none are spent on a call that can't start, and starts are what the bound holds for. What a
     *     lost debit has left is settled before the line waits for a slot: it would be spent later than it was paid.
     *     SlotLineTest#whatALostDebitHasLeftIsNotKeptForASlot; SlotLineSimulationTest.
     *
     * Drains nest: a slot given back in here may be granted to another bucket's place, whose drain then runs within this one. It does not come back into this
     * one, as this line has an owner; nor into the slots', for the same reason. So the nesting ends there.
     *
     * A place that is granted while the owner of its bucket's drain is descheduled holds its slot as long as that: other buckets' waiters are late by one slot.
     */
    private final TokenBucket bucket;
    private final Slots slots;
    private final BucketSupply tokens;

    private boolean held;
    private @Nullable Place place;

    SlotSupply(TokenBucket bucket, Slots slots) {
        this.bucket = bucket;
        this.slots = slots;
        this.tokens = new BucketSupply(bucket);
    }

    /** The bucket's place in the slots' line. */
    private static final class Place extends Waiter {
        private final TokenBucket bucket;
        private volatile @Nullable End end;

        Place(TokenBucket bucket) {
            super(1);
            this.bucket = bucket;
        }

        @Override
        protected void onEnd(End how) {
            end = how;
            bucket.drainLine(); // H3: after the end is written
        }
    }

    @Override
    protected int debit(double cost) {
        int answer = tokens.look(cost);
        if (answer == DEBITED) {
            answer = hold();
            if (answer != DEBITED) {
                tokens.settle(); // H5
                return answer;
            }
            answer = tokens.debit(cost);
            receipt = tokens.receipt;
            payer = tokens.payer;
        }
        if (answer == LATER) {
            dueNanos = tokens.dueNanos;
            leave(); // H2
        }
        return answer;
    }

    /** Gets a slot in hand: DEBITED if there is one, WHEN_TOLD, or CLOSED if there will be none. */
    private int hold() {
        if (held) {
            return DEBITED;
        }
        Place mine = place;
        if (mine == null) {
            mine = new Place(bucket);
            long answer;
            try {
                held = slots.tryAcquire();
                answer = held ? 0 : slots.acquire(mine, Long.MAX_VALUE);
            } catch (IllegalStateException closed) {
                return CLOSED;
            }
            if (answer >= 0) {
                held = answer == 0;
                return held ? DEBITED : CLOSED; // nobody would tell a line that is refused
            }
            place = mine;
        }
        Waiter.End end = mine.end;
        if (end == null) {
            return WHEN_TOLD;
        }
        place = null;
        held = end == Waiter.End.GRANTED;
        return held ? DEBITED : CLOSED;
    }

    /** Gives up the hand and the place. */
    private void leave() {
        Place mine = place;
        boolean free = held;
        held = false;
        if (mine != null) {
            if (slots.cancel(mine)) {
                place = null;
            } else if (mine.end != null) { // else it is about to be written, and the drain to be run
                place = null;
                free = mine.end == Waiter.End.GRANTED;
            }
        }
        if (free) {
            slots.release(); // H4
        }
    }

    @Override
    protected void claimed(double cost) {
        held = false; // it goes with the grant
        tokens.claimed(cost);
    }

    @Override
    protected void lost(double cost) {
        tokens.lost(cost);
    }

    @Override
    protected void settle() {
        tokens.settle();
        leave();
    }

    @Override
    protected double maxTokens() {
        return tokens.maxTokens();
    }

    @Override
    protected long knownWaitNanos(double cost) {
        return tokens.knownWaitNanos(cost);
    }
}
