package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.weir.engine.testing.ManualTime;
import org.junit.jupiter.api.Test;

/** B7, B9 and B10 of {@link TokenBucket}: prepaid tokens, without a line. */
class StripedBucketTest {
    private static final long MS = 1_000_000L;
    private static final long S = 1_000_000_000L;

    private final ManualTime time = new ManualTime(-5 * S);

    private int readings;

    /** Four stripes of 8 tokens. */
    private TokenBucket bucket(double rate, double max, double initial) {
        BucketConfig config = BucketConfig.builder()
                .rate(rate)
                .maxTokens(max)
                .initialTokens(initial)
                .build();
        return new TokenBucket(
                () -> {
                    readings++;
                    return time.nanoTime();
                },
                time,
                config,
                new Leases(4, 8));
    }

    private static int takeAll(TokenBucket bucket) {
        int n = 0;
        while (bucket.tryAcquire()) {
            n++;
        }
        return n;
    }

    @Test
    void aNewBucketGrantsAllThatItHolds() {
        assertThat(takeAll(bucket(1, 100, 100))).isEqualTo(100);
        assertThat(takeAll(bucket(1, 100, 90.5))).isEqualTo(90);
        assertThat(takeAll(bucket(1, 100, 0))).isZero();
    }

    @Test
    void aLeasePaysForABatchWithOneReading() {
        TokenBucket bucket = bucket(1, 100, 68);
        readings = 0;
        assertThat(bucket.tryAcquire()).isTrue();
        assertThat(readings).isEqualTo(1);
        for (int i = 0; i < 8; i++) {
            assertThat(bucket.tryAcquire()).isTrue();
        }
        assertThat(readings).as("all prepaid").isEqualTo(1);
        assertThat(bucket.availableTokens()).isEqualTo(59);
    }

    @Test
    void aLeaseMayTakeAllThatTheWordHolds() {
        TokenBucket bucket = bucket(1, 100, 9);
        readings = 0;
        assertThat(takeAll(bucket)).isEqualTo(9);
        assertThat(readings).as("one for all nine, one for the refusal").isEqualTo(2);
    }

    @Test
    void aRequestOfJustTheWordsBurstLeavesTheStripes() {
        TokenBucket bucket = bucket(1, 100, 100);
        assertThat(bucket.tryAcquire(68)).isTrue();
        assertThat(bucket.isPrepaid()).isTrue();
        time.advance(68 * S);
        assertThat(bucket.acquire(new TestWaiter(68), 0)).isZero();
        assertThat(bucket.isPrepaid()).isTrue();
        time.advance(68 * S);
        assertThat(bucket.reserve(68, 0)).isNotNull();
        assertThat(bucket.isPrepaid()).isTrue();
    }

    @Test
    void fractionalCostsAreSpentToo() {
        TokenBucket bucket = bucket(1, 100, 68);
        readings = 0;
        for (int i = 0; i < 3; i++) {
            assertThat(bucket.tryAcquire(2.5)).isTrue();
        }
        assertThat(readings).isEqualTo(1);
        assertThat(bucket.availableTokens()).isEqualTo(60.5);
    }

    @Test
    void aLeaseFillsTheStripeAndNoMore() {
        TokenBucket bucket = bucket(1, 100, 68);
        for (int i = 0; i < 50; i++) {
            double before = bucket.availableTokens();
            boolean granted = bucket.tryAcquire(3);
            assertThat(bucket.availableTokens()).as("nothing dropped").isEqualTo(granted ? before - 3 : before);
        }
    }

    @Test
    void nearEmptyNoTokenIsSplitOff() {
        TokenBucket bucket = bucket(1, 100, 8);
        readings = 0;
        assertThat(bucket.tryAcquire()).isTrue();
        assertThat(bucket.tryAcquire()).isTrue();
        assertThat(readings).as("a lease of 8 is not there").isEqualTo(2);
    }

