package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.testing.ManualTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** B8 of {@link TokenBucket}: no token is stranded in a stripe while somebody waits. */
class StripedBucketLineTest {
    private static final long S = 1_000_000_000L;
    private static final long FOREVER = Long.MAX_VALUE;

    private final ManualTime time = new ManualTime(-5 * S);

    /** Four stripes of 8 tokens. */
    private TokenBucket bucket(double max, double initial) {
        BucketConfig config = BucketConfig.builder()
                .rate(1)
                .maxTokens(max)
                .initialTokens(initial)
                .build();
        return new TokenBucket(time, time, config, new Leases(4, 8));
    }

    @Test
    void aWaitersWaitCountsWhatIsInTheStripes() {
        TokenBucket bucket = bucket(100, 9);
        ChosenThread.run(self -> {
            self.become(1);
            bucket.tryAcquire();
            self.become(2);
            TestWaiter waiter = new TestWaiter(10);
            assertThat(bucket.acquire(waiter, 2 * S - 1))
                    .as("the known wait, refused for its timeout")
                    .isEqualTo(2 * S);
            TestWaiter patient = new TestWaiter(10);
            assertThat(bucket.acquire(patient, FOREVER)).isEqualTo(TokenBucket.QUEUED);
            assertThat(time.untilNext()).isEqualTo(2 * S);
            assertThat(bucket.availableTokens()).as("put back").isEqualTo(8);
            time.advance(2 * S);
            assertThat(patient.end).isEqualTo(Waiter.End.GRANTED);
            assertThat(bucket.availableTokens()).isZero();
            bucket.handBack(patient);
            assertThat(bucket.availableTokens()).isEqualTo(10);
        });
    }

    @Test
    void nobodySpendsOrLeasesPastAWaiter() {
        TokenBucket bucket = bucket(100, 9);
        ChosenThread.run(self -> {
            self.become(1);
            bucket.tryAcquire();
            bucket.acquire(new TestWaiter(20), FOREVER);
            assertThat(bucket.tryAcquire()).as("8 tokens are in its own stripe").isFalse();
            assertThat(bucket.tryAcquire(2)).isFalse();
            assertThat(bucket.reserve(1, FOREVER)).isNull();
            assertThat(bucket.tryAcquireNanos(1)).isEqualTo(13 * S);
            time.advance(12 * S);
            assertThat(bucket.waiters()).isZero();
        });
    }

    @Test
    void aDepositMeetsTheWaiterThatCameBeforeIt() {
        TokenBucket bucket = bucket(100, 10);
        ChosenThread.run(self -> {
            TestWaiter waiter = new TestWaiter(5);
            self.at(4, () -> bucket.acquire(waiter, FOREVER)); // between the lease's CAS and its deposit
            assertThat(bucket.tryAcquire()).isTrue();
            assertThat(waiter.end).isEqualTo(Waiter.End.GRANTED);
            assertThat(bucket.availableTokens()).isEqualTo(4);
        });
    }

    @Test
    void aHandBackIntoStripesMeetsTheWaiter() {
        TokenBucket bucket = bucket(100, 9);
        ChosenThread.run(self -> {
            self.become(1);
            bucket.tryAcquire();
            self.become(2);
            TestWaiter first = new TestWaiter(8);
            TestWaiter second = new TestWaiter(8);
            assertThat(bucket.acquire(first, 0)).isZero();
            bucket.acquire(second, FOREVER);
            bucket.handBack(first);
            assertThat(second.end).isEqualTo(Waiter.End.GRANTED);
        });
    }

    @Test
    void aHeadLargerThanTheWordsBurstIsGrantedAtItsTimeAndLeasesComeBack() {
        TokenBucket bucket = bucket(100, 60);
        List<Waiter> order = new ArrayList<>();
        TestWaiter large = new TestWaiter(95, order);
        TestWaiter small = new TestWaiter(1, order);
        assertThat(bucket.acquire(large, FOREVER)).isEqualTo(TokenBucket.QUEUED);
        assertThat(bucket.acquire(small, FOREVER)).isEqualTo(TokenBucket.QUEUED);
        time.advance(35 * S - 1);
        assertThat(order).isEmpty();
        time.advance(1);
        assertThat(order).containsExactly(large);
        bucket.handBack(large);
        assertThat(order).as("its tokens are the next one's").containsExactly(large, small);
        assertThat(bucket.availableTokens()).isEqualTo(94);
        time.advance(35 * S);
        assertThat(bucket.tryAcquire()).isTrue();
        assertThat(bucket.toString()).contains("Stripes");
    }

    @Test
    void whileSomebodyWaitsACellWithoutStripesStaysOne() {
        TokenBucket bucket = bucket(100, 60);
        bucket.acquire(new TestWaiter(95), FOREVER);
        for (int i = 0; i < 20; i++) {
            bucket.acquire(new TestWaiter(95), FOREVER);
        }
        time.advance(1_000 * S);
        assertThat(bucket.tryAcquire()).isFalse();
        assertThat(bucket.toString()).doesNotContain("Stripes");
        time.advance(2_000 * S);
        assertThat(bucket.waiters()).isZero();
        time.advance(S);
        assertThat(bucket.tryAcquire()).isTrue();
        assertThat(bucket.toString()).contains("Stripes");
    }

