package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.engine.permit.Permits;
import io.weir.engine.testing.ManualTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A bucket's line that pays a slot with the tokens: H1 to H5 of {@link SlotSupply}, one thread. */
class SlotLineTest {
    private static final long S = 1_000_000_000L;
    private static final long FOREVER = Long.MAX_VALUE;

    private final ManualTime time = new ManualTime(0);
    private final Permits permits = new Permits(time, time, 1, Integer.MAX_VALUE);
    private final TokenBucket bucket = bucket(4, 4);
    private final TokenBucket other = bucket(4, 4);
    private final List<Waiter> order = new ArrayList<>();

    private TokenBucket bucket(double max, double initial) {
        BucketConfig config = BucketConfig.builder()
                .rate(1)
                .maxTokens(max)
                .initialTokens(initial)
                .build();
        return new TokenBucket(time, time, config, permits);
    }

    private TestWaiter queue(TokenBucket in, double tokens) {
        TestWaiter waiter = new TestWaiter(tokens, order);
        assertThat(in.acquire(waiter, FOREVER)).isEqualTo(TokenBucket.QUEUED);
        return waiter;
    }

    private void spend(TokenBucket in, double tokens) {
        assertThat(in.tryAcquire(tokens)).isTrue();
    }

    // ---- both, or neither

    @Test
    void aFreeSlotAndTokensAreGrantedAtOnce() {
        TestWaiter waiter = new TestWaiter(3);
        assertThat(bucket.acquire(waiter, 0)).isZero();
        assertThat(permits.inUse()).isEqualTo(1);
        assertThat(bucket.availableTokens()).isEqualTo(1);
    }

    @Test
    void withoutAFreeSlotNoTokensAreSpent() {
        permits.tryAcquire();
        TestWaiter waiter = queue(bucket, 3);
        assertThat(bucket.availableTokens()).isEqualTo(4);
        permits.release();
        assertThat(waiter.end).isEqualTo(Waiter.End.GRANTED);
        assertThat(bucket.availableTokens()).isEqualTo(1);
        assertThat(permits.inUse()).isEqualTo(1);
    }

    @Test
    void whileItWaitsForTokensNobodyHoldsASlot() {
        spend(bucket, 4);
        TestWaiter waiter = queue(bucket, 2);
        assertThat(permits.inUse()).isZero();
        assertThat(permits.waiters()).isZero();
        time.advance(2 * S);
        assertThat(waiter.end).isEqualTo(Waiter.End.GRANTED);
        assertThat(permits.inUse()).isEqualTo(1);
    }

    @Test
    void refusedAtOnceItKeepsNoSlot() {
        spend(bucket, 4);
        assertThat(bucket.acquire(new TestWaiter(2), 0)).isEqualTo(2 * S);
        assertThat(permits.inUse()).isZero();
        permits.tryAcquire();
        assertThat(other.acquire(new TestWaiter(2), 0)).as("no slot").isGreaterThan(0);
        assertThat(other.waiters()).isZero();
    }

    @Test
    void aRequestForNothingPassesWhoWaitsForTokensAndTakesASlot() {
        spend(bucket, 4);
        queue(bucket, 2);
        assertThat(bucket.acquire(new TestWaiter(0), 0)).isZero();
        assertThat(permits.inUse()).isEqualTo(1);
    }

    @Test
    void whoeverFindsALineIsToldTheKnownWait() {
        spend(bucket, 4);
        queue(bucket, 2);
        assertThat(bucket.acquire(new TestWaiter(1), 0)).isEqualTo(3 * S);
        assertThat(bucket.acquire(new TestWaiter(1), 3 * S - 1)).isEqualTo(3 * S);
        assertThat(bucket.waiters()).isEqualTo(1);
    }