    @Test
    void aRefusalComesAfterALookAtTheWordAndEveryStripe() {
        TokenBucket bucket = bucket(1, 100, 9);
        ChosenThread.run(self -> {
            self.become(1);
            assertThat(bucket.tryAcquire()).isTrue(); // and leases 8
            self.become(2);
            assertThat(bucket.tryAcquire(8.5)).isFalse();
            assertThat(bucket.tryAcquireNanos(8.5)).isEqualTo(S / 2);
            assertThat(bucket.estimatedWaitNanos(9)).isEqualTo(S);
            time.advance(S / 2);
            assertThat(bucket.tryAcquire(8.5))
                    .as("8 from a stripe, and half a token")
                    .isTrue();
            assertThat(bucket.availableTokens()).isZero();
        });
    }

    @Test
    void aBurstAfterIdlingFindsNineTenthsAtOnce() {
        for (double max : new double[] {1_024, 5_000, 1e6}) {
            TokenBucket bucket = new TokenBucket(
                    time, time, BucketConfig.builder().rate(1e5).maxTokens(max).build());
            ChosenThread.run(self -> {
                for (int i = 0; i < 10_000; i++) {
                    self.become(i);
                    bucket.tryAcquire();
                }
                bucket.tryAcquire(bucket.availableTokens() * 0.999);
                time.advance(100 * S);
                assertThat(bucket.tryAcquire(0.9 * max)).isTrue();
            });
        }
    }

    @Test
    void theTotalNeverExceedsMaxTokensHoweverLongIdle() {
        TokenBucket bucket = bucket(10, 100, 100);
        ChosenThread.run(self -> {
            for (int round = 0; round < 20; round++) {
                for (int id = 0; id < 7; id++) {
                    self.become(id);
                    bucket.tryAcquire();
                }
                time.advance(1_000 * S);
                assertThat(bucket.availableTokens()).isBetween(68.0, 100.0);
            }
            assertThat(takeAll(bucket)).isBetween(68, 100);
        });
    }

    @Test
    void aRequestLargerThanTheWordsBurstTakesInWhatIsInTheStripes() {
        TokenBucket bucket = bucket(1, 100, 100);
        assertThat(bucket.tryAcquire(100)).isTrue();
        assertThat(bucket.tryAcquire()).isFalse();
        assertThat(bucket.tryAcquireNanos(100)).isEqualTo(100 * S);
        time.advance(100 * S - 1);
        assertThat(bucket.tryAcquire(100)).isFalse();
        time.advance(1);
        assertThat(bucket.tryAcquire(100)).isTrue();
    }

    @Test
    void pollingForAllSucceedsBehindSmallCallers() {
        TokenBucket bucket = bucket(1, 100, 100);
        ChosenThread.run(self -> {
            for (int id = 0; id < 7; id++) {
                self.become(id);
                bucket.tryAcquire();
            }
            int polls = 0;
            for (long wait = 1; wait > 0; polls++) {
                wait = bucket.tryAcquireNanos(100);
                time.advance(wait);
            }
            assertThat(polls).isEqualTo(2);
        });
    }

    @Test
    void leasesComeBackAMillisecondAfterALargeGrant() {
        TokenBucket bucket = bucket(1e6, 100, 100);
        bucket.tryAcquire(100);
        assertThat(bucket.toString()).doesNotContain("Stripes");
        time.advance(TokenBucket.LEAST_EXACT_NANOS);
        assertThat(bucket.tryAcquire()).isTrue();
        assertThat(bucket.toString()).contains("Stripes");
    }

    @Test
    void leasesComeBackAMillisecondAfterALargeGrantThatHadToWait() {
        TokenBucket bucket = bucket(1, 100, 90);
        long wait = bucket.tryAcquireNanos(100);
        assertThat(wait).isEqualTo(10 * S);
        time.advance(wait);
        assertThat(bucket.tryAcquire(100)).isTrue();
        time.advance(TokenBucket.LEAST_EXACT_NANOS);
        bucket.tryAcquire();
        assertThat(bucket.toString()).contains("Stripes");
    }

    @Test
    void leasesComeBackWhenTheWaitOfALargeRequestHasPassedTwice() {
        TokenBucket bucket = bucket(1, 100, 90);
        assertThat(bucket.tryAcquireNanos(100)).isEqualTo(10 * S);
        time.advance(20 * S - 1);
        bucket.tryAcquire();
        assertThat(bucket.toString()).doesNotContain("Stripes");
        time.advance(1);
        bucket.tryAcquire();
        assertThat(bucket.toString()).contains("Stripes");
    }

