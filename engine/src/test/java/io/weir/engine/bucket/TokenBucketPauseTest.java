package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.engine.testing.ManualTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link BucketUpdate#pauseUntil} and {@link BucketUpdate#tokensAtMost}. */
class TokenBucketPauseTest {
    private static final long SECOND = 1_000_000_000L;

    private final ManualTime time =
            new ManualTime(Long.MAX_VALUE - SECOND); // the pauses lie across the wrap of the clock
    private final long start = time.nanoTime();

    private TokenBucket bucket(double rate, double max) {
        return new TokenBucket(
                time, time, BucketConfig.builder().rate(rate).maxTokens(max).build());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.001, 10, 1e6, 1e12})
    void nothingIsGrantedInAPauseAndTheTokensInHandAreLost(double rate) {
        TokenBucket bucket = bucket(rate, 10);
        long end = start + 86_400 * SECOND;
        bucket.update(BucketUpdate.none().pauseUntil(end));
        assertThat(bucket.tryAcquire()).isFalse();
        assertThat(bucket.availableTokens()).isZero();
        assertThat(bucket.tryAcquireNanos(1)).isEqualTo(end - start + (long) Math.ceil(1e9 / rate));
        assertThat(bucket.reserve(1, 86_400 * SECOND)).isNull();
        time.advance(86_400 * SECOND);
        assertThat(bucket.tryAcquire()).isFalse();
        time.advance((long) Math.ceil(1e9 / rate));
        assertThat(bucket.tryAcquire()).isTrue();
    }

    @Test
    void thoseWhoWaitAreRetimedByAPause() {
        TokenBucket bucket = bucket(10, 1);
        assertThat(bucket.tryAcquire()).isTrue();
        TestWaiter waiter = new TestWaiter(1);
        assertThat(bucket.acquire(waiter, Long.MAX_VALUE)).isEqualTo(TokenBucket.QUEUED);
        bucket.update(BucketUpdate.none().pauseUntil(start + 5 * SECOND));
        time.advance(5 * SECOND);
        assertThat(waiter.end).isNull();
        time.advance(SECOND / 10);
        assertThat(waiter.end).isEqualTo(Waiter.End.GRANTED);
    }

    @Test
    void aPauseIsNotShortenedByWhatChangesMeanwhile() {
        TokenBucket bucket = bucket(10, 10);
        bucket.update(BucketUpdate.none().pauseUntil(start + 5 * SECOND));
        bucket.update(BucketUpdate.none().rate(1_000));
        bucket.update(BucketUpdate.none().pauseUntil(start + 2 * SECOND));
        time.advance(5 * SECOND - 1);
        assertThat(bucket.tryAcquire()).isFalse();
        bucket.update(BucketUpdate.none().pauseUntil(start + 6 * SECOND));
        time.advance(SECOND + 1);
        assertThat(bucket.tryAcquireNanos(1)).isEqualTo(1_000_000);
    }

    @Test
    void aPauseThatHasPassedTakesNothing() {
        TokenBucket bucket = bucket(10, 10);
        bucket.update(BucketUpdate.none().pauseUntil(start));
        bucket.update(BucketUpdate.none().pauseUntil(start - SECOND));
        assertThat(bucket.availableTokens()).isEqualTo(10);
    }

    @Test
    void aResetInAPauseGivesNothingBeforeItsEnd() {
        TokenBucket bucket = bucket(10, 10);
        bucket.update(BucketUpdate.none().pauseUntil(start + 5 * SECOND));
        bucket.update(BucketUpdate.none().resetTokens());
        bucket.update(BucketUpdate.none().rate(20).maxTokens(20).resetTokens());
        assertThat(bucket.tryAcquire()).isFalse();
        assertThat(bucket.tryAcquireNanos(1)).isEqualTo(5 * SECOND + SECOND / 20);
        time.advance(5 * SECOND);
        bucket.update(BucketUpdate.none().resetTokens());
        assertThat(bucket.availableTokens()).isEqualTo(20);
    }

    @Test
    void aResetBehindAClockThatSteppedBackFillsTheBucket() {
        TokenBucket bucket = bucket(10, 10);
        bucket.update(BucketUpdate.none().pauseUntil(start + SECOND));
        time.advance(2 * SECOND);
        bucket.update(BucketUpdate.none().rate(20));
        assertThat(bucket.tryAcquire(10)).isTrue();
        time.set(start + 3 * SECOND / 2);
        bucket.update(BucketUpdate.none().resetTokens());
        assertThat(bucket.tryAcquire(10)).isTrue();
    }

    @Test
    void aLargeRequestInAPauseIsToldTheTimeAndStripesComeBackAfterIt() {
        TokenBucket bucket = bucket(1_000, 2_000);
        bucket.update(BucketUpdate.none().pauseUntil(start + 5 * SECOND));
        assertThat(bucket.tryAcquireNanos(2_000)).isEqualTo(7 * SECOND);
        assertThat(bucket.tryAcquire()).isFalse();
        time.advance(7 * SECOND - 1);
        assertThat(bucket.tryAcquire(2_000)).isFalse();
        time.advance(1);
        assertThat(bucket.tryAcquire(2_000)).isTrue();
        assertThat(bucket.tryAcquire()).isFalse();
    }

    @Test
    void debtIsPaidAfterAPause() {
        TokenBucket bucket = bucket(10, 10);
        assertThat(bucket.reserve(10, 0)).isNotNull();
        assertThat(bucket.reserve(10, Long.MAX_VALUE)).isNotNull();
        bucket.update(BucketUpdate.none().pauseUntil(start + 5 * SECOND));
        assertThat(bucket.tryAcquireNanos(1)).isEqualTo(5 * SECOND + SECOND + SECOND / 10);
    }

    @Test
    void aPauseOfMoreThanSeventyYearsIsRefused() {
        assertThatThrownBy(() -> bucket(1, 1).update(BucketUpdate.none().pauseUntil(start + (1L << 62))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pauseUntil is ")
                .hasMessageContaining("70 years");
    }

    @Test
    void aPauseOfJustSeventyYearsIsAllowed() {
        TokenBucket bucket = bucket(1, 1);
        long end = start + BucketConfig.MAX_FILL_NANOS;
        assertThatThrownBy(() -> bucket.update(BucketUpdate.none().pauseUntil(end + 1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(bucket.availableTokens()).isEqualTo(1);
        bucket.update(BucketUpdate.none().pauseUntil(end));
        assertThat(bucket.tryAcquireNanos(1)).isEqualTo(BucketConfig.MAX_FILL_NANOS + SECOND);
    }

    @Test
    void tokensAtMostTakesWhatIsMoreOnce() {
        TokenBucket bucket = bucket(10, 10);
        bucket.update(BucketUpdate.none().tokensAtMost(20));
        assertThat(bucket.availableTokens()).isEqualTo(10);
        bucket.update(BucketUpdate.none().tokensAtMost(2.5));
        assertThat(bucket.availableTokens()).isEqualTo(2.5);
        bucket.update(BucketUpdate.none().resetTokens().tokensAtMost(4));
        assertThat(bucket.availableTokens()).isEqualTo(4);
        time.advance(SECOND);
        assertThat(bucket.availableTokens()).isEqualTo(10);
        assertThatThrownBy(() -> BucketUpdate.none().tokensAtMost(Double.NaN))
                .hasMessage("tokensAtMost is NaN; it must be 0 or more");
    }
}
