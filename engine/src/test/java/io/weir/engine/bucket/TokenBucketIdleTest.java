package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.testing.ManualTime;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Clocks at their edges: idle for any time, wrapping, standing still, stepping back. */
class TokenBucketIdleTest {
    private static final long S = 1_000_000_000L;
    private static final double[] RATES = {1 / 86_400.0, 0.001, 1, 10, 1e3, 1e6, 1e9, 1e12};

    private static TokenBucket bucket(ManualTime time, double rate, double max, double initial) {
        return new TokenBucket(
                time,
                time,
                BucketConfig.builder()
                        .rate(rate)
                        .maxTokens(max)
                        .initialTokens(initial)
                        .build());
    }

    @Test
    void anIdleBucketIsFullAfterAnyTimeAtAnyRate() {
        for (double rate : RATES) {
            for (double max : new double[] {1, 3, 1_000}) {
                long fill = (long) (max / rate * 1e9 * 1.000001) + 1;
                for (long idle = fill; idle > 0 && idle < Long.MAX_VALUE - 1; idle += idle / 3 + 1) {
                    ManualTime time = new ManualTime(Long.MAX_VALUE - 17);
                    TokenBucket bucket = bucket(time, rate, max, 0);
                    time.set(time.nanoTime() + idle);
                    assertThat(bucket.availableTokens())
                            .as("rate %s, idle %d", rate, idle)
                            .isEqualTo(max);
                    assertThat(bucket.tryAcquire(max))
                            .as("rate %s, idle %d", rate, idle)
                            .isTrue();
                    assertThat(bucket.tryAcquire(max / 1_000))
                            .as("rate %s, idle %d: not more", rate, idle)
                            .isFalse();
                }
            }
        }
    }

    @Test
    void anIdleWordNeverWrapsIntoDebt() {
        // 2^62 ticks of a millionth of a token last 77 minutes at 10^9 a second: a plain difference would read as debt.
        ManualTime time = new ManualTime(0);
        TokenBucket bucket = bucket(time, 1e9, 1e9, 1e9);
        for (long idle : new long[] {77 * 60 * S, 154 * 60 * S, 200 * 60 * S, 86_400 * S, 365 * 86_400 * S}) {
            time.advance(idle);
            assertThat(bucket.tryAcquire(1e9)).as("idle %d", idle).isTrue();
            assertThat(bucket.tryAcquire()).isFalse();
        }
    }

    @Test
    void debtThatOutlivesACellIsNeitherForgivenNorWrapped() {
        ManualTime time = new ManualTime(0);
        TokenBucket bucket = bucket(time, 1e9, 1e12, 0);
        BucketReservation reservation = bucket.reserve(1e12, Long.MAX_VALUE);
        assertThat(reservation.waitNanos()).isEqualTo(1_000 * S);
        time.advance(900 * S);
        BucketReservation second = bucket.reserve(9e11, Long.MAX_VALUE);
        assertThat(second.waitNanos()).isEqualTo(1_000 * S);
        time.advance(999 * S); // cells live 18 minutes here
        assertThat(bucket.tryAcquire()).isFalse();
        assertThat(bucket.estimatedWaitNanos(1e9)).isBetween(2 * S, 2 * S + 2);
        time.advance(S + 2);
        assertThat(bucket.tryAcquire()).isTrue();
    }

    @Test
    void oneADayComesOnceADay() {
        long day = 86_400 * S;
        ManualTime time = new ManualTime(-3 * day);
        TokenBucket bucket = new TokenBucket(
                time, time, BucketConfig.builder().rate(1).periodNanos(day).build());
        for (int i = 0; i < 10; i++) {
            assertThat(bucket.tryAcquire()).isTrue();
            assertThat(bucket.tryAcquireNanos(1)).isEqualTo(day);
            time.advance(day - 1);
            assertThat(bucket.tryAcquire()).isFalse();
            time.advance(1);
        }
    }

