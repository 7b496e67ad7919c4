package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.weir.engine.testing.ManualTime;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A bucket whose cell has grown too old is renewed by whatever comes next, and nobody notices; nor does a reservation or a grant that is given back. */
class TokenBucketAgeTest {
    private static final long DAY = 86_400_000_000_000L;
    private static final double A_DAYS = 86_400e6; // tokens
    private static final double MAX = 1e12; // 11.6 days' tokens; a cell is good for 12.7

    private final ManualTime time = new ManualTime(-5);
    private final TokenBucket bucket = new TokenBucket(
            time, time, BucketConfig.builder().rate(1e6).maxTokens(MAX).build(), Leases.NONE);

    private BucketReservation reserved(double tokens) {
        BucketReservation reservation = bucket.reserve(tokens, Long.MAX_VALUE);
        assertThat(reservation).isNotNull();
        return reservation;
    }

    /** Half an age, all tokens spent, a debt of as many, and so long that a new cell is due and the debt is not. */
    private @Nullable BucketReservation agedInDebt() {
        time.advance(6 * DAY);
        reserved(MAX);
        BucketReservation debt = reserved(MAX);
        time.advance(8 * DAY);
        return debt;
    }

    @Test
    void anOldBucketReserves() {
        time.advance(13 * DAY);
        assertThat(reserved(MAX).waitNanos()).isZero();
        assertThat(reserved(1e6).waitNanos()).isEqualTo(1_000_000_000L);
    }

    @Test
    void anOldBucketGrantsAtOnceAndQueues() {
        time.advance(13 * DAY);
        assertThat(bucket.acquire(new TestWaiter(MAX), 0)).isZero();
        TestWaiter waiter = new TestWaiter(1e6);
        assertThat(bucket.acquire(waiter, Long.MAX_VALUE)).isEqualTo(TokenBucket.QUEUED);
        time.advance(1_000_000_000L);
        assertThat(waiter.end).isEqualTo(Waiter.End.GRANTED);
    }

    @Test
    void anOldBucketTellsTheWait() {
        agedInDebt();
        assertThat(bucket.estimatedWaitNanos(1e6) / 1e9).isCloseTo((MAX - 8 * A_DAYS + 1e6) / 1e6, within(0.01));
        assertThat(bucket.availableTokens()).isZero();
        assertThat(bucket.tryAcquire()).isFalse();
    }

    @Test
    void anOldBucketWithStripesRefusesToo() {
        TokenBucket striped = new TokenBucket(
                time, time, BucketConfig.builder().rate(1e6).maxTokens(MAX).build());
        time.advance(6 * DAY);
        assertThat(striped.reserve(0.9 * MAX, Long.MAX_VALUE)).isNotNull();
        assertThat(striped.reserve(0.9 * MAX, Long.MAX_VALUE)).isNotNull();
        time.advance(8 * DAY);
        assertThat(striped.isPrepaid()).isTrue();
        assertThat(striped.tryAcquire()).isFalse();
        time.advance(3 * DAY);
        assertThat(striped.tryAcquire()).isTrue();
    }

    @Test
    void aReservationThatIsCancelledAfterARenewalGivesEverythingBack() {
        BucketReservation debt = agedInDebt();
        assertThat(bucket.tryAcquire()).isFalse(); // renews
        assertThat(debt).isNotNull();
        assertThat(debt.cancel()).isTrue();
        assertThat(bucket.availableTokens()).isCloseTo(8 * A_DAYS, within(1e3));
        assertThat(debt.cancel()).as("once").isFalse();
        assertThat(bucket.availableTokens()).isCloseTo(8 * A_DAYS, within(1e3));
    }

    @Test
    void aReservationThatIsCancelledAfterALaterDebitGivesNothingBack() {
        BucketReservation debt = agedInDebt();
        assertThat(bucket.tryAcquire()).isFalse();
        reserved(1e6); // on the strength of it
        assertThat(debt).isNotNull();
        assertThat(debt.cancel()).isTrue();
        assertThat(bucket.availableTokens()).isZero();
    }

    @Test
    void aReservationThatIsCancelledAfterAnUpdateOrACloseGivesNothingBack() {
        BucketReservation debt = agedInDebt();
        bucket.update(BucketUpdate.none().maxWaiters(1));
        assertThat(debt).isNotNull();
        assertThat(debt.cancel()).isTrue();
        assertThat(bucket.availableTokens()).isZero();
        BucketReservation last = reserved(1);
        bucket.close();
        assertThat(last.cancel()).isTrue();
        assertThat(bucket.isClosed()).isTrue();
    }

    @Test
    void whatACancelledReservationGivesBackGoesToWhoWaits() {
        BucketReservation debt = reserved(MAX);
        assertThat(debt.waitNanos()).isZero();
        BucketReservation later = reserved(MAX);
        TestWaiter waiter = new TestWaiter(1e6);
        assertThat(bucket.acquire(waiter, Long.MAX_VALUE)).isEqualTo(TokenBucket.QUEUED);
        time.advance(2_000_000_000L);
        assertThat(waiter.end).isNull();
        assertThat(later.cancel()).isTrue();
        assertThat(waiter.end).isEqualTo(Waiter.End.GRANTED);
    }