    @Test
    void whileSomebodyWaitsForLittleACellWithoutStripesStaysOneToo() {
        TokenBucket bucket = bucket(100, 90);
        assertThat(bucket.tryAcquireNanos(100)).isEqualTo(10 * S); // without stripes for 20 seconds
        assertThat(bucket.reserve(90, FOREVER)).isNotNull();
        assertThat(bucket.reserve(90, FOREVER)).isNotNull();
        TestWaiter waiter = new TestWaiter(1);
        assertThat(bucket.acquire(waiter, FOREVER)).isEqualTo(TokenBucket.QUEUED);
        time.advance(20 * S);
        assertThat(bucket.estimatedWaitNanos(1)).isEqualTo(72 * S);
        assertThat(bucket.isPrepaid()).isFalse();
        time.advance(71 * S);
        assertThat(waiter.end).isEqualTo(Waiter.End.GRANTED);
        time.advance(S);
        assertThat(bucket.tryAcquire()).isTrue();
        assertThat(bucket.isPrepaid()).isTrue();
    }

    @Test
    void aCancelledWaitersPurseGoesBackToTheStripes() {
        TokenBucket bucket = bucket(100, 9);
        ChosenThread.run(self -> {
            self.become(1);
            bucket.tryAcquire();
            TestWaiter waiter = new TestWaiter(12);
            bucket.acquire(waiter, FOREVER);
            time.advance(S);
            assertThat(bucket.cancel(waiter)).isTrue();
            assertThat(bucket.availableTokens()).isEqualTo(9);
            assertThat(bucket.tryAcquire(9)).isTrue();
        });
    }

    @Test
    void aHeadThatJustFitsBesideTheStripesLeavesThemThere() {
        TokenBucket bucket = bucket(100, 1);
        bucket.acquire(new TestWaiter(68), FOREVER);
        assertThat(bucket.toString()).contains("Stripes");
        bucket.acquire(new TestWaiter(68.5), FOREVER);
        time.advance(68 * S);
        assertThat(bucket.toString()).doesNotContain("Stripes");
    }

    // ---- the supply as the drain's owner uses it: 8 tokens in a stripe, 2 in the word, and a debit of all whose
    // waiter was gone

    private interface Purse {
        void run(TokenBucket bucket, BucketSupply supply);
    }

    private void afterALostDebit(Purse body) {
        TokenBucket bucket = bucket(100, 11);
        ChosenThread.run(self -> {
            self.become(1);
            bucket.tryAcquire();
            assertThat(bucket.cell().prepaid()).isEqualTo(bucket.cell().cost(8));
            BucketSupply supply = new BucketSupply(bucket);
            assertThat(supply.debit(10)).isEqualTo(Supply.DEBITED);
            assertThat(supply.payer).isInstanceOf(TokenBucket.Prepaid.class);
            supply.lost(10);
            assertThat(bucket.availableTokens()).isZero();
            body.run(bucket, supply);
        });
    }

    @Test
    void whatALostDebitHasLeftGoesBackWhereItCameFromOnce() {
        afterALostDebit((bucket, supply) -> {
            supply.settle();
            assertThat(bucket.availableTokens()).isEqualTo(10);
            assertThat(bucket.cell().prepaid()).isEqualTo(bucket.cell().cost(8));
            supply.settle();
            assertThat(bucket.availableTokens()).isEqualTo(10);
            assertThat(supply.debit(2)).isEqualTo(Supply.DEBITED);
            supply.claimed(2);
            supply.settle();
            assertThat(bucket.availableTokens()).as("nothing was kept").isEqualTo(8);
        });
    }

    @Test
    void whatALostDebitHasLeftPaysForTheNextAndNoMoreThanItsCost() {
        afterALostDebit((bucket, supply) -> {
            assertThat(supply.debit(3)).isEqualTo(Supply.DEBITED);
            supply.claimed(3);
            supply.settle();
            assertThat(bucket.availableTokens()).isEqualTo(7);
        });
    }

    @Test
    void twoLostDebitsLeaveNoMoreThanTheyTook() {
        afterALostDebit((bucket, supply) -> {
            assertThat(supply.debit(3)).isEqualTo(Supply.DEBITED);
            supply.lost(3);
            supply.settle();
            assertThat(bucket.availableTokens()).isEqualTo(10);
        });
    }

    @Test
    void whatALostDebitHasLeftPaysThoughTheWordHasMovedSince() {
        afterALostDebit((bucket, supply) -> {
            assertThat(bucket.reserve(1, FOREVER)).isNotNull();
            time.advance(S);
            assertThat(supply.debit(10)).isEqualTo(Supply.DEBITED);
            supply.claimed(10);
            supply.settle();
            assertThat(bucket.availableTokens()).isZero();
        });
    }

    @Test
    void whatALostDebitHasLeftIsBackBeforeALargerHeadHasToWait() {
        afterALostDebit((bucket, supply) -> {
            assertThat(supply.debit(12)).isEqualTo(Supply.LATER);
            assertThat(supply.dueNanos - time.nanoTime()).isEqualTo(2 * S);
            assertThat(bucket.availableTokens()).isEqualTo(10);
        });
    }

    @Test
    void whatALostDebitHasLeftDoesntOutliveItsCell() {
        afterALostDebit((bucket, supply) -> {
            bucket.update(BucketUpdate.none().maxTokens(90));
            assertThat(supply.debit(8)).isEqualTo(Supply.LATER);
            assertThat(supply.dueNanos - time.nanoTime()).isEqualTo(8 * S);
            supply.settle();
            assertThat(bucket.availableTokens()).isZero();
        });
    }

    @Test
    void closeFailsAWaiterAndReconfiguringReTimesIt() {
        TokenBucket bucket = bucket(100, 9);
        ChosenThread.run(self -> {
            self.become(1);
            bucket.tryAcquire();
            TestWaiter waiter = new TestWaiter(12);
            bucket.acquire(waiter, FOREVER);
            assertThat(time.untilNext()).isEqualTo(4 * S);
            bucket.update(BucketUpdate.none().rate(2));
            assertThat(time.untilNext()).isEqualTo(2 * S);
            bucket.close();
            assertThat(waiter.end).isEqualTo(Waiter.End.CLOSED);
        });
    }
}