    @Test
    void aSmallerGrantDoesNotBringLeasesBackBeforeTheLargeOne() {
        TokenBucket bucket = bucket(1, 100, 90);
        assertThat(bucket.tryAcquireNanos(100)).isEqualTo(10 * S); // without stripes for 20 seconds
        assertThat(bucket.tryAcquire(68)).isTrue(); // as much as there would be beside them
        time.advance(TokenBucket.LEAST_EXACT_NANOS);
        assertThat(bucket.tryAcquire()).isTrue();
        assertThat(bucket.isPrepaid()).isFalse();
    }

    @Test
    void aLargeGrantAtTheEndOfItsTimeKeepsLeasesAwayNoLonger() {
        TokenBucket bucket = bucket(1, 100, 90);
        assertThat(bucket.tryAcquireNanos(100)).isEqualTo(10 * S); // without stripes for 20 seconds
        time.advance(20 * S - 1);
        assertThat(bucket.tryAcquire(100)).isTrue();
        time.advance(1);
        assertThat(bucket.tryAcquire()).isFalse();
        assertThat(bucket.isPrepaid()).isTrue();
    }

    @Test
    void stripesThatComeAndGoRoundNoWait() {
        TokenBucket bucket = bucket(7, 100, 100);
        bucket.tryAcquire(100);
        for (int i = 0; i < 20; i++) {
            long wait = bucket.tryAcquireNanos(1);
            assertThat(wait).isGreaterThan(0);
            bucket.tryAcquire(100);
            time.advance(wait - 1);
            assertThat(bucket.tryAcquire()).isFalse();
            time.advance(1);
            assertThat(bucket.tryAcquire()).isTrue();
        }
    }

    @Test
    void aReservationTakesWhatIsInTheStripesAndACancelGivesItBack() {
        TokenBucket bucket = bucket(1, 100, 9);
        ChosenThread.run(self -> {
            self.become(1);
            bucket.tryAcquire();
            self.become(2);
            BucketReservation reservation = bucket.reserve(10, Long.MAX_VALUE);
            assertThat(reservation.waitNanos()).isEqualTo(2 * S);
            assertThat(bucket.availableTokens()).isZero();
            assertThat(bucket.tryAcquire()).isFalse();
            assertThat(reservation.cancel()).isTrue();
            assertThat(bucket.availableTokens()).isEqualTo(8);
            assertThat(bucket.reserve(10, S)).as("the wait is too long").isNull();
            assertThat(bucket.availableTokens()).isEqualTo(8);
            assertThat(bucket.reserve(7, 0).waitNanos()).isZero();
            assertThat(bucket.availableTokens()).isEqualTo(1);
        });
    }

    @Test
    void theStripesPayOnlyWhatTheWordLacks() {
        for (boolean reserved : new boolean[] {true, false}) {
            TokenBucket bucket = bucket(1, 100, 9);
            ChosenThread.run(self -> {
                self.become(1);
                bucket.tryAcquire(); // leases 8
                time.advance(5 * S);
                self.become(2);
                if (reserved) {
                    assertThat(bucket.reserve(6, 0)).isNotNull();
                } else {
                    assertThat(bucket.acquire(new TestWaiter(6), 0)).isZero();
                }
                self.become(1);
                readings = 0;
                for (int i = 0; i < 7; i++) {
                    assertThat(bucket.tryAcquire()).isTrue();
                }
                assertThat(readings).as("its own 7 are left").isZero();
                assertThat(bucket.tryAcquire()).isFalse();
            });
        }
    }

    @Test
    void aLargeReservationTakesInTheStripes() {
        TokenBucket bucket = bucket(1, 100, 90);
        BucketReservation reservation = bucket.reserve(100, Long.MAX_VALUE);
        assertThat(reservation.waitNanos()).isEqualTo(10 * S);
        time.advance(9 * S);
        assertThat(reservation.cancel()).isTrue();
        assertThat(bucket.availableTokens()).isEqualTo(99);
    }

