package io.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.weir.CallRejected.Reason;
import io.weir.breaker.CircuitBreaker;
import io.weir.breaker.CircuitBreakerTransition;
import io.weir.event.Subscription;
import io.weir.event.WeirEvent;
import io.weir.event.WeirListener;
import io.weir.guard.AdaptiveBulkhead;
import io.weir.guard.Bulkhead;
import io.weir.guard.Timeout;
import io.weir.ratelimit.AdaptiveRateLimiter;
import io.weir.ratelimit.EndpointRateLimiter;
import io.weir.ratelimit.RateChange;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.GiveUp;
import io.weir.retry.Retry;
import io.weir.retry.RetryBudget;
import io.weir.retry.RetryConfig;
import io.weir.retry.RetryEvent;
import io.weir.testkit.RecordedEvents;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What guards tell, and what they only count. */
class EventsTest {
    private final VirtualTime time = new VirtualTime();
    private final RecordedEvents events = new RecordedEvents();
    private final WeirRuntime runtime = time.runtimeBuilder().listener(events).build();

    private void told(String guard, Reason reason, Optional<Duration> retryAfter) {
        assertThat(events.of(CallRejected.class)).singleElement().satisfies(event -> {
            assertThat(event.guard()).isEqualTo(guard);
            assertThat(event.at()).isEqualTo(time.wallTime());
            assertThat(event.reason()).isEqualTo(reason);
            assertThat(event.retryAfter()).isEqualTo(retryAfter);
            assertThat(event.toString()).contains(guard, reason.toString());
        });
        events.clear();
    }

    private static void rejected(Guard guard) {
        assertThatThrownBy(() -> guard.run(() -> {})).isInstanceOf(CallRejectedException.class);
    }

    private static void rejectedAsync(Guard guard) {
        CompletableFuture<Object> end = guard.execute(() -> CompletableFuture.completedFuture(1));
        assertThatThrownBy(end::join).hasCauseInstanceOf(CallRejectedException.class);
    }

    @Test
    void eachRefusalOfABreakerIsToldOnce() {
        CircuitBreaker breaker = CircuitBreaker.builder("b").runtime(runtime).build();
        breaker.forceOpen();
        assertThat(events.of(CircuitBreakerTransition.class)).hasSize(1);
        rejected(breaker);
        told("b", Reason.CIRCUIT_OPEN, Optional.empty());
        rejectedAsync(breaker);
        told("b", Reason.CIRCUIT_OPEN, Optional.empty());
        assertThatThrownBy(breaker::acquire).isInstanceOf(CallRejectedException.class);
        told("b", Reason.CIRCUIT_OPEN, Optional.empty());
        assertThat(CircuitBreaker.isRefused(breaker.tryAcquire())).isTrue();
        assertThat(events.of(CallRejected.class)).isEmpty();
        assertThat(breaker.metrics().rejected()).isEqualTo(4);
    }

    @Test
    void eachRefusalOfALimiterIsToldOnceAndCounted() {
        TokenBucketRateLimiter limiter = TokenBucketRateLimiter.builder("l")
                .rate(1)
                .maxWaiters(1)
                .runtime(runtime)
                .build();
        limiter.run(() -> {});
        rejected(limiter.failFast());
        told("l", Reason.RATE_LIMIT, Optional.of(Duration.ofSeconds(1)));
        rejectedAsync(limiter.failFast());
        told("l", Reason.RATE_LIMIT, Optional.of(Duration.ofSeconds(1)));
        assertThat(limiter.acquire(1, Duration.ofMillis(1))).isCompletedExceptionally();
        told("l", Reason.RATE_LIMIT, Optional.of(Duration.ofSeconds(1)));
        assertThatThrownBy(() -> limiter.reserve(1, Duration.ZERO)).isInstanceOf(CallRejectedException.class);
        told("l", Reason.RATE_LIMIT, Optional.of(Duration.ofSeconds(1)));
        assertThat(limiter.tryAcquire()).isFalse();
        CompletableFuture<Object> waits = limiter.execute(() -> CompletableFuture.completedFuture(1));
        assertThat(limiter.metrics().waiting()).isEqualTo(1);
        time.advance(Duration.ofSeconds(1));
        assertThat(waits).isCompleted();
        assertThat(events.all()).isEmpty();
        assertThat(limiter.metrics().refused()).isEqualTo(5);
    }

