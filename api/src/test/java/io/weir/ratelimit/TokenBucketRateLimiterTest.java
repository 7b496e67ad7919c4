package io.weir.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.weir.CallOptions;
import io.weir.RateLimitExceededException;
import io.weir.WeirRuntime;
import io.weir.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TokenBucketRateLimiterTest {
    private final VirtualTime time = new VirtualTime(-5);
    private final WeirRuntime runtime = time.runtimeBuilder().build();
    private final TokenBucketRateLimiter limiter =
            TokenBucketRateLimiter.builder("l").rate(10).runtime(runtime).build();

    private void drain() {
        assertThat(limiter.tryAcquire(limiter.availableTokens())).isTrue();
    }

    @Test
    void theBurstIsTheRateByDefaultAndTokensComeBackWithTime() {
        assertThat(limiter.availableTokens()).isEqualTo(10);
        assertThat(limiter.tryAcquire(10)).isTrue();
        assertThat(limiter.tryAcquire()).isFalse();
        assertThat(limiter.tryAcquireNanos(1)).isEqualTo(100_000_000);
        assertThat(limiter.estimatedWait(1)).isEqualTo(Duration.ofMillis(100));
        time.advance(Duration.ofMillis(250));
        assertThat(limiter.tryAcquire(2.5)).isTrue();
        assertThat(limiter.tryAcquire(0)).isTrue();
    }

    @Test
    void waitersAreServedInOrderAndNobodyOvertakes() {
        drain();
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int number = i;
            limiter.acquire(i == 0 ? 5 : 1).thenRun(() -> order.add(number));
        }
        time.advance(Duration.ofMillis(400));
        assertThat(limiter.tryAcquire()).isFalse();
        assertThat(order).isEmpty();
        time.advance(Duration.ofMillis(300));
        assertThat(order).containsExactly(0, 1, 2);
    }

    @Test
    void anAcquireWhoseKnownWaitIsTooLongFailsAtOnceElseAtItsTimeout() {
        drain();
        CompletableFuture<Void> tooLong = limiter.acquire(2, Duration.ofMillis(199));
        assertThat(tooLong).isCompletedExceptionally();
        CompletableFuture<Void> first = limiter.acquire(1, Duration.ofMillis(150));
        limiter.updateRate(u -> u.rate(1));
        time.advance(Duration.ofMillis(149));
        assertThat(first).isNotDone();
        time.advance(Duration.ofMillis(1));
        assertThatThrownBy(first::join).hasCauseInstanceOf(RateLimitExceededException.class);
        assertThat(limiter.acquire(0).isDone()).isTrue();
    }

    @Test
    void cancellingAnAcquireTakesNothingAndDelaysNobody() {
        drain();
        CompletableFuture<Void> big = limiter.acquire(10);
        CompletableFuture<Void> small = limiter.acquire(1);
        big.cancel(false);
        time.advance(Duration.ofMillis(100));
        assertThat(small).isCompleted();
        CompletableFuture<Void> timed = limiter.acquire(1).orTimeout(1, TimeUnit.MILLISECONDS);
        assertThat(timed).failsWithin(Duration.ofSeconds(5));
        time.advance(Duration.ofSeconds(1));
        assertThat(limiter.availableTokens()).isEqualTo(10);
    }

    @Test
    void aGrantThatIsCancelledBeforeItIsToldGoesBack() {
        List<Runnable> untold = new ArrayList<>();
        WeirRuntime slow = time.runtimeBuilder().callbackExecutor(untold::add).build();
        TokenBucketRateLimiter own = TokenBucketRateLimiter.builder("own")
                .rate(10)
                .initialTokens(0)
                .runtime(slow)
                .build();
        CompletableFuture<Void> future = own.acquire(1);
        time.advance(Duration.ofMillis(100));
        assertThat(own.availableTokens()).isZero();
        future.cancel(false);
        untold.forEach(Runnable::run);
        assertThat(own.availableTokens()).isCloseTo(1, within(1e-6));
    }

    @Test
    void closingFailsEveryWaiterAndLaterCalls() {
        drain();
        CompletableFuture<Void> waiting = limiter.acquire();
        CompletableFuture<Integer> guarded = limiter.execute(() -> CompletableFuture.completedFuture(1));
        limiter.close();
        time.runPending();
        assertThatThrownBy(waiting::join).hasCauseInstanceOf(IllegalStateException.class);
        assertThatThrownBy(guarded::join).hasCauseInstanceOf(IllegalStateException.class);
        assertThatThrownBy(limiter::tryAcquire).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> limiter.call(() -> 1)).isInstanceOf(IllegalStateException.class);
        limiter.close();
    }

    @Test
    void aReservationIsDebitedNowAndUsedWhenDue() throws Exception {
        drain();
        Reservation reservation = limiter.reserve(5);
        assertThat(reservation.waitTime()).isEqualTo(Duration.ofMillis(500));
        assertThat(reservation.cancel()).isTrue();
        assertThat(reservation.cancel()).isFalse();
        assertThat(limiter.tryAcquireNanos(1)).isEqualTo(100_000_000);
        assertThatThrownBy(() -> limiter.reserve(5, Duration.ofMillis(100)))
                .isInstanceOf(RateLimitExceededException.class);
        Reservation due = limiter.reserve(1);
        time.advance(Duration.ofMillis(100));
        due.await();
        assertThat(due.cancel()).isFalse();
        assertThat(due.tokens()).isEqualTo(1);
    }

    @Test
    void viewsShareTheBucket() {
        assertThat(limiter.costing(4).get(() -> 1)).isEqualTo(1);
        assertThat(limiter.availableTokens()).isEqualTo(6);
        limiter.call(CallOptions.tokens(6), () -> 1);
        assertThatThrownBy(() -> limiter.failFast().get(() -> 1))
                .isInstanceOfSatisfying(
                        RateLimitExceededException.class,
                        e -> assertThat(e.retryAfter()).contains(Duration.ofMillis(100)));
    }

    @Test
    void loweringTheRateScalesTheTokensInHandAndRaisingLeavesThem() {
        limiter.updateRate(u -> u.rate(5));
        assertThat(limiter.availableTokens()).isCloseTo(5, within(1e-5));
        limiter.updateRate(u -> u.rate(20));
        assertThat(limiter.availableTokens()).isCloseTo(5, within(1e-5));
        limiter.updateRate(
                u -> u.rate(3000).period(Duration.ofMinutes(1)).maxTokens(100).resetTokens());
        assertThat(limiter.availableTokens()).isCloseTo(100, within(1e-3));
    }

    @Test
    void blockingWaitersParkAndAreInterruptible() throws Exception {
        drain();
        CompletableFuture<String> seen = new CompletableFuture<>();
        Thread waiter = new Thread(() -> {
            try {
                limiter.acquireBlocking(1);
                limiter.acquireBlocking(5);
                seen.complete("granted");
            } catch (InterruptedException e) {
                seen.complete("interrupted");
            }
        });
        waiter.start();
        while (time.pendingTimers() == 0) {
            Thread.onSpinWait();
        }
        time.advance(Duration.ofMillis(100));
        while (time.pendingTimers() == 0) {
            Thread.onSpinWait();
        }
        waiter.interrupt();
        waiter.join();
        assertThat(seen.join()).isEqualTo("interrupted");
        time.advance(Duration.ofSeconds(1));
        assertThat(limiter.availableTokens()).isEqualTo(10);
    }

    @Test
    void badInputNamesBothNumbers() {
        assertThatThrownBy(() -> limiter.tryAcquire(11))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("11")
                .hasMessageContaining("10");
        for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> limiter.tryAcquire(bad)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> limiter.acquire(bad)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> limiter.reserve(bad)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> CallOptions.tokens(bad)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> TokenBucketRateLimiter.builder("x").build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rate");
    }

    @Test
    void aPeriodOutOfRangeIsNamed() {
        for (Duration period : List.of(Duration.ZERO, Duration.ofSeconds(Long.MAX_VALUE), Duration.ofNanos(-1))) {
            assertThatThrownBy(() -> TokenBucketRateLimiter.builder("a").period(period))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("period = " + period + ": allowed is above 0, at most ");
        }
    }
}