    @Test
    void aGrantThatStripesAndWordHavePaidTogetherIsHandedBackWhole() {
        TokenBucket bucket = bucket(1, 100, 10);
        ChosenThread.run(self -> {
            self.become(1);
            bucket.tryAcquire();
            self.become(2);
            TestWaiter waiter = new TestWaiter(9);
            assertThat(bucket.acquire(waiter, 0)).isZero();
            assertThat(bucket.availableTokens()).isZero();
            bucket.handBack(waiter);
            assertThat(bucket.availableTokens()).isEqualTo(9);
            bucket.handBack(waiter);
            assertThat(bucket.availableTokens()).isEqualTo(9);
        });
    }

    @Test
    void aGrantThatStripesAndWordHavePaidInHalvesIsHandedBackWhole() {
        TokenBucket bucket = bucket(1, 100, 13);
        ChosenThread.run(self -> {
            self.become(1);
            bucket.tryAcquire(); // leases 8, and 4 are left in the word
            self.become(2);
            TestWaiter waiter = new TestWaiter(8);
            assertThat(bucket.acquire(waiter, 0)).isZero();
            assertThat(bucket.availableTokens()).isEqualTo(4);
            bucket.handBack(waiter);
            assertThat(bucket.availableTokens()).isEqualTo(12);
        });
    }

    @Test
    void aReservationIsGivenBackWholeThoughStripesHaveGoneAndComeMeanwhile() {
        TokenBucket bucket = bucket(1, 100, 9);
        ChosenThread.run(self -> {
            self.become(1);
            bucket.tryAcquire(); // leases 8
            self.become(2);
            BucketReservation reservation = bucket.reserve(10, Long.MAX_VALUE);
            assertThat(bucket.tryAcquire(100)).isFalse();
            assertThat(bucket.toString()).doesNotContain("Stripes");
            assertThat(reservation.cancel()).isTrue();
            assertThat(bucket.availableTokens()).isEqualTo(8);
            BucketReservation next = bucket.reserve(9, Long.MAX_VALUE);
            bucket.renew(bucket.cell());
            bucket.replaceByExact(bucket.cell(), bucket.cell().cost(100));
            bucket.update(BucketUpdate.none());
            assertThat(next.cancel()).isTrue();
            assertThat(bucket.availableTokens()).as("reconfigured").isZero();
        });
    }

    @Test
    void aGrantFromStripesIsNotHandedBackAfterALease() {
        TokenBucket bucket = bucket(1, 100, 9);
        ChosenThread.run(self -> {
            self.become(1);
            bucket.tryAcquire();
            TestWaiter waiter = new TestWaiter(8);
            assertThat(bucket.acquire(waiter, 0)).isZero();
            time.advance(1_000 * S);
            bucket.tryAcquire(); // leases 8
            time.advance(1_000 * S);
            double full = bucket.availableTokens();
            bucket.handBack(waiter);
            assertThat(bucket.availableTokens()).isEqualTo(full);
        });
    }

    @Test
    void nothingIsLostAtAReconfiguration() {
        TokenBucket bucket = bucket(1, 100, 95.5);
        ChosenThread.run(self -> {
            for (int id = 0; id < 5; id++) {
                self.become(id);
                bucket.tryAcquire();
            }
            bucket.update(BucketUpdate.none().rate(2));
            assertThat(bucket.availableTokens()).isEqualTo(90.5);
            bucket.update(BucketUpdate.none().rate(1));
            assertThat(bucket.availableTokens()).as("scaled, the stripes' too").isCloseTo(45.25, within(1e-5));
            bucket.update(BucketUpdate.none().maxTokens(10.0));
            assertThat(bucket.availableTokens()).isEqualTo(10);
            assertThat(bucket.toString()).as("too small for stripes").doesNotContain("Stripes");
            bucket.update(BucketUpdate.none().maxTokens(100).resetTokens());
            assertThat(takeAll(bucket)).isEqualTo(100);
        });
    }

