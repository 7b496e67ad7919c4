package io.weir.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.weir.InterleavedTimer;
import io.weir.RateLimitExceededException;
import io.weir.WeirRuntime;
import io.weir.testkit.VirtualTime;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Contract section 5: how the rate moves. What the headers may look like is in RateLimitHeadersTest. */
class AdaptiveRateLimiterTest {
    private final VirtualTime time = new VirtualTime(-3, Instant.parse("2026-01-01T00:00:00Z"));
    private final WeirRuntime runtime = time.runtimeBuilder().build();
    private final AdaptiveRateLimiter limiter =
            AdaptiveRateLimiter.builder("api").initialRate(10).runtime(runtime).build();

    private void hear(String... headers) {
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < headers.length; i += 2) {
            map.put(headers[i], headers[i + 1]);
        }
        limiter.updateFromHeaders(map);
    }

    @Test
    void theDefaultsAreTheContracts() {
        assertThat(limiter.ratePerSecond()).isEqualTo(10);
        assertThat(limiter.availableTokens()).isEqualTo(10);
        hear("x-ratelimit-remaining", "1", "x-ratelimit-reset", "60");
        assertThat(limiter.ratePerSecond()).as("minRate").isEqualTo(1);
        assertThat(limiter.availableTokens()).as("safetyFactor").isCloseTo(0.9, within(1e-9));
    }

    @Test
    void headersComeAsAMapOfStringsOrListsOrAsHttpHeaders() {
        limiter.updateFromHeaders(Map.of("X-RateLimit-Remaining", List.of("60"), "X-RateLimit-Reset", "30"));
        assertThat(limiter.ratePerSecond()).isCloseTo(1.8, within(1e-9));
        limiter.updateFromHeaders(HttpHeaders.of(
                Map.of("x-ratelimit-remaining", List.of("150"), "x-ratelimit-reset", List.of("30")), (n, v) -> true));
        assertThat(limiter.ratePerSecond()).isCloseTo(4.5, within(1e-9));
        limiter.updateFromHeaders(503, HttpHeaders.of(Map.of("Retry-After", List.of("5")), (n, v) -> true));
        assertThat(limiter.tryAcquire()).isFalse();
        assertThat(limiter.metrics().updates()).isEqualTo(3);
    }

    @Test
    void withNothingLeftNobodyIsGrantedUntilTheResetAndThenThoseWhoWaitAre() {
        CompletableFuture<Void> waiting = limiter.acquire(10).thenCompose(granted -> limiter.acquire());
        hear("x-ratelimit-limit", "100", "x-ratelimit-remaining", "0", "x-ratelimit-reset", "20");
        assertThat(limiter.acquire(1, Duration.ofSeconds(20))).isCompletedExceptionally();
        assertThatThrownBy(() -> limiter.failFast().run(() -> {}))
                .isInstanceOfSatisfying(
                        RateLimitExceededException.class,
                        refused ->
                                assertThat(refused.retryAfter().orElseThrow()).isGreaterThan(Duration.ofSeconds(20)));
        time.advance(Duration.ofSeconds(20));
        assertThat(waiting).isNotDone();
        time.advance(Duration.ofSeconds(1));
        assertThat(waiting).isCompleted();
    }

    @Test
    void withoutNewsTheRateClimbsFromTheResetLinearlyOverOneWindow() {
        hear("x-ratelimit-limit", "100", "x-ratelimit-remaining", "0", "x-ratelimit-reset", "20");
        time.advance(Duration.ofSeconds(20));
        assertThat(limiter.ratePerSecond()).isEqualTo(1);
        time.advance(Duration.ofSeconds(10));
        assertThat(limiter.ratePerSecond())
                .as("half the way from 1 to 100 / 20 s")
                .isCloseTo(3, within(0.21));
        time.advance(Duration.ofSeconds(10));
        assertThat(limiter.ratePerSecond()).isCloseTo(5, within(1e-9));
        time.advance(Duration.ofDays(1));
        assertThat(limiter.ratePerSecond()).isCloseTo(5, within(1e-9));
        assertThat(time.pendingTimers()).as("no timer is left").isZero();
    }

    @Test
    void theClimbEndsAtTheInitialRateIfTheLimitIsHigherOrNotTold() {
        hear("x-ratelimit-remaining", "3", "x-ratelimit-reset", "2");
        time.advance(Duration.ofSeconds(4));
        assertThat(limiter.ratePerSecond()).isEqualTo(10);
        hear("x-ratelimit-limit", "1000000", "x-ratelimit-remaining", "3", "x-ratelimit-reset", "2");
        time.advance(Duration.ofSeconds(4));
        assertThat(limiter.ratePerSecond()).isEqualTo(10);
    }

    @Test
    void aRateAboveWhatTheWindowAllowsFallsAtTheReset() {
        hear("x-ratelimit-limit", "60", "x-ratelimit-remaining", "59", "x-ratelimit-reset", "60");
        hear("x-ratelimit-limit", "60", "x-ratelimit-remaining", "50", "x-ratelimit-reset", "5");
        assertThat(limiter.ratePerSecond()).isEqualTo(9);
        time.advance(Duration.ofSeconds(5));
        assertThat(limiter.ratePerSecond()).as("60 a window of 60 s").isEqualTo(1);
    }

    @Test
    void newsDuringAClimbEndIt() {
        hear("x-ratelimit-remaining", "0", "x-ratelimit-reset", "10");
        time.advance(Duration.ofSeconds(15));
        double half = limiter.ratePerSecond();
        assertThat(half).isBetween(5.0, 6.0);
        hear("x-ratelimit-remaining", "20", "x-ratelimit-reset", "10");
        assertThat(limiter.ratePerSecond()).isCloseTo(1.8, within(1e-9));
        time.advance(Duration.ofSeconds(9));
        assertThat(limiter.ratePerSecond()).isCloseTo(1.8, within(1e-9));
        assertThat(time.pendingTimers()).isEqualTo(1);
    }

    @Test
    void aPauseIsNotLiftedByNewsOfACallThatBeganBeforeIt() {
        hear("x-ratelimit-remaining", "0", "x-ratelimit-reset", "10");
        hear("x-ratelimit-remaining", "50", "x-ratelimit-reset", "11");
        assertThat(limiter.tryAcquire()).isFalse();
        time.advance(Duration.ofSeconds(10));
        assertThat(limiter.tryAcquire()).isFalse();
        time.advance(Duration.ofSeconds(1));
        assertThat(limiter.tryAcquire()).isTrue();
    }

    /** Four threads tell; whoever is late, the bucket's rate is that of the latest course in the end. */
    @Test
    void theLatestNewsCountWhoeverIsLate() throws InterruptedException {
        for (int round = 0; round < 300; round++) {
            CountDownLatch begin = new CountDownLatch(1);
            Thread[] threads = new Thread[4];
            for (int i = 0; i < threads.length; i++) {
                String left = String.valueOf(100 * (i + 1) + round);
                threads[i] = new Thread(() -> {
                    try {
                        begin.await();
                    } catch (InterruptedException e) {
                        return;
                    }
                    hear("x-ratelimit-remaining", left, "x-ratelimit-reset", "10");
                });
                threads[i].start();
            }
            begin.countDown();
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(limiter.bucket.config().rate()).isEqualTo(limiter.ratePerSecond());
        }
    }

    @Test
    void aClosedLimiterRefusesNewsAndLeavesNoTimer() {
        hear("x-ratelimit-remaining", "5", "x-ratelimit-reset", "10");
        limiter.close();
        assertThat(time.pendingTimers()).isZero();
        assertThatThrownBy(() -> hear("x-ratelimit-remaining", "5")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> hear("a", "b")).isInstanceOf(IllegalStateException.class);
        assertThat(time.pendingTimers()).as("after the news that came too late").isZero();
    }

    @Test
    void aCloseDuringAStepOfTheClimbIsQuietAndLeavesNoTimer() {
        InterleavedTimer timer = new InterleavedTimer(time.timer());
        AdaptiveRateLimiter closing = AdaptiveRateLimiter.builder("api")
                .initialRate(10)
                .runtime(time.runtimeBuilder().timer(timer).build())
                .build();
        closing.updateFromHeaders(Map.of("x-ratelimit-remaining", "0", "x-ratelimit-reset", "10"));
        timer.before(closing::close);
        time.advance(Duration.ofSeconds(12));
        assertThat(closing.ratePerSecond()).as("the step was begun").isNotEqualTo(0);
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void aPeriodOutOfRangeIsNamed() {
        assertThatThrownBy(() -> AdaptiveRateLimiter.builder("a").initialPeriod(Duration.ofSeconds(Long.MAX_VALUE)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("initialPeriod = PT2562047788015215H30M7S: allowed is");
        assertThatThrownBy(() -> AdaptiveRateLimiter.builder("a").initialPeriod(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("initialPeriod = PT0S: allowed is");
    }

    @Test
    void parametersOutOfRangeAreNamed() {
        assertThatThrownBy(() -> AdaptiveRateLimiter.builder("a").build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("initialRate is not set: it is required");
        assertThatThrownBy(() -> AdaptiveRateLimiter.builder("a").initialRate(Double.NaN))
                .hasMessage("initialRate = NaN: allowed is finite, above 0");
        assertThatThrownBy(() -> AdaptiveRateLimiter.builder("a").safetyFactor(1.1))
                .hasMessage("safetyFactor = 1.1: allowed is above 0, at most 1");
        assertThatThrownBy(() -> AdaptiveRateLimiter.builder("a")
                        .initialRate(10)
                        .minRate(11)
                        .build())
                .hasMessage("minRate = 11.0: allowed is above 0, at most the initial rate, 10.0 a second");
        assertThatThrownBy(() -> AdaptiveRateLimiter.builder("a").maxPause(Duration.ZERO))
                .hasMessage("maxPause = PT0S: allowed is 1 s to 365 days");
        AdaptiveRateLimiter slow = AdaptiveRateLimiter.builder("a")
                .initialRate(6)
                .initialPeriod(Duration.ofMinutes(1))
                .runtime(runtime)
                .build();
        assertThat(slow.ratePerSecond()).isCloseTo(0.1, within(1e-12));
    }
}