    @Test
    void aKeyedLimiterTellsNoKeyAndCountsForAll() {
        EndpointRateLimiter limiter =
                EndpointRateLimiter.builder("k").defaultRate(1).runtime(runtime).build();
        assertThat(limiter.tryAcquire("secret")).isTrue();
        assertThatThrownBy(() -> limiter.failFast().call(CallOptions.key("secret"), () -> 1))
                .isInstanceOf(CallRejectedException.class);
        limiter.updateRateLimit("secret", u -> u.rate(2));
        assertThat(events.all()).hasSize(1);
        assertThat(events.all().toString()).doesNotContain("secret");
        assertThat(limiter.metrics().refused()).isEqualTo(1);
    }

    @Test
    void bulkheadsTellAndCount() {
        Bulkhead bulkhead =
                Bulkhead.builder("bh").maxConcurrent(1).runtime(runtime).build();
        assertThat(bulkhead.tryAcquire()).isTrue();
        rejected(bulkhead);
        told("bh", Reason.BULKHEAD_FULL, Optional.empty());
        assertThat(bulkhead.acquire()).isCompletedExceptionally();
        told("bh", Reason.BULKHEAD_FULL, Optional.empty());
        assertThat(bulkhead.tryAcquire()).isFalse();
        bulkhead.release();
        bulkhead.run(() -> {});
        assertThat(bulkhead.metrics().rejected()).isEqualTo(3);
        assertThat(bulkhead.metrics().inUse()).isZero();
        assertThat(bulkhead.metrics().maxConcurrent()).isEqualTo(1);
        assertThat(events.all()).isEmpty();
        AdaptiveBulkhead adaptive =
                AdaptiveBulkhead.builder("ab").initial(1).runtime(runtime).build();
        CompletableFuture<Object> running = adaptive.execute(() -> new CompletableFuture<>());
        rejectedAsync(adaptive);
        told("ab", Reason.BULKHEAD_FULL, Optional.empty());
        assertThat(running).isNotDone();
    }

    @Test
    void timeoutsAndDeadlinesAreToldByWhoEnforcesThem() {
        Timeout timeout = Timeout.builder("t")
                .duration(Duration.ofSeconds(1))
                .runtime(runtime)
                .build();
        CompletableFuture<Object> cut = timeout.execute(() -> new CompletableFuture<>());
        time.advance(Duration.ofSeconds(1));
        assertThat(cut).isCompletedExceptionally();
        assertThat(events.of(CallTimedOut.class)).singleElement().satisfies(event -> {
            assertThat(event.guard()).isEqualTo("t");
            assertThat(event.after()).isEqualTo(Duration.ofSeconds(1));
        });
        assertThat(timeout.metrics().timedOut()).isEqualTo(1);
        events.clear();
        Retry retry = Retry.of("r", RetryConfig.DEFAULT, runtime);
        retry.execute(CallOptions.within(Duration.ofSeconds(2)), () -> new CompletableFuture<>());
        time.advance(Duration.ofSeconds(2));
        assertThat(events.of(CallTimedOut.class)).extracting(WeirEvent::guard).containsExactly("r");
        events.clear();
        CallOptions late = CallOptions.until(Deadline.after(Duration.ofMillis(1), runtime));
        time.advance(Duration.ofMillis(1));
        assertThatThrownBy(() -> retry.call(late, () -> 1)).isInstanceOf(DeadlinePassedException.class);
        told("r", Reason.DEADLINE, Optional.empty());
    }

    @Test
    void aRetryTellsWhyItGaveUp() {
        RetryConfig config =
                RetryConfig.builder().maxRetries(1).baseDelay(Duration.ZERO).build();
        assertThat(reasonOf(config, CallOptions.NONE)).contains(GiveUp.ATTEMPTS);
        assertThat(reasonOf(
                        config.toBuilder().baseDelay(Duration.ofSeconds(5)).build(),
                        CallOptions.within(Duration.ofSeconds(1))))
                .contains(GiveUp.TIME);
        assertThat(reasonOf(
                        config.toBuilder()
                                .honourRetryAfter(Duration.ofSeconds(1))
                                .build(),
                        CallOptions.NONE))
                .contains(GiveUp.RETRY_AFTER);
        RetryConfig broke = config.toBuilder()
                .maxRetries(9)
                .budget(RetryBudget.of(0, 0.001))
                .build();
        assertThat(reasonOf(broke, CallOptions.NONE)).contains(GiveUp.BUDGET);
    }

    private static final class Busy extends IOException implements RetryAfterHint {
        private static final long serialVersionUID = 1;

        @Override
        public Optional<Duration> retryAfter() {
            return Optional.of(Duration.ofSeconds(60));
        }
    }