    @Test
    void whatACancelledReservationGivesBackAfterARenewalGoesToWhoWaits() {
        BucketReservation debt = agedInDebt();
        TestWaiter waiter = new TestWaiter(1e6);
        assertThat(bucket.acquire(waiter, Long.MAX_VALUE)).isEqualTo(TokenBucket.QUEUED); // renews
        assertThat(waiter.end).isNull();
        assertThat(debt).isNotNull();
        assertThat(debt.cancel()).isTrue();
        assertThat(waiter.end).isEqualTo(Waiter.End.GRANTED);
    }

    @Test
    void anOldBucketKeepsItsStripesThoughSomebodyWaits() {
        TokenBucket striped = new TokenBucket(
                time, time, BucketConfig.builder().rate(1e6).maxTokens(MAX).build());
        time.advance(6 * DAY);
        assertThat(striped.reserve(0.9 * MAX, Long.MAX_VALUE)).isNotNull();
        assertThat(striped.reserve(0.9 * MAX, Long.MAX_VALUE)).isNotNull();
        TestWaiter waiter = new TestWaiter(1e6);
        assertThat(striped.acquire(waiter, Long.MAX_VALUE)).isEqualTo(TokenBucket.QUEUED);
        time.advance(8 * DAY);
        assertThat(striped.estimatedWaitNanos(1)).isPositive(); // renews
        assertThat(waiter.end).isNull();
        assertThat(striped.isPrepaid()).isTrue();
    }

    @Test
    void whileSomebodyWaitsNobodyIsGrantedAnything() {
        reserved(MAX);
        TestWaiter waiter = new TestWaiter(2e6);
        bucket.acquire(waiter, Long.MAX_VALUE);
        time.advance(1_000_000_000L);
        assertThat(bucket.tryAcquire()).isFalse();
        assertThat(bucket.tryAcquire(1)).isFalse();
        assertThat(bucket.tryAcquireNanos(1e6)).isEqualTo(2_000_000_000L);
        assertThat(bucket.reserve(1, Long.MAX_VALUE)).isNull();
        assertThat(bucket.tryAcquire(0)).isTrue();
        assertThatThrownBy(() -> bucket.tryAcquire(2 * MAX)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> bucket.tryAcquire(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(waiter.end).isNull();
    }

    @Test
    void aWaiterForNothingIsGoodForOneAcquireToo() {
        TestWaiter waiter = new TestWaiter(0);
        assertThat(bucket.acquire(waiter, 0)).isZero();
        assertThatThrownBy(() -> bucket.acquire(waiter, 0)).isInstanceOf(IllegalStateException.class);
        bucket.handBack(waiter);
        assertThat(bucket.availableTokens()).isEqualTo(MAX);
    }

    @Test
    void aRequestForNothingIsGrantedAtOnceAlsoInDebtAndWhenOthersWait() {
        reserved(MAX);
        bucket.acquire(new TestWaiter(5), Long.MAX_VALUE);
        assertThat(bucket.acquire(new TestWaiter(0), 0)).isZero();
        assertThat(bucket.tryAcquireNanos(0)).isZero();
        assertThat(bucket.estimatedWaitNanos(0)).isZero();
        assertThat(reserved(0).waitNanos()).isZero();
    }

    @Test
    void aBucketIsPrepaidIfItHasStripes() {
        assertThat(bucket.isPrepaid()).isFalse();
        BucketConfig small = BucketConfig.builder().rate(1_000).maxTokens(1_023).build();
        assertThat(new TokenBucket(time, time, small).isPrepaid()).isFalse();
        BucketConfig large = small.toBuilder().maxTokens(1_024).build();
        assertThat(new TokenBucket(time, time, large).isPrepaid()).isTrue();
    }

    @Test
    void aReservationWaitsAsLongAsIsOfUseAndNoLonger() {
        reserved(MAX);
        assertThat(bucket.reserve(1e6, 999_999_999L)).isNull();
        assertThat(bucket.reserve(1e6, -5)).isNull();
        BucketReservation just = bucket.reserve(1e6, 1_000_000_000L);
        assertThat(just).isNotNull();
        assertThat(just.waitNanos()).isEqualTo(1_000_000_000L);
        assertThat(just.tokens()).isEqualTo(1e6);
        assertThat(just.dueNanos()).isEqualTo(time.nanoTime() + 1_000_000_000L);
        assertThat(just).hasToString("BucketReservation[tokens=1000000.0, dueNanos=" + just.dueNanos() + "]");
        time.advance(1_000_000_000L);
        assertThat(just.cancel()).as("due").isFalse();
    }
}