    @Test
    void aDepositThatMeetsAReconfigurationIsDropped() {
        TokenBucket bucket = bucket(1, 100, 68);
        ChosenThread.run(self -> {
            self.at(4, () -> bucket.update(BucketUpdate.none().rate(2))); // between the lease's CAS and its deposit
            assertThat(bucket.tryAcquire()).isTrue();
            assertThat(self.atStripe).isNull();
            assertThat(bucket.availableTokens()).isEqualTo(59);
            assertThat(takeAll(bucket)).isEqualTo(59);
        });
    }

    @Test
    void aTakerThatMeetsAReconfigurationPaysInTheNewCell() {
        TokenBucket bucket = bucket(1, 100, 68);
        bucket.tryAcquire();
        ChosenThread.run(self -> {
            self.at(1, () -> bucket.update(BucketUpdate.none().maxTokens(20)));
            assertThat(bucket.tryAcquire()).isTrue();
            assertThat(bucket.availableTokens()).isEqualTo(19);
        });
    }

    @Test
    void aClosedBucketSpendsNothing() {
        TokenBucket bucket = bucket(1, 100, 100);
        bucket.tryAcquire();
        bucket.close();
        assertThatThrownBy(bucket::tryAcquire).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> bucket.tryAcquire(90)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(bucket::availableTokens).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void badTokensAreNamedAlsoWhereStripesArePaidFrom() {
        TokenBucket bucket = bucket(1, 100, 100);
        for (double bad : new double[] {-1, Double.NaN, 1e300, 100.5}) {
            assertThatThrownBy(() -> bucket.tryAcquire(bad))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(Double.toString(bad));
        }
        assertThat(bucket.tryAcquire(0)).isTrue();
        assertThat(bucket.availableTokens()).isEqualTo(100);
    }

    @Test
    void aTokenTakenWhenTheCellIsOldIsPaidByTheClockAlsoWhenThatIsNegative() {
        ManualTime early = new ManualTime(-10_000_000 * S);
        TokenBucket bucket = new TokenBucket(
                early, early, BucketConfig.builder().rate(1).maxTokens(10).build());
        early.advance(2_000_000 * S); // older than an eighth of its horizon
        assertThat(bucket.tryAcquire()).isTrue();
        assertThat(bucket.availableTokens()).isEqualTo(9);
        assertThat(takeAll(bucket)).isEqualTo(9);
        early.advance(S);
        assertThat(bucket.tryAcquire()).isTrue();
    }

    @Test
    void aReadingHandedInNeverRefusesBesideStripes() {
        TokenBucket bucket = bucket(1, 100, 0);
        long before = time.nanoTime();
        time.advance(5 * S);
        assertThat(bucket.tryAcquireNanos(5, before)).isZero();
    }

    @Test
    void aRefusalBesideStripesReadsTheClockOnce() {
        TokenBucket bucket = bucket(1, 100, 0);
        readings = 0;
        assertThat(bucket.tryAcquire()).isFalse();
        assertThat(readings).isEqualTo(1);
    }

    @Test
    void aSaturatedLimiterGrantsAllThatItMay() {
        TokenBucket bucket = new TokenBucket(
                time, time, BucketConfig.builder().rate(1e5).maxTokens(2_000).build());
        ChosenThread.run(self -> {
            long granted = 0;
            for (int step = 0; step < 20_000; step++) {
                self.become(step % 13);
                while (bucket.tryAcquire()) {
                    granted++;
                }
                time.advance(100_003);
            }
            double may = 2_000 + 1e5 * 20_000 * 100_003 / 1e9;
            assertThat((double) granted).isBetween(0.999 * may, may);
        });
    }

    @Test
    void largeRequestsOneAfterAnotherMakeFewCells() {
        TokenBucket bucket = bucket(1e9, 1_000, 1_000);
        int made = 0;
        String last = "";
        for (int i = 0; i < 1_000; i++) {
            bucket.tryAcquire(999);
            bucket.tryAcquire();
            time.advance(MS / 100);
            String now = bucket.toString().contains("Stripes") ? "striped" : "exact";
            made += now.equals(last) ? 0 : 1;
            last = now;
        }
        assertThat(made).isLessThan(30);
    }
}