    @Test
    void aLineOfManyKeepsOnePlaceAndIsServedInOrder() {
        permits.tryAcquire();
        List<TestWaiter> waiters = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            waiters.add(queue(bucket, 1));
        }
        assertThat(permits.waiters()).isEqualTo(1);
        for (int i = 0; i < 4; i++) {
            permits.release();
        }
        assertThat(order).containsExactlyElementsOf(waiters);
        assertThat(permits.inUse()).isEqualTo(1);
        assertThat(permits.waiters()).isZero();
    }

    @Test
    void bucketsTakeTurnsForSlotsInTheOrderInWhichTheirHeadsWereReady() {
        permits.tryAcquire();
        List<Waiter> expected = new ArrayList<>();
        TestWaiter a1 = queue(bucket, 1);
        TestWaiter b1 = queue(other, 1);
        TestWaiter a2 = queue(bucket, 1);
        TestWaiter b2 = queue(other, 1);
        expected.addAll(List.of(a1, b1, a2, b2));
        for (int i = 0; i < 4; i++) {
            permits.release();
        }
        assertThat(order).containsExactlyElementsOf(expected);
    }

    // ---- the head goes, or changes, while its place waits

    @Test
    void aSlotThatIsNotNeededAnyMoreGoesToTheOtherBucket() {
        permits.tryAcquire();
        TestWaiter gone = queue(bucket, 1);
        TestWaiter next = queue(other, 1);
        assertThat(bucket.cancel(gone)).isTrue();
        assertThat(permits.waiters()).as("its place went with it").isEqualTo(1);
        permits.release();
        assertThat(next.end).isEqualTo(Waiter.End.GRANTED);
        assertThat(permits.inUse()).isEqualTo(1);
    }

    @Test
    void aHeadThatNeedsMoreThanThereIsGivesUpThePlaceOfTheOneBefore() {
        spend(bucket, 3);
        permits.tryAcquire();
        TestWaiter gone = queue(bucket, 1);
        TestWaiter larger = queue(bucket, 3);
        assertThat(permits.waiters()).isEqualTo(1);
        bucket.cancel(gone);
        assertThat(permits.waiters()).isZero();
        permits.release();
        assertThat(permits.inUse()).isZero();
        time.advance(2 * S);
        assertThat(larger.end).isEqualTo(Waiter.End.GRANTED);
    }

    @Test
    void aHeadThatNeedsLessTakesThePlaceOver() {
        permits.tryAcquire();
        TestWaiter gone = queue(bucket, 4);
        TestWaiter between = queue(other, 1);
        TestWaiter smaller = queue(bucket, 1);
        bucket.cancel(gone);
        permits.release();
        assertThat(order).containsExactly(smaller);
        permits.release();
        assertThat(order).containsExactly(smaller, between);
    }

    @Test
    void aLowerRateThatTakesTheTokensTakesThePlaceToo() {
        permits.tryAcquire();
        TestWaiter waiter = queue(bucket, 4);
        bucket.update(BucketUpdate.none().rate(0.5)); // 4 tokens become 2
        assertThat(permits.waiters()).isZero();
        permits.release();
        assertThat(waiter.end).isNull();
        assertThat(permits.inUse()).isZero();
        time.advance(4 * S);
        assertThat(waiter.end).isEqualTo(Waiter.End.GRANTED);
    }

    @Test
    void aHeadThatAsksForTooMuchLeavesItsPlaceToTheNext() {
        permits.tryAcquire();
        TestWaiter larger = queue(bucket, 4);
        TestWaiter smaller = queue(bucket, 1);
        bucket.update(BucketUpdate.none().maxTokens(2));
        assertThat(larger.end).isEqualTo(Waiter.End.TOO_LARGE);
        assertThat(permits.waiters()).isEqualTo(1);
        permits.release();
        assertThat(smaller.end).isEqualTo(Waiter.End.GRANTED);
    }

    @Test
    void tokensThatHaveGoneByTheTimeOfTheSlotCostNoSlot() {
        permits.tryAcquire();
        TestWaiter waiter = queue(bucket, 4);
        // What a reservation takes that was past its look at the line, by the same way as the bucket's.
        Cell cell = bucket.cell();
        long word = cell.word();
        assertThat(cell.move(word, word + cell.cost(1))).isTrue();
        permits.release();
        assertThat(waiter.end).isNull();
        assertThat(permits.inUse()).isZero();
        time.advance(S);
        assertThat(waiter.end).isEqualTo(Waiter.End.GRANTED);
    }

    @Test
    void aTimeoutInLineLeavesNoPlace() {
        permits.tryAcquire();
        TestWaiter waiter = new TestWaiter(1);
        bucket.acquire(waiter, S);
        time.advance(S);
        assertThat(waiter.end).isEqualTo(Waiter.End.TIMED_OUT);
        assertThat(permits.waiters()).isZero();
        permits.release();
        assertThat(permits.inUse()).isZero();
        assertThat(bucket.availableTokens()).isEqualTo(4);
    }

    @Test
    void afterATimeoutTheKnownWaitIsTheTokens() {
        spend(bucket, 4);
        TestWaiter waiter = new TestWaiter(4);
        bucket.acquire(waiter, 4 * S);
        bucket.update(BucketUpdate.none().rate(0.5));
        time.advance(4 * S);
        assertThat(waiter.end).isEqualTo(Waiter.End.TIMED_OUT);
        assertThat(waiter.retryAfterNanos()).isEqualTo(4 * S);
    }

    // ---- the supply as the drain's owner uses it

    @Test
    void aSlotWhoseWaiterIsGoneIsForTheNextAndAtLastForNobody() {
        SlotSupply supply = new SlotSupply(bucket, permits);
        assertThat(supply.debit(2)).isEqualTo(Supply.DEBITED);
        supply.lost(2);
        assertThat(permits.inUse()).isEqualTo(1);
        assertThat(supply.debit(2)).as("by the same slot and tokens").isEqualTo(Supply.DEBITED);
        supply.lost(2);
        supply.settle();
        assertThat(permits.inUse()).isZero();
        assertThat(bucket.availableTokens()).isEqualTo(4);
    }

    @Test
    void whatALostDebitHasLeftIsNotKeptForASlot() {
        SlotSupply supply = new SlotSupply(bucket, permits);
        supply.debit(3);
        supply.lost(3);
        assertThat(supply.debit(1)).isEqualTo(Supply.DEBITED);
        supply.claimed(1);
        assertThat(supply.debit(1)).as("2 are left over, but no slot").isEqualTo(Supply.WHEN_TOLD);
        assertThat(bucket.availableTokens()).isEqualTo(3);
    }

    @Test
    void slotsThatNobodyMayWaitForFailTheHeadThatFindsNone() {
        Permits few = new Permits(time, time, 1, 0);
        few.tryAcquire();
        SlotSupply supply = new SlotSupply(bucket, few);
        assertThat(supply.debit(1)).as("nobody would ever tell it").isEqualTo(Supply.CLOSED);
        assertThat(bucket.availableTokens()).isEqualTo(4);
    }

    // ---- the end

    @Test
    void aPlaceThatWasClosedHasNoSlotToGiveBack() {
        permits.tryAcquire();
        SlotSupply supply = new SlotSupply(bucket, permits);
        assertThat(supply.debit(1)).isEqualTo(Supply.WHEN_TOLD);
        permits.close();
        supply.settle();
        assertThat(permits.inUse()).isEqualTo(1);
        assertThat(supply.debit(1)).isEqualTo(Supply.CLOSED);
    }

    @Test
    void closingTheBucketFailsItsLineAndFreesItsPlace() {
        permits.tryAcquire();
        TestWaiter waiter = queue(bucket, 1);
        TestWaiter next = queue(other, 1);
        bucket.close();
        assertThat(waiter.end).isEqualTo(Waiter.End.CLOSED);
        permits.release();
        assertThat(next.end).isEqualTo(Waiter.End.GRANTED);
        assertThatThrownBy(() -> bucket.acquire(new TestWaiter(1), FOREVER)).isInstanceOf(IllegalStateException.class);
        assertThat(permits.inUse()).isEqualTo(1);
    }

    @Test
    void closedSlotsFailWhoWaitsForOneAndWhoGetsThatFar() {
        permits.tryAcquire();
        TestWaiter waiter = queue(bucket, 1);
        spend(other, 4);
        TestWaiter later = queue(other, 1);
        permits.close();
        assertThat(waiter.end).isEqualTo(Waiter.End.CLOSED);
        assertThat(later.end).isNull();
        time.advance(S);
        assertThat(later.end).isEqualTo(Waiter.End.CLOSED);
        permits.release();
        assertThat(permits.inUse()).isZero();
    }

    @Test
    void aClosedTimerFailsWhoHasATimeoutOnly() {
        permits.tryAcquire();
        TestWaiter waiter = new TestWaiter(1);
        bucket.acquire(waiter, S);
        assertThat(time.armed()).as("for the slot there is no timer").isEqualTo(1);
        time.close();
        assertThat(waiter.end).isEqualTo(Waiter.End.CLOSED);
        assertThat(permits.waiters()).isZero();
    }

    @Test
    void aClosedTimerFailsTheLineAndFreesItsSlot() {
        spend(bucket, 4);
        TestWaiter waiter = queue(bucket, 1);
        time.close();
        assertThat(waiter.end).isEqualTo(Waiter.End.CLOSED);
        assertThat(permits.inUse()).isZero();
    }

    // ---- keys

    @Test
    void keysShareTheSlotsAndWaitForThemInTheirOwnLines() {
        KeyedBuckets buckets = new KeyedBuckets(
                time,
                time,
                BucketConfig.builder().rate(1).maxTokens(2).build(),
                16,
                KeyOverflow.SHARE,
                KeyHash.withSecret(1, 2),
                permits);
        TestWaiter first = new TestWaiter(2, order);
        assertThat(buckets.acquire(1, first, FOREVER)).isZero();
        TestWaiter poor = new TestWaiter(2, order);
        TestWaiter rich = new TestWaiter(1, order);
        assertThat(buckets.acquire(1, poor, FOREVER)).isEqualTo(TokenBucket.QUEUED);
        assertThat(buckets.acquire(2, rich, FOREVER)).isEqualTo(TokenBucket.QUEUED);
        assertThat(buckets.availableTokens(2)).isEqualTo(2);
        permits.release();
        assertThat(order).as("who waits for tokens is in nobody's way").containsExactly(rich);
        time.advance(2 * S);
        assertThat(poor.end).isNull();
        permits.release();
        assertThat(poor.end).isEqualTo(Waiter.End.GRANTED);
        permits.release();
        assertThat(permits.inUse()).isZero();
    }
}