    @Test
    void theLongRunIsExactAcrossManyCells() {
        ManualTime time = new ManualTime(Long.MAX_VALUE - 3_600 * S); // wraps on the way
        TokenBucket bucket = bucket(time, 1e9, 1e9, 0);
        double granted = 0;
        long step = S / 2;
        int steps = 20_000; // 10,000 seconds, some ten cells
        for (int i = 0; i < steps; i++) {
            time.advance(step);
            double tokens = 5e8 - 1;
            assertThat(bucket.tryAcquire(tokens)).isTrue();
            granted += tokens;
        }
        double left = bucket.availableTokens();
        assertThat(left).isCloseTo(steps, org.assertj.core.api.Assertions.within(0.001));
        assertThat(granted + left).isCloseTo(1e13, org.assertj.core.api.Assertions.within(0.001));
    }

    @Test
    void aClockNearItsWrapGrantsAsAnyOther() {
        for (long start : new long[] {Long.MAX_VALUE, Long.MAX_VALUE - S / 2, Long.MIN_VALUE, -1, 0, -S}) {
            ManualTime time = new ManualTime(start);
            TokenBucket bucket = bucket(time, 10, 2, 2);
            assertThat(bucket.tryAcquire(2)).isTrue();
            assertThat(bucket.tryAcquireNanos(1)).isEqualTo(S / 10);
            time.advance(S / 10);
            assertThat(bucket.tryAcquire()).isTrue();
            assertThat(bucket.tryAcquire()).isFalse();
            TestWaiter waiter = new TestWaiter(1);
            bucket.acquire(waiter, S);
            time.advance(S / 10);
            assertThat(waiter.end).isEqualTo(Waiter.End.GRANTED);
        }
    }

    @Test
    void aClockThatStandsStillGrantsTheBurstAndNoMore() {
        TokenBucket bucket = bucket(new ManualTime(5), 1e9, 10, 10);
        for (int i = 0; i < 10; i++) {
            assertThat(bucket.tryAcquire()).isTrue();
        }
        for (int i = 0; i < 100; i++) {
            assertThat(bucket.tryAcquire()).isFalse();
        }
    }

    @Test
    void aClockThatStepsBackGrantsNothingTwice() {
        ManualTime time = new ManualTime(0);
        TokenBucket bucket = bucket(time, 1, 4, 4);
        time.advance(10 * S);
        assertThat(bucket.tryAcquire(4)).isTrue();
        time.set(-100 * S); // before the cell's stamp
        assertThat(bucket.tryAcquire()).isFalse();
        time.set(10 * S);
        assertThat(bucket.tryAcquire()).isFalse();
        time.set(11 * S);
        assertThat(bucket.tryAcquire()).isTrue();
        assertThat(bucket.tryAcquire()).isFalse();
    }

    /** A cell's stamp is never older than that of the one before: what has come in by then would come in once more. */
    @Test
    void aClockThatHasSteppedBackByAChangeOrARenewalGrantsNothingTwice() {
        List<Consumer<TokenBucket>> successors = List.of(
                bucket -> bucket.update(BucketUpdate.none().maxWaiters(5)),
                bucket -> bucket.update(BucketUpdate.none().rate(1)),
                bucket -> bucket.renew(bucket.cell()));
        for (Consumer<TokenBucket> succeed : successors) {
            ManualTime time = new ManualTime(0);
            TokenBucket bucket = bucket(time, 1, 4, 4);
            time.advance(10 * S);
            bucket.update(BucketUpdate.none().maxWaiters(1)); // the stamp is 10 seconds
            assertThat(bucket.tryAcquire(4)).isTrue();
            time.set(0);
            succeed.accept(bucket);
            time.set(10 * S);
            assertThat(bucket.availableTokens()).isZero();
            time.set(11 * S);
            assertThat(bucket.tryAcquire()).isTrue();
            assertThat(bucket.tryAcquire()).isFalse();
        }
    }

    @Test
    void aClockThatStepsBackLeavesTheTokensInHand() {
        ManualTime time = new ManualTime(0);
        TokenBucket bucket = bucket(time, 1, 4, 4);
        time.set(-1_000_000 * S);
        for (int i = 0; i < 4; i++) {
            assertThat(bucket.tryAcquire()).isTrue();
        }
        assertThat(bucket.tryAcquire()).isFalse();
        bucket.update(BucketUpdate.none().rate(2));
        assertThat(bucket.tryAcquire()).isFalse();
        time.set(S / 2);
        assertThat(bucket.tryAcquire()).isTrue();
    }
}
