package io.weir.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.weir.CallKey;
import io.weir.CallOptions;
import io.weir.Guard;
import io.weir.Pipeline;
import io.weir.RateLimitExceededException;
import io.weir.WeirRuntime;
import io.weir.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class EndpointRateLimiterTest {
    private static final CallKey<String> TENANT = CallKey.of("tenant");
    private static final CallKey<Integer> LLM_TOKENS = CallKey.of("llm-tokens");

    private final VirtualTime time = new VirtualTime(-5);
    private final WeirRuntime runtime = time.runtimeBuilder().build();
    private final EndpointRateLimiter limiter =
            EndpointRateLimiter.builder("e").runtime(runtime).build();

    private static CompletionStage<Integer> one() {
        return CompletableFuture.completedFuture(1);
    }

    @Test
    void everyKeyHasTenASecondOfItsOwnByDefault() {
        for (String key : List.of("users", "search")) {
            assertThat(limiter.availableTokens(key)).isEqualTo(10);
            assertThat(limiter.tryAcquire(key, 10)).isTrue();
            assertThat(limiter.tryAcquire(key)).isFalse();
            assertThat(limiter.tryAcquireNanos(key, 1)).isEqualTo(100_000_000);
            assertThat(limiter.estimatedWait(key, 2)).isEqualTo(Duration.ofMillis(200));
        }
        time.advance(Duration.ofMillis(250));
        assertThat(limiter.tryAcquire("users", 2.5)).isTrue();
        assertThat(limiter.metrics().keys()).isEqualTo(2);
        assertThat(limiter.metrics().busyKeys()).isEqualTo(2);
        assertThat(limiter.metrics().keptApart()).isZero();
    }

    @Test
    void waitersOfAKeyAreServedInOrderAndOtherKeysDoNotWait() {
        limiter.tryAcquire("slow", 10);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int number = i;
            limiter.acquire("slow", i == 0 ? 5 : 1).thenRun(() -> order.add(number));
        }
        assertThat(limiter.tryAcquire("other")).isTrue();
        time.advance(Duration.ofMillis(400));
        assertThat(limiter.tryAcquire("slow")).as("nobody overtakes").isFalse();
        assertThat(order).isEmpty();
        time.advance(Duration.ofMillis(300));
        assertThat(order).containsExactly(0, 1, 2);
        assertThat(limiter.acquire("slow", 10, Duration.ofMillis(50))).isCompletedExceptionally();
    }

    @Test
    void anAcquireThatIsCancelledTakesNothing() {
        limiter.tryAcquire("k", 10);
        CompletableFuture<Void> big = limiter.acquire("k", 10);
        CompletableFuture<Void> small = limiter.acquire("k");
        big.cancel(false);
        time.advance(Duration.ofMillis(100));
        assertThat(small).isCompleted();
        time.advance(Duration.ofSeconds(1));
        assertThat(limiter.availableTokens("k")).isEqualTo(10);
    }

    @Test
    void asAGuardItTakesTheKeyFromTheOptionsAndWaits() {
        Guard guard = limiter;
        assertThat(guard.execute(CallOptions.key("k").andTokens(10), EndpointRateLimiterTest::one))
                .isCompletedWithValue(1);
        CompletableFuture<Integer> waiting = limiter.execute("k", EndpointRateLimiterTest::one);
        assertThat(limiter.execute("other", EndpointRateLimiterTest::one)).isCompletedWithValue(1);
        assertThat(limiter.<Integer, RuntimeException>call("another", () -> 2)).isEqualTo(2);
        assertThat(waiting).isNotDone();
        time.advance(Duration.ofMillis(100));
        assertThat(waiting).isCompletedWithValue(1);
    }

    @Test
    void aCallWithoutAKeyFailsClearly() {
        assertThatThrownBy(() -> limiter.execute(EndpointRateLimiterTest::one).join())
                .hasCauseInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'e'")
                .hasMessageContaining("CallOptions.key");
        assertThatThrownBy(() -> limiter.keyedBy(TENANT).failFast().call(CallOptions.key("k"), () -> 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tenant");
    }

    @Test
    void keyedByTakesTheKeyFromElsewhereSoThatTwoStandInOnePipeline() {
        EndpointRateLimiter tenants = EndpointRateLimiter.builder("tenants")
                .defaultRate(2)
                .override("acme", 500, Duration.ofSeconds(1))
                .runtime(runtime)
                .build();
        TokenBucketRateLimiter requests = TokenBucketRateLimiter.builder("requests")
                .rate(60)
                .runtime(runtime)
                .build();
        TokenBucketRateLimiter llm = TokenBucketRateLimiter.builder("llm")
                .rate(90_000)
                .period(Duration.ofMinutes(1))
                .runtime(runtime)
                .build();
        Guard guard =
                Pipeline.of(tenants.keyedBy(TENANT).failFast(), limiter, requests.costing(1), llm.costing(LLM_TOKENS));
        CallOptions options = CallOptions.key("search")
                .and(TENANT, "small")
                .and(LLM_TOKENS, 1_500)
                .andTokens(2);
        assertThat(guard.execute(options, EndpointRateLimiterTest::one)).isCompletedWithValue(1);
        assertThat(tenants.availableTokens("small")).isZero();
        assertThat(limiter.availableTokens("search")).isCloseTo(8, within(1e-6));
        assertThat(requests.availableTokens()).isCloseTo(59, within(1e-6));
        assertThat(llm.availableTokens()).isCloseTo(88_500, within(1e-2));
        assertThatThrownBy(() ->
                        guard.execute(options, EndpointRateLimiterTest::one).join())
                .cause()
                .isInstanceOfSatisfying(RateLimitExceededException.class, e -> {
                    assertThat(e.guard()).isEqualTo("tenants");
                    assertThat(e.retryAfter()).contains(Duration.ofSeconds(1));
                });
        assertThat(guard.execute(options.and(TENANT, "acme"), EndpointRateLimiterTest::one))
                .isCompletedWithValue(1);
        assertThat(tenants.availableTokens("acme")).isCloseTo(498, within(1e-3));
        assertThat(tenants.keyedBy(TENANT).execute("acme", EndpointRateLimiterTest::one))
                .isCompletedWithValue(1);
        assertThat(tenants.availableTokens("acme")).isCloseTo(497, within(1e-3));
    }

    @Test
    void costingCostsTheTokensOfACallThatSaysNothingUnderItsKey() {
        Guard own = limiter.costing(LLM_TOKENS);
        own.call(CallOptions.key("k").andTokens(3), () -> 1);
        own.call(CallOptions.key("k").andTokens(3).and(LLM_TOKENS, 5), () -> 1);
        assertThat(limiter.availableTokens("k")).isCloseTo(2, within(1e-6));
        limiter.costing(2).call(CallOptions.key("k").andTokens(3), () -> 1);
        assertThat(limiter.availableTokens("k")).isCloseTo(0, within(1e-6));
        assertThatThrownBy(() -> own.call(CallOptions.key("k").and(LLM_TOKENS, -1), () -> 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aKeysLimiterIsAViewThatStaysRightWhenTheKeyMovesAndItsRateChanges() throws Exception {
        RateLimiter view = limiter.limiter("k");
        assertThat(view.tryAcquire(10)).isTrue();
        assertThat(view.tryAcquireNanos(1)).isEqualTo(100_000_000);
        CompletableFuture<Void> waiting = view.acquire();
        limiter.updateRateLimit("k", u -> u.rate(1).period(Duration.ofSeconds(10)));
        time.advance(Duration.ofSeconds(9));
        assertThat(waiting).isNotDone();
        limiter.remove("k");
        time.advance(Duration.ofMillis(100));
        assertThat(waiting).isCompleted();
        assertThat(view.estimatedWait(1)).isBetween(Duration.ofMillis(1), Duration.ofMillis(100));
        assertThatThrownBy(() -> view.failFast().get(() -> 1)).isInstanceOf(RateLimitExceededException.class);
        Reservation reservation = view.reserve(1);
        assertThat(reservation.waitTime()).isLessThanOrEqualTo(Duration.ofMillis(100));
        time.advance(Duration.ofMillis(100));
        reservation.await();
        time.advance(Duration.ofSeconds(1));
        view.acquireBlocking(1);
        assertThat(view.get(CallOptions.key("other"), () -> 7)).isEqualTo(7);
        assertThat(view.availableTokens()).isCloseTo(8, within(1e-5));
        assertThat(limiter.availableTokens("other")).isEqualTo(10);
        assertThatThrownBy(view::close).isInstanceOf(UnsupportedOperationException.class);
        assertThat(limiter.toString() + view).contains("(e");
    }

    @Test
    void whatAnUpdateDoesNotNameStaysAsItIs() {
        limiter.updateRateLimit("k", u -> u.rate(5));
        limiter.updateRateLimit("k", u -> u.maxTokens(20).resetTokens());
        assertThat(limiter.availableTokens("k")).isCloseTo(20, within(1e-3));
        limiter.tryAcquire("k", 20);
        assertThat(limiter.estimatedWait("k", 1)).isEqualTo(Duration.ofMillis(200));
        assertThat(limiter.estimatedWait("other", 10)).isZero();
    }

    @Test
    void removeDropsTheOverrideAndNotTheDebt() {
        limiter.updateRateLimit("k", u -> u.rate(100).maxTokens(100).resetTokens());
        assertThat(limiter.tryAcquire("k", 100)).isTrue();
        assertThat(limiter.reserve("k", 5).waitTime()).isBetween(Duration.ofMillis(50), Duration.ofMillis(51));
        limiter.remove("k");
        assertThat(limiter.tryAcquire("k")).isFalse();
        assertThat(limiter.estimatedWait("k", 1)).isBetween(Duration.ofMillis(140), Duration.ofMillis(610));
    }

    @Test
    void whenAllPlacesAreBusyThePolicyDecides() {
        for (KeyedRateLimiter.Overflow policy : KeyedRateLimiter.Overflow.values()) {
            EndpointRateLimiter small = EndpointRateLimiter.builder("small")
                    .maxKeys(2)
                    .overflow(policy)
                    .runtime(runtime)
                    .build();
            int granted = 0;
            for (int i = 0; i < 1_000; i++) {
                granted += small.tryAcquire("key " + i, 10) ? 1 : 0;
            }
            assertThat(small.metrics().overflowed()).isGreaterThan(900);
            assertThat(small.metrics().keys()).isLessThan(20);
            if (policy == KeyedRateLimiter.Overflow.ADMIT) {
                assertThat(granted).isEqualTo(1_000);
            } else {
                assertThat(granted).isLessThan(20);
            }
            if (policy == KeyedRateLimiter.Overflow.DENY) {
                assertThatThrownBy(() -> small.failFast().call(CallOptions.key("key 999"), () -> 1))
                        .isInstanceOfSatisfying(
                                RateLimitExceededException.class,
                                e -> assertThat(e.retryAfter()).isEmpty());
            }
        }
    }

    @Test
    void closingFailsEveryWaiterAndLaterCalls() {
        limiter.tryAcquire("k", 10);
        CompletableFuture<Void> waiting = limiter.acquire("k");
        CompletableFuture<Integer> guarded = limiter.execute("k", EndpointRateLimiterTest::one);
        limiter.keyedBy(TENANT).close();
        limiter.close();
        time.runPending();
        assertThatThrownBy(waiting::join).hasCauseInstanceOf(IllegalStateException.class);
        assertThatThrownBy(guarded::join).hasCauseInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> limiter.tryAcquire("k")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> limiter.call("new", () -> 1)).isInstanceOf(IllegalStateException.class);
        assertThat(limiter.metrics().keys()).isPositive();
    }

    @Test
    void aDeadlineThatIsTooNearForTheKnownWaitRefusesAtOnce() {
        limiter.tryAcquire("k", 10);
        CallOptions options = CallOptions.key("k").andWithin(Duration.ofMillis(50));
        assertThat(limiter.execute(options, EndpointRateLimiterTest::one)).isCompletedExceptionally();
        assertThat(time.pendingTimers()).isLessThanOrEqualTo(1);
    }

    @Test
    void badInputNamesBothNumbers() {
        assertThatThrownBy(() -> limiter.tryAcquire("k", 11))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("11")
                .hasMessageContaining("10");
        assertThatThrownBy(() -> limiter.acquire("k", -1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> limiter.reserve("k", Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> EndpointRateLimiter.builder("x").maxKeys(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxKeys");
        assertThatThrownBy(() -> EndpointRateLimiter.builder("x").defaultRate(0).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rate");
    }
}
