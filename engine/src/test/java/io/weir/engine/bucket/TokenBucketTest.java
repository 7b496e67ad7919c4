package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.weir.engine.testing.ManualTime;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private static final long MS = 1_000_000L;
    private static final long S = 1_000_000_000L;

    private final ManualTime time = new ManualTime(-5 * S);

    private TokenBucket bucket(double rate, double max) {
        return new TokenBucket(
                time, time, BucketConfig.builder().rate(rate).maxTokens(max).build());
    }

    private TokenBucket bucket(double rate, double max, double initial) {
        return new TokenBucket(
                time,
                time,
                BucketConfig.builder()
                        .rate(rate)
                        .maxTokens(max)
                        .initialTokens(initial)
                        .build());
    }

    private static int takeAll(TokenBucket bucket) {
        int n = 0;
        while (bucket.tryAcquire()) {
            n++;
        }
        return n;
    }

    // ---- granting

    @Test
    void aFullBucketGrantsExactlyMaxTokensAtOnce() {
        assertThat(takeAll(bucket(3, 3))).isEqualTo(3);
        assertThat(takeAll(bucket(10, 7))).isEqualTo(7);
        assertThat(takeAll(bucket(1_000, 1_000))).isEqualTo(1_000);
        assertThat(takeAll(bucket(1e9, 100))).isEqualTo(100);
    }

    @Test
    void aTokenIsThereAtItsExactNanosecondAndNotBefore() {
        for (double rate : new double[] {1, 3, 7, 10, 1_000, 12_345, 1e6}) {
            TokenBucket bucket = bucket(rate, 5, 0);
            long due = (long) Math.ceil(S / rate);
            time.advance(due - 1);
            assertThat(bucket.tryAcquire()).as("rate %s", rate).isFalse();
            time.advance(1);
            assertThat(bucket.tryAcquire()).as("rate %s", rate).isTrue();
            assertThat(bucket.tryAcquire()).isFalse();
        }
    }

    @Test
    void initialTokensAreWhatANewBucketHolds() {
        assertThat(takeAll(bucket(10, 7, 4))).isEqualTo(4);
        assertThat(takeAll(bucket(10, 7, 0))).isZero();
        assertThat(bucket(10, 7, 2.5).availableTokens()).isEqualTo(2.5);
    }

    @Test
    void maxTokensDefaultsToTheRateAndAtLeastOne() {
        assertThat(BucketConfig.builder().rate(25).build().maxTokens()).isEqualTo(25);
        assertThat(BucketConfig.builder().rate(0.25).build().maxTokens()).isEqualTo(1);
        assertThat(BucketConfig.builder().rate(25).build().initialTokens()).isEqualTo(25);
    }

    @Test
    void fractionalCostsAreCounted() {
        TokenBucket bucket = bucket(10, 10);
        for (int i = 0; i < 4; i++) {
            assertThat(bucket.tryAcquire(2.5)).isTrue();
        }
        assertThat(bucket.tryAcquire(0.001)).isFalse();
        time.advance(250 * MS);
        assertThat(bucket.tryAcquire(2.5)).isTrue();
        assertThat(bucket.availableTokens()).isZero();
    }

    @Test
    void zeroTokensAlwaysSucceedAndChangeNothing() {
        TokenBucket bucket = bucket(1, 1, 0);
        bucket.acquire(new TestWaiter(1), Long.MAX_VALUE);
        assertThat(bucket.tryAcquire(0)).isTrue();
        assertThat(bucket.tryAcquire(-0.0)).isTrue();
        assertThat(bucket.tryAcquireNanos(0)).isZero();
        assertThat(bucket.acquire(new TestWaiter(0), 0)).isZero();
        BucketReservation reservation = bucket.reserve(0, 0);
        assertThat(reservation).isNotNull();
        assertThat(reservation.waitNanos()).isZero();
        assertThat(bucket.waiters()).isEqualTo(1);
    }

    @Test
    void amountsThatCanNeverBeGrantedAreRefusedWithBothNumbers() {
        TokenBucket bucket = bucket(10, 10);
        for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 10.5}) {
            assertThatThrownBy(() -> bucket.tryAcquire(bad))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(Double.toString(bad))
                    .hasMessageContaining("10.0");
            assertThatThrownBy(() -> bucket.reserve(bad, S)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> bucket.acquire(new TestWaiter(bad), S))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> bucket.estimatedWaitNanos(bad)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> bucket(1, 0.5).tryAcquire()).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aRequestForAllMaxTokensIsGrantedWhateverTheFraction() {
        for (double max : new double[] {1.1, 0.3, 1 / 3.0, 7.77, 1e-6, 123456.789, 1e7}) {
            TokenBucket bucket = bucket(1_000_000, max);
            for (int i = 0; i < 5; i++) {
                assertThat(bucket.tryAcquire(max)).as("max %s", max).isTrue();
                long wait = bucket.tryAcquireNanos(max);
                assertThat(wait).isGreaterThan(0);
                time.advance(wait - 1);
                assertThat(bucket.tryAcquire(max)).isFalse();
                time.advance(1);
            }
        }
    }

    @Test
    void aRefusalTellsTheExactWait() {
        TokenBucket bucket = bucket(10, 5);
        assertThat(bucket.tryAcquireNanos(5)).isZero();
        assertThat(bucket.tryAcquireNanos(1)).isEqualTo(100 * MS);
        assertThat(bucket.tryAcquireNanos(5)).isEqualTo(500 * MS);
        time.advance(30 * MS);
        assertThat(bucket.tryAcquireNanos(1)).isEqualTo(70 * MS);
        assertThat(bucket.estimatedWaitNanos(2)).isEqualTo(170 * MS);
        time.advance(170 * MS);
        assertThat(bucket.estimatedWaitNanos(2)).isZero();
    }

    @Test
    void availableTokensStaysBetweenZeroAndMaxTokens() {
        TokenBucket bucket = bucket(10, 5);
        assertThat(bucket.availableTokens()).isEqualTo(5);
        time.advance(S);
        assertThat(bucket.availableTokens()).isEqualTo(5);
        bucket.reserve(5, S);
        bucket.reserve(5, S);
        assertThat(bucket.availableTokens()).isZero();
        time.advance(750 * MS);
        assertThat(bucket.availableTokens()).isCloseTo(2.5, within(1e-9));
    }

    @Test
    void aTokenCostsOneReadingOfTheClockGrantedOrNot() {
        int[] readings = {0};
        TokenBucket bucket = new TokenBucket(
                () -> {
                    readings[0]++;
                    return time.nanoTime();
                },
                time,
                BucketConfig.builder().rate(1).maxTokens(1).build());
        readings[0] = 0;
        assertThat(bucket.tryAcquire()).isTrue();
        assertThat(readings[0]).isEqualTo(1);
        assertThat(bucket.tryAcquire()).isFalse();
        assertThat(readings[0]).isEqualTo(2);
    }

    // ---- clock readings handed in

    @Test
    void aReadingHandedInNeverRefuses() {
        TokenBucket bucket = bucket(10, 1);
        long old = time.nanoTime();
        assertThat(bucket.tryAcquire()).isTrue();
        time.advance(100 * MS);
        assertThat(bucket.tryAcquireNanos(1, old))
                .as("no token at the old reading, one now")
                .isZero();
    }

    @Test
    void aReadingHandedInMayGrant() {
        TokenBucket bucket = bucket(10, 2);
        long reading = time.nanoTime();
        time.advance(S);
        assertThat(bucket.tryAcquireNanos(2, reading)).isZero();
        assertThat(bucket.tryAcquireNanos(2))
                .as("paid for at the reading, so refilled since")
                .isZero();
    }

    @Test
    void aReadingOlderThanAReconfigurationIsReadAnew() {
        TokenBucket bucket = bucket(1, 4, 2);
        long old = time.nanoTime();
        time.advance(2 * S);
        bucket.update(BucketUpdate.none().resetTokens());
        assertThat(bucket.tryAcquireNanos(4, old)).isZero();
        time.advance(S);
        assertThat(bucket.tryAcquireNanos(1, old)).isZero();
        assertThat(bucket.tryAcquire()).isFalse();
    }

    // ---- reservations

    @Test
    void aReservationDebitsNowAndTellsTheWait() {
        TokenBucket bucket = bucket(10, 5);
        BucketReservation now = bucket.reserve(5, 0);
        assertThat(now.waitNanos()).isZero();
        BucketReservation later = bucket.reserve(2, S);
        assertThat(later.waitNanos()).isEqualTo(200 * MS);
        assertThat(later.dueNanos()).isEqualTo(time.nanoTime() + 200 * MS);
        assertThat(later.tokens()).isEqualTo(2);
        assertThat(bucket.reserve(1, 299 * MS)).isNull();
        assertThat(bucket.reserve(1, 300 * MS)).isNotNull();
    }

    @Test
    void aReservationCancelledBeforeItIsDueGivesEverythingBackIfNobodyWasDebitedAfterIt() {
        TokenBucket bucket = bucket(10, 5);
        bucket.tryAcquire(5);
        BucketReservation reservation = bucket.reserve(3, S);
        assertThat(bucket.estimatedWaitNanos(1)).isEqualTo(400 * MS);
        assertThat(reservation.cancel()).isTrue();
        assertThat(bucket.estimatedWaitNanos(1)).isEqualTo(100 * MS);
        assertThat(reservation.cancel()).as("twice").isFalse();
        assertThat(bucket.estimatedWaitNanos(1)).isEqualTo(100 * MS);
    }

    @Test
    void aReservationCancelledAfterAnotherDebitGivesNothing() {
        TokenBucket bucket = bucket(10, 5);
        bucket.tryAcquire(5);
        BucketReservation first = bucket.reserve(3, S);
        BucketReservation second = bucket.reserve(1, S);
        assertThat(first.cancel()).isTrue();
        assertThat(bucket.estimatedWaitNanos(1)).isEqualTo(500 * MS);
        assertThat(second.cancel()).isTrue();
        assertThat(bucket.estimatedWaitNanos(1)).isEqualTo(400 * MS);
    }

    @Test
    void aReservationOnceDueIsNotCancelled() {
        TokenBucket bucket = bucket(10, 5);
        bucket.tryAcquire(5);
        BucketReservation reservation = bucket.reserve(3, S);
        time.advance(300 * MS);
        assertThat(reservation.cancel()).isFalse();
        assertThat(bucket.availableTokens()).isZero();
        assertThat(bucket.reserve(1, S)).isNotNull();
    }

    @Test
    void aReservationKeepsItsDueTimeAndGivesNothingBackAfterAReconfiguration() {
        TokenBucket bucket = bucket(10, 5, 0);
        BucketReservation reservation = bucket.reserve(5, S);
        long due = reservation.dueNanos();
        bucket.update(BucketUpdate.none().rate(1));
        assertThat(reservation.dueNanos()).isEqualTo(due);
        double wait = bucket.estimatedWaitNanos(1);
        assertThat(reservation.cancel()).isTrue();
        assertThat((double) bucket.estimatedWaitNanos(1)).isEqualTo(wait);
    }

    @Test
    void aBurstThatIsGivenBackAfterTheNextOneGivesNothing() {
        // Burst 4, take 4 at 0, full again and take 4 at 4, give the first 4 back: taking 4 more would be 8 at once.
        TokenBucket bucket = bucket(1, 4);
        TestWaiter first = new TestWaiter(4);
        assertThat(bucket.acquire(first, 0)).isZero();
        time.advance(4 * S);
        assertThat(bucket.tryAcquire(4)).isTrue();
        bucket.handBack(first);
        assertThat(bucket.tryAcquire(4)).isFalse();
        assertThat(bucket.availableTokens()).isZero();
    }

    @Test
    void aGrantHandedBackUnusedIsThereAgainOnce() {
        TokenBucket bucket = bucket(1, 4);
        TestWaiter waiter = new TestWaiter(3);
        bucket.acquire(waiter, 0);
        assertThat(bucket.availableTokens()).isEqualTo(1);
        bucket.handBack(waiter);
        assertThat(bucket.availableTokens()).isEqualTo(4);
        bucket.tryAcquire(3);
        bucket.handBack(waiter);
        assertThat(bucket.availableTokens()).as("only once").isEqualTo(1);
    }

    @Test
    void aGiveBackOutlastsTheRenewalOfTheCell() {
        for (double rate : new double[] {1e-3, 10, 1e12}) {
            TokenBucket bucket = bucket(rate, 10, 0);
            Cell before = bucket.cell();
            BucketReservation reservation = bucket.reserve(10, Long.MAX_VALUE);
            for (int i = 0; i < 3; i++) { // nobody is debited meanwhile, but for one that is cancelled first
                bucket.renew(bucket.cell());
            }
            bucket.reserve(1, Long.MAX_VALUE).cancel();
            assertThat(bucket.cell()).isNotSameAs(before);
            assertThat(reservation.cancel()).isTrue();
            assertThat(bucket.reserve(1, Long.MAX_VALUE).waitNanos())
                    .as("at %s a second", rate)
                    .isEqualTo((long) Math.ceil(1e9 / rate));
        }
    }

    @Test
    void aGiveBackAfterARenewalAndAnotherDebitGivesNothing() {
        TokenBucket bucket = bucket(10, 10);
        TestWaiter waiter = new TestWaiter(6);
        assertThat(bucket.acquire(waiter, 0)).isZero();
        time.advance(60 * 86_400 * S);
        assertThat(bucket.availableTokens()).isEqualTo(10);
        assertThat(bucket.tryAcquire(10)).as("in a new cell").isTrue();
        bucket.handBack(waiter);
        assertThat(bucket.availableTokens()).isZero();
        TestWaiter other = new TestWaiter(10);
        time.advance(S);
        assertThat(bucket.acquire(other, 0)).isZero();
        bucket.renew(bucket.cell());
        assertThat(bucket.tryAcquireNanos(1)).isEqualTo(100 * MS);
        bucket.handBack(other);
        bucket.handBack(other);
        assertThat(bucket.availableTokens()).isEqualTo(10);
    }

    @Test
    void aGiveBackToAFullBucketThatWasRenewedLiftsItNoHigher() {
        TokenBucket bucket = bucket(10, 10);
        TestWaiter waiter = new TestWaiter(6);
        assertThat(bucket.acquire(waiter, 0)).isZero();
        time.advance(S);
        bucket.renew(bucket.cell());
        bucket.handBack(waiter);
        assertThat(bucket.tryAcquire(10)).isTrue();
        assertThat(bucket.tryAcquire()).isFalse();
    }

    @Test
    void aGrantIsNotHandedBackToAnotherBucketsCell() {
        TokenBucket one = bucket(10, 10);
        TokenBucket other = bucket(10, 10);
        TestWaiter waiter = new TestWaiter(10);
        assertThat(one.acquire(waiter, 0)).isZero();
        assertThat(other.tryAcquire(10)).isTrue();
        one.renew(one.cell());
        other.renew(other.cell());
        other.handBack(waiter);
        assertThat(other.availableTokens()).isZero();
    }

    @Test
    void moreDebtThanTheWordHoldsIsRefused() {
        TokenBucket bucket = bucket(1e9, 1e12);
        int granted = 0;
        while (bucket.reserve(1e12, Long.MAX_VALUE) != null) {
            assertThat(++granted).isLessThan(10);
        }
        assertThat(granted).isBetween(2, 3);
        assertThat(bucket.reserve(1, Long.MAX_VALUE)).isNotNull();
    }

    @Test
    void aDebtOfAnEighthOfTheHorizonIsAllowedAndNoMore() {
        // Half a tick a nanosecond: 2^19 tokens come in 2^60 ns, and a debt of 2^20 tokens is both 2^60 ticks and 2^61
        // ns.
        TokenBucket bucket = new TokenBucket(
                time,
                time,
                BucketConfig.builder()
                        .rate(1)
                        .periodNanos(1L << 41)
                        .maxTokens(1 << 19)
                        .build());
        assertThat(bucket.reserve(1 << 19, 0)).isNotNull();
        assertThat(bucket.reserve(1 << 19, Long.MAX_VALUE).waitNanos()).isEqualTo(1L << 60);
        assertThat(bucket.reserve(1 << 19, Long.MAX_VALUE).waitNanos()).isEqualTo(1L << 61);
        assertThat(bucket.reserve(1e-9, Long.MAX_VALUE)).isNull();
    }

    // ---- reconfiguring

    @Test
    void raisingTheRateLeavesTheTokensInHand() {
        TokenBucket bucket = bucket(10, 10, 4);
        bucket.update(BucketUpdate.none().rate(1_000_000));
        assertThat(bucket.availableTokens()).isEqualTo(4);
        assertThat(bucket.config().rate()).isEqualTo(1_000_000);
        assertThat(bucket.config().maxTokens()).isEqualTo(10);
    }

    @Test
    void loweringTheRateScalesTheTokensInHand() {
        TokenBucket bucket = bucket(10, 10, 8);
        bucket.update(BucketUpdate.none().rate(2.5));
        assertThat(bucket.availableTokens()).isEqualTo(2);
        assertThat(bucket.estimatedWaitNanos(3)).isEqualTo(400 * MS);
    }

    @Test
    void tokensAreCappedAtTheNewMaxTokens() {
        TokenBucket bucket = bucket(10, 10);
        bucket.update(BucketUpdate.none().maxTokens(3));
        assertThat(bucket.availableTokens()).isEqualTo(3);
        bucket.update(BucketUpdate.none().maxTokens(20));
        assertThat(bucket.availableTokens()).isEqualTo(3);
    }

    @Test
    void ratesAreComparedPerTime() {
        TokenBucket bucket = bucket(10, 10, 8);
        bucket.update(BucketUpdate.none().rate(100).periodNanos(10 * S));
        assertThat(bucket.availableTokens()).isEqualTo(8);
        bucket.update(BucketUpdate.none().periodNanos(20 * S));
        assertThat(bucket.availableTokens()).isEqualTo(4);
    }

    @Test
    void aResetFillsTheBucketButForgivesNoDebt() {
        TokenBucket bucket = bucket(10, 10, 0);
        bucket.update(BucketUpdate.none().resetTokens());
        assertThat(bucket.availableTokens()).isEqualTo(10);
        bucket.tryAcquire(10);
        bucket.reserve(5, S);
        bucket.update(BucketUpdate.none().resetTokens());
        assertThat(bucket.availableTokens()).isZero();
        assertThat(bucket.estimatedWaitNanos(1)).isEqualTo(600 * MS);
    }

    @Test
    void whatRoundingLeavesOfAGrantOfAllIsNoDebtThatAResetWouldKeep() {
        TokenBucket bucket = bucket(40_719, 2.9042741420633957);
        assertThat(bucket.tryAcquire(2.9042741420633957)).isTrue();
        bucket.update(BucketUpdate.none().rate(1 / 86_400.0)); // with finer ticks
        bucket.update(BucketUpdate.none().resetTokens());
        assertThat(bucket.tryAcquire(2.9042741420633957)).isTrue();
    }

    @Test
    void debtIsKeptInTokensWhenTheRateRisesAndInTimeWhenItFalls() {
        TokenBucket rising = bucket(10, 10, 0);
        rising.reserve(10, 2 * S);
        rising.update(BucketUpdate.none().rate(20));
        assertThat(rising.estimatedWaitNanos(10)).isEqualTo(S);
        TokenBucket falling = bucket(10, 10, 0);
        falling.reserve(10, 2 * S);
        falling.update(BucketUpdate.none().rate(5));
        assertThat(falling.estimatedWaitNanos(5)).isEqualTo(2 * S);
    }

    @Test
    void anInvalidUpdateChangesNothing() {
        TokenBucket bucket = bucket(10, 10, 4);
        BucketConfig before = bucket.config();
        assertThatThrownBy(() -> bucket.update(BucketUpdate.none().rate(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rate")
                .hasMessageContaining("-1.0");
        assertThat(bucket.config()).isSameAs(before);
        assertThat(bucket.availableTokens()).isEqualTo(4);
    }

    @Test
    void aFreezeThatWentStaleCostsNoTokens() {
        // Somebody publishes a change and freezes, and is descheduled for a day; whoever comes by completes it with a
        // reading of its own.
        TokenBucket bucket = bucket(1_000_000, 10, 0);
        Cell cell = bucket.cell();
        cell.freeze(new Cell.Plan(BucketConfig.builder().rate(1).maxTokens(10).build(), BucketUpdate.none(), false));
        time.advance(86_400 * S);
        assertThat(bucket.tryAcquire(0.000009))
                .as("a millionth of the full bucket, by the change of rate")
                .isTrue();
        assertThat(bucket.availableTokens()).isLessThan(0.001);
        time.advance(S);
        assertThat(bucket.tryAcquire()).as("not in debt for hours").isTrue();
    }

    /** The slow path of a tryAcquire() without a reading once took 0 for one: of a clock below 0 that is the future. */
    @Test
    void noReadingIsNotTakenForOneOfZero() {
        ManualTime early = new ManualTime(-100 * S);
        TokenBucket bucket = new TokenBucket(
                early,
                early,
                BucketConfig.builder().rate(1).maxTokens(10).initialTokens(0).build());
        bucket.cell()
                .freeze(new Cell.Plan(
                        BucketConfig.builder().rate(1).maxTokens(5).build(), BucketUpdate.none(), false));
        assertThat(bucket.tryAcquire()).isFalse();
    }

    @Test
    void twoChangesFrozenAtOnceAreBothMadeInTurn() {
        TokenBucket bucket = bucket(10, 10, 10);
        bucket.cell()
                .freeze(new Cell.Plan(
                        BucketConfig.builder().rate(10).maxTokens(5).build(), BucketUpdate.none(), false));
        bucket.update(BucketUpdate.none().rate(5));
        assertThat(bucket.config().rate()).isEqualTo(5);
        assertThat(bucket.config().maxTokens()).isEqualTo(5);
        assertThat(bucket.availableTokens()).isEqualTo(2.5);
    }

    @Test
    void aChangeStoppedHalfWayHoldsUpNobody() {
        BucketConfig config = BucketConfig.builder().rate(10).maxTokens(5).build();
        Cell.Plan plan = new Cell.Plan(config, BucketUpdate.none(), false);
        TokenBucket reserving = bucket(10, 10);
        reserving.cell().freeze(plan);
        assertThat(reserving.reserve(2, 0)).isNotNull();
        assertThat(reserving.availableTokens()).isEqualTo(3);
        TokenBucket acquiring = bucket(10, 10);
        acquiring.cell().freeze(plan);
        assertThat(acquiring.acquire(new TestWaiter(2), 0)).isZero();
        assertThat(acquiring.availableTokens()).isEqualTo(3);
    }

    @Test
    void aGrantIsHandedBackAcrossARenewalStoppedHalfWay() {
        TokenBucket bucket = bucket(10, 10);
        TestWaiter waiter = new TestWaiter(4);
        assertThat(bucket.acquire(waiter, 0)).isZero();
        bucket.cell().freeze(Cell.Plan.same(bucket.config(), 0));
        bucket.handBack(waiter);
        assertThat(bucket.availableTokens()).isEqualTo(10);
    }

    // ---- closing

    @Test
    void aCloseIsNotLostToAChangeStoppedHalfWay() {
        TokenBucket bucket = bucket(10, 10);
        assertThat(bucket.tryAcquire(10)).isTrue();
        TestWaiter waiter = new TestWaiter(2);
        assertThat(bucket.acquire(waiter, Long.MAX_VALUE)).isEqualTo(TokenBucket.QUEUED);
        bucket.cell().freeze(new Cell.Plan(bucket.config(), BucketUpdate.none().resetTokens(), false));
        bucket.close();
        assertThat(bucket.isClosed()).isTrue();
        assertThat(waiter.end).isEqualTo(Waiter.End.CLOSED);
    }

    @Test
    void callsAfterCloseFail() {
        TokenBucket bucket = bucket(10, 10);
        bucket.close();
        bucket.close();
        assertThat(bucket.isClosed()).isTrue();
        assertThatThrownBy(bucket::tryAcquire).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> bucket.tryAcquire(2)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> bucket.tryAcquire(0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> bucket.tryAcquireNanos(1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> bucket.reserve(1, S)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> bucket.acquire(new TestWaiter(1), S)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> bucket.update(BucketUpdate.none())).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> bucket.update(BucketUpdate.none().maxTokens(1e300)))
                .as("closed comes before invalid")
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(bucket::availableTokens).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> bucket.estimatedWaitNanos(1)).isInstanceOf(IllegalStateException.class);
        assertThat(bucket.toString()).contains("closed");
    }
}