    private Optional<GiveUp> reasonOf(RetryConfig config, CallOptions options) {
        events.clear();
        Retry retry = Retry.of("r", config, runtime);
        boolean hints = config.retryAfterCap().equals(Duration.ofSeconds(1));
        assertThatThrownBy(() -> retry.call(options, () -> {
                    throw hints ? new Busy() : new IOException();
                }))
                .isInstanceOf(IOException.class);
        List<RetryEvent> heard = events.of(RetryEvent.class);
        RetryEvent last = heard.get(heard.size() - 1);
        assertThat(last.gaveUp()).isTrue();
        assertThat(heard.subList(0, heard.size() - 1))
                .allMatch(event -> event.reason().isEmpty());
        assertThat(retry.metrics().refusedByBudget())
                .isEqualTo(last.reason().equals(Optional.of(GiveUp.BUDGET)) ? 1 : 0);
        return last.reason();
    }

    @Test
    void changesOfALimitersRateAreTold() {
        TokenBucketRateLimiter limiter =
                TokenBucketRateLimiter.builder("l").rate(1).runtime(runtime).build();
        limiter.updateRate(u -> u.rate(60).period(Duration.ofMinutes(1)).maxTokens(5));
        assertThat(events.of(RateChange.class)).singleElement().satisfies(event -> {
            assertThat(event.rate()).isEqualTo(60);
            assertThat(event.period()).isEqualTo(Duration.ofMinutes(1));
            assertThat(event.maxTokens()).isEqualTo(5);
            assertThat(event.pause()).isEmpty();
            assertThat(event.toString()).contains("l: 60.0 per PT1M, maxTokens=5.0");
        });
    }

    @Test
    void anAdaptiveLimiterTellsPausesAndWhatIsNewsButNotEachResponse() {
        AdaptiveRateLimiter limiter = AdaptiveRateLimiter.builder("a")
                .initialRate(100)
                .runtime(runtime)
                .build();
        limiter.updateFromHeaders(headers(6_600, 60));
        assertThat(events.all()).isEmpty(); // 99 a second, where it was 100
        limiter.updateFromHeaders(headers(2_000, 60));
        limiter.updateFromHeaders(headers(1_999, 60));
        assertThat(events.of(RateChange.class))
                .singleElement()
                .satisfies(event -> assertThat(event.rate()).isCloseTo(30, within(1e-9)));
        events.clear();
        limiter.updateFromHeaders(headers(0, 50));
        limiter.updateFromHeaders(headers(0, 50));
        assertThat(events.of(RateChange.class))
                .singleElement()
                .satisfies(event -> assertThat(event.pause()).contains(Duration.ofSeconds(50)));
        events.clear();
        time.advance(Duration.ofMinutes(5));
        List<RateChange> climb = events.of(RateChange.class);
        assertThat(climb).hasSizeBetween(2, 30);
        assertThat(climb.get(climb.size() - 1).rate())
                .isEqualTo(limiter.ratePerSecond())
                .isEqualTo(100);
        assertThat(climb).allSatisfy(event -> assertThat(event.pause()).isEmpty());
    }

    private static Map<String, String> headers(int remaining, int reset) {
        return Map.of("x-ratelimit-remaining", "" + remaining, "x-ratelimit-reset", "" + reset);
    }

    @Test
    void aListenerThatChangesTheRateHearsOfThatChangeAfterwardsAndTheLastToldIsInForce() {
        TokenBucketRateLimiter limiter =
                TokenBucketRateLimiter.builder("l").rate(1).runtime(runtime).build();
        List<Double> heard = new ArrayList<>();
        WeirListener immediate = new WeirListener() {
            @Override
            public void onEvent(WeirEvent event) {
                double rate = ((RateChange) event).rate();
                if (rate < 5) {
                    limiter.updateRate(u -> u.rate(rate + 1));
                }
                heard.add(rate);
            }

            @Override
            public boolean isImmediate() {
                return true;
            }
        };
        try (Subscription subscription = runtime.listen(immediate)) {
            limiter.updateRate(u -> u.rate(2));
            assertThat(subscription.lost()).isZero();
        }
        assertThat(heard).containsExactly(2.0, 3.0, 4.0, 5.0);
        limiter.updateRate(u -> u.rate(9));
        assertThat(heard).hasSize(4);
    }

    @Test
    void aListenerThatThrowsHarmsNoCall() {
        runtime.listen(event -> {
            throw new IllegalStateException("listener");
        });
        Bulkhead bulkhead =
                Bulkhead.builder("bh").maxConcurrent(1).runtime(runtime).build();
        assertThat(bulkhead.tryAcquire()).isTrue();
        rejected(bulkhead);
        time.runPending();
        bulkhead.release();
        bulkhead.run(() -> {});
    }
}
