package io.weir.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.BulkheadFullException;
import io.weir.CallContext;
import io.weir.CallOptions;
import io.weir.CallTimeoutException;
import io.weir.CircuitBreakerOpenException;
import io.weir.Fallback;
import io.weir.Guard;
import io.weir.Pipeline;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import io.weir.testkit.RecordedEvents;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HedgeTest {
    private static final Duration DELAY = Duration.ofMillis(50);
    private static final IOException FAILURE = new IOException("scripted");

    private final VirtualTime time = new VirtualTime(Long.MAX_VALUE - 1_000);
    private final RecordedEvents events = new RecordedEvents();
    private final WeirRuntime runtime = time.runtimeBuilder().listener(events).build();
    private final List<CompletableFuture<Integer>> stages = new ArrayList<>();
    private final List<CallContext> contexts = new ArrayList<>();

    @AfterEach
    void noTimerIsLeft() {
        assertThat(time.pendingTimers()).as("timers left").isZero();
    }

    private Hedge.Builder builder() {
        return Hedge.builder("hedge").delay(DELAY).budget(10).runtime(runtime);
    }

    private CompletableFuture<Integer> call() {
        CompletableFuture<Integer> stage = new CompletableFuture<>();
        stages.add(stage);
        return stage;
    }

    private CompletableFuture<Integer> call(CallContext context) {
        contexts.add(context);
        return call();
    }

    @Test
    void aCallThatEndsAtOnceArmsNoTimer() {
        Hedge hedge = builder().build();
        assertThat(hedge.execute(() -> CompletableFuture.completedFuture(7))).isCompletedWithValue(7);
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void anAttemptThatTimedOutInALaterRetryIsAFailureOfTheCall() {
        Bulkhead one = Bulkhead.builder("one")
                .maxConcurrent(1)
                .maxWaiters(9)
                .runtime(runtime)
                .build();
        RetryConfig retries = RetryConfig.builder()
                .maxRetries(1)
                .baseDelay(Duration.ofMillis(1))
                .jitter(false)
                .attemptTimeout(Duration.ofMillis(100))
                .build();
        Pipeline pipeline = Pipeline.of(builder().build(), Retry.of("retry", retries, runtime), one);
        CompletableFuture<Integer> result = pipeline.execute(() -> call());
        stages.get(0).completeExceptionally(FAILURE);
        assertThat(one.tryAcquire()).isTrue();
        time.advance(Duration.ofMillis(102)); // both attempts stand in line, and the first's time is up
        one.close();
        time.advance(Duration.ofMillis(1));
        assertThat(failureOf(result)).isInstanceOf(CallTimeoutException.class);
        assertThat(stages).hasSize(1);
    }

    @Test
    void aCallThatFailsAtOnceIsNotHedged() {
        Hedge hedge = builder().build();
        assertThat(hedge.execute(() -> CompletableFuture.failedFuture(FAILURE))).isCompletedExceptionally();
        assertThat(hedge.execute(() -> {
                    throw FAILURE;
                }))
                .isCompletedExceptionally();
        assertThat(failureOf(hedge.execute(() -> null))).hasMessageContaining("not a stage");
        assertThat(hedge.metrics().hedges()).isZero();
    }

    @Test
    void aQuickCallIsNotHedged() {
        CompletableFuture<Integer> future = builder().build().execute(this::call);
        time.advance(DELAY.minusNanos(1));
        stages.get(0).complete(7);
        assertThat(future).isCompletedWithValue(7);
        assertThat(time.pendingTimers()).isZero();
        assertThat(stages).hasSize(1);
    }

    @Test
    void aSlowCallIsTriedBesideAndTheFirstResultWins() {
        Hedge hedge = builder().build();
        CompletableFuture<Integer> future = hedge.execute(this::call);
        time.advance(DELAY);
        assertThat(stages).hasSize(2);
        stages.get(1).complete(2);
        assertThat(future).isCompletedWithValue(2);
        assertThat(stages.get(0)).as("the loser").isCancelled();
        assertThat(hedge.metrics().hedges()).isEqualTo(1);
        assertThat(hedge.metrics().won()).isEqualTo(1);
        assertThat(events.of(HedgeEvent.class)).singleElement().satisfies(event -> {
            assertThat(event.guard()).isEqualTo("hedge");
            assertThat(event.hedge()).isEqualTo(1);
            assertThat(event.after()).isEqualTo(DELAY);
        });
    }

    @Test
    void theFirstAttemptMayStillWin() {
        Hedge hedge = builder().build();
        CompletableFuture<Integer> future = hedge.execute(this::call);
        time.advance(DELAY);
        stages.get(0).complete(1);
        assertThat(future).isCompletedWithValue(1);
        assertThat(stages.get(1)).isCancelled();
        assertThat(hedge.metrics().won()).isZero();
    }

    @Test
    void hedgesAreSentOneDelayApart() {
        CompletableFuture<Integer> future = builder().maxHedges(2).build().execute(this::call);
        time.advance(DELAY);
        assertThat(stages).hasSize(2);
        time.advance(DELAY);
        assertThat(stages).hasSize(3);
        time.advance(DELAY);
        assertThat(stages).hasSize(3);
        stages.get(2).complete(3);
        assertThat(future).isCompletedWithValue(3);
    }

    @Test
    void aFailureBeforeTheDelayEndsTheCall() {
        CompletableFuture<Integer> future = builder().build().execute(this::call);
        stages.get(0).completeExceptionally(FAILURE);
        assertThat(failureOf(future)).isSameAs(FAILURE);
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void aFailureWaitsForTheAttemptsInFlight() {
        CompletableFuture<Integer> future = builder().build().execute(this::call);
        time.advance(DELAY);
        stages.get(1).completeExceptionally(FAILURE);
        assertThat(future).isNotDone();
        stages.get(0).complete(1);
        assertThat(future).isCompletedWithValue(1);
    }

    @Test
    void theLastFailureIsTheCalls() {
        CompletableFuture<Integer> future = builder().build().execute(this::call);
        time.advance(DELAY);
        stages.get(1).completeExceptionally(new IllegalStateException("first"));
        stages.get(0).completeExceptionally(FAILURE);
        assertThat(failureOf(future)).isSameAs(FAILURE);
    }

    @Test
    void aHedgeThatThrowsOrReturnsNullIsAFailedAttempt() {
        Hedge hedge = builder().build();
        CompletableFuture<Integer> future = hedge.execute(() -> stages.isEmpty() ? call() : thrown());
        time.advance(DELAY);
        assertThat(future).isNotDone();
        stages.get(0).complete(1);
        assertThat(future).isCompletedWithValue(1);
        CompletableFuture<Integer> second = hedge.execute(() -> stages.size() == 1 ? call() : null);
        time.advance(DELAY);
        assertThat(second).isNotDone();
        stages.get(1).completeExceptionally(FAILURE);
        assertThat(failureOf(second)).isSameAs(FAILURE);
    }

    private static CompletableFuture<Integer> thrown() {
        throw new IllegalArgumentException("scripted");
    }

    @Test
    void aHedgeThatAGuardInsideRefusesSaysLessThanAFailureOfTheCall() {
        Bulkhead bulkhead =
                Bulkhead.builder("bulkhead").maxConcurrent(1).runtime(runtime).build();
        CompletableFuture<Integer> future =
                Pipeline.of(builder().build(), bulkhead).execute(this::call);
        time.advance(DELAY);
        assertThat(stages).hasSize(1);
        stages.get(0).completeExceptionally(FAILURE);
        assertThat(failureOf(future)).isSameAs(FAILURE);
        assertThat(bulkhead.inUse()).isZero();
        assertThat(bulkhead.tryAcquire()).isTrue();
        assertThat(failureOf(Pipeline.of(builder().build(), bulkhead).execute(this::call)))
                .isInstanceOf(BulkheadFullException.class);
        bulkhead.release();
    }

    @Test
    void eachAttemptPaysTheLimiterAndTakesAPlaceOfItsOwn() {
        TokenBucketRateLimiter limiter = TokenBucketRateLimiter.builder("limiter")
                .rate(10)
                .period(Duration.ofDays(1_000))
                .runtime(runtime)
                .build();
        Bulkhead bulkhead =
                Bulkhead.builder("bulkhead").maxConcurrent(2).runtime(runtime).build();
        CompletableFuture<Integer> future =
                Pipeline.of(builder().build(), limiter, bulkhead).execute(this::call);
        time.advance(DELAY);
        assertThat(bulkhead.inUse()).isEqualTo(2);
        stages.get(1).complete(2);
        assertThat(future).isCompletedWithValue(2);
        assertThat(bulkhead.inUse()).isZero();
        assertThat(limiter.availableTokens()).isBetween(7.9, 8.1);
    }

    @Test
    void aLoserCountsAsCancelledForABreakerInsideAndOneOutsideSeesOneCall() {
        CircuitBreaker inside = breaker("inside");
        CircuitBreaker outside = breaker("outside");
        Pipeline.of(outside, builder().build(), inside).execute(this::call);
        time.advance(DELAY);
        stages.get(1).complete(2);
        assertThat(inside.metrics().successes()).isEqualTo(1);
        assertThat(inside.metrics().cancelled()).isEqualTo(1);
        assertThat(inside.metrics().failures()).isZero();
        assertThat(outside.metrics().successes()).isEqualTo(1);
        assertThat(outside.metrics().cancelled()).isZero();
    }

    private CircuitBreaker breaker(String name) {
        return CircuitBreaker.builder(name)
                .failureThreshold(100)
                .runtime(runtime)
                .build();
    }

    @Test
    void aTimeoutOutsideIsAFailureOfEveryAttemptForBreakersInsideAndOutside() {
        CircuitBreaker inside = breaker("inside");
        CircuitBreaker outside = breaker("outside");
        Timeout timeout = Timeout.builder("timeout")
                .duration(DELAY.multipliedBy(2))
                .runtime(runtime)
                .build();
        CompletableFuture<Integer> future =
                Pipeline.of(outside, timeout, builder().build(), inside).execute(this::call);
        time.advance(DELAY.multipliedBy(2));
        assertThat(failureOf(future)).isInstanceOf(CallTimeoutException.class).hasMessageContaining("timeout");
        assertThat(stages).hasSize(2).allMatch(CompletableFuture::isCancelled);
        assertThat(inside.metrics().failures()).isEqualTo(2);
        assertThat(outside.metrics().failures()).isEqualTo(1);
    }

    @Test
    void aDeadlineThatPassesBeforeTheDelayEndsTheCallUnhedged() {
        CircuitBreaker inside = breaker("inside");
        CompletableFuture<Integer> future =
                Pipeline.of(builder().build(), inside).execute(CallOptions.within(DELAY.dividedBy(2)), this::call);
        time.advance(DELAY);
        assertThat(failureOf(future)).isInstanceOf(CallTimeoutException.class);
        assertThat(stages).hasSize(1).allMatch(CompletableFuture::isCancelled);
        assertThat(inside.metrics().failures()).isEqualTo(1);
    }

    @Test
    void attemptsThatOnlyWaitedInsideAreNoFailureWhenTimeIsUp() {
        CircuitBreaker inside = breaker("inside");
        CircuitBreaker outside = breaker("outside");
        Bulkhead bulkhead = Bulkhead.builder("bulkhead")
                .maxConcurrent(1)
                .maxWaiters(9)
                .runtime(runtime)
                .build();
        assertThat(bulkhead.tryAcquire()).isTrue();
        CompletableFuture<Integer> future = Pipeline.of(outside, builder().build(), inside, bulkhead)
                .execute(CallOptions.within(DELAY.multipliedBy(3)), this::call);
        time.advance(DELAY);
        assertThat(bulkhead.waiters()).isEqualTo(2);
        time.advance(DELAY.multipliedBy(2));
        assertThat(failureOf(future)).isInstanceOf(io.weir.DeadlinePassedException.class);
        assertThat(bulkhead.waiters()).isZero();
        assertThat(inside.metrics().failures() + outside.metrics().failures()).isZero();
        bulkhead.release();
        assertThat(bulkhead.inUse()).isZero();
    }

    @Test
    void aCancelCutsAllAttempts() {
        CircuitBreaker inside = breaker("inside");
        CompletableFuture<Integer> future =
                Pipeline.of(builder().build(), inside).executeWith(CallOptions.NONE, this::call);
        time.advance(DELAY);
        assertThat(future.cancel(true)).isTrue();
        assertThat(stages).hasSize(2).allMatch(CompletableFuture::isCancelled);
        assertThat(contexts).allMatch(CallContext::isCancelled);
        assertThat(inside.metrics().cancelled()).isEqualTo(2);
        time.advance(DELAY);
        assertThat(stages).hasSize(2);
    }

    @Test
    void theContextTellsAttemptsAndHedgesApartAndALosersHooksRun() {
        Retry retry = Retry.of(
                "retry", RetryConfig.builder().backoff(attempt -> Duration.ZERO).build(), runtime);
        List<Integer> cancelled = new ArrayList<>();
        CompletableFuture<Integer> future = Pipeline.of(retry, builder().build())
                .executeWith(CallOptions.within(Duration.ofSeconds(9)), context -> {
                    context.onCancel(() -> cancelled.add(context.attempt()));
                    return call(context);
                });
        time.advance(DELAY);
        stages.get(0).completeExceptionally(FAILURE);
        stages.get(1).completeExceptionally(FAILURE);
        time.advance(DELAY);
        assertThat(contexts).extracting(CallContext::attempt).containsExactly(1, 2, 3, 4);
        assertThat(contexts).extracting(CallContext::hedge).containsExactly(0, 1, 0, 1);
        assertThat(contexts.get(3).remaining()).contains(Duration.ofSeconds(9).minus(DELAY.multipliedBy(2)));
        stages.get(3).complete(4);
        assertThat(future).isCompletedWithValue(4);
        assertThat(cancelled).containsExactly(3);
    }

    @Test
    void aRetryInsideIsOfEachAttempt() {
        RetryConfig config = RetryConfig.builder()
                .maxRetries(1)
                .backoff(attempt -> DELAY.multipliedBy(4))
                .build();
        Retry retry = Retry.of("retry", config, runtime);
        CompletableFuture<Integer> future =
                Pipeline.of(builder().build(), retry).execute(this::call);
        stages.get(0).completeExceptionally(FAILURE);
        time.advance(DELAY);
        assertThat(stages).as("a hedge while the first waits for its retry").hasSize(2);
        stages.get(1).complete(2);
        assertThat(future).isCompletedWithValue(2);
        time.advance(DELAY.multipliedBy(9));
        assertThat(stages).hasSize(2);
    }

    @Test
    void aRetryInsideWaitsNoLongerThanADeadlineFurtherOutAllows() {
        RetryConfig config = RetryConfig.builder()
                .maxRetries(1)
                .backoff(attempt -> DELAY.multipliedBy(4))
                .build();
        Timeout timeout = Timeout.builder("timeout")
                .duration(DELAY.multipliedBy(3))
                .runtime(runtime)
                .build();
        CompletableFuture<Integer> future = Pipeline.of(timeout, builder().build(), Retry.of("retry", config, runtime))
                .execute(this::call);
        stages.get(0).completeExceptionally(FAILURE);
        assertThat(failureOf(future)).isSameAs(FAILURE);
    }

    @Test
    void theBudgetBoundsHedges() {
        Hedge hedge = builder().budget(0.1).build();
        for (int i = 0; i < 40; i++) {
            CompletableFuture<Integer> future = hedge.execute(this::call);
            time.advance(DELAY);
            stages.forEach(stage -> stage.complete(1));
            assertThat(future).isCompletedWithValue(1);
        }
        assertThat(hedge.metrics().hedges()).isEqualTo(5); // one to begin with, and a tenth of 40
        assertThat(hedge.metrics().refused()).isEqualTo(35);
    }

    @Test
    void thePercentileOfRecentLatenciesIsTheDelay() {
        Hedge hedge = Hedge.builder("hedge")
                .delayPercentile(0.9)
                .budget(10)
                .runtime(runtime)
                .build();
        assertThat(hedge.metrics().delay()).isEmpty();
        CompletableFuture<Integer> unhedged = hedge.execute(this::call);
        time.advance(Duration.ofMillis(100));
        assertThat(stages).as("hedged, though nothing is known").hasSize(1);
        stages.get(0).complete(0);
        assertThat(unhedged).isCompleted();
        for (int i = 0; i < 60; i++) {
            hedge.execute(this::call);
            time.advance(Duration.ofMillis(10));
            stages.get(stages.size() - 1).complete(i);
        }
        Duration delay = hedge.metrics().delay().orElseThrow();
        assertThat(delay).isBetween(Duration.ofMillis(10), Duration.ofNanos(11_250_000));
        int before = stages.size();
        CompletableFuture<Integer> slow = hedge.execute(this::call);
        time.advance(delay);
        assertThat(stages).hasSize(before + 2);
        stages.get(before).complete(1);
        assertThat(slow).isCompleted();
    }

    @Test
    void aDelayStandsInUntilThePercentileIsKnown() {
        Hedge hedge = builder().delayPercentile(0.95).build();
        assertThat(hedge.metrics().delay()).contains(DELAY);
        CompletableFuture<Integer> future = hedge.execute(this::call);
        time.advance(DELAY);
        assertThat(stages).hasSize(2);
        future.cancel(true);
    }

    @Test
    void hedgingDoesNotLowerItsOwnDelay() {
        Hedge hedge = builder().delayPercentile(0.9).build();
        for (int i = 0; i < 400; i++) { // one in five takes ten times as long, its hedge is quick
            int first = stages.size();
            boolean slow = i % 5 == 0;
            CompletableFuture<Integer> future = hedge.execute(this::call);
            time.advance(Duration.ofMillis(10));
            if (!slow) {
                stages.get(first).complete(1);
            }
            for (int ms = 10; ms < 100 && !future.isDone(); ms++) {
                time.advance(Duration.ofMillis(1));
                if (stages.size() > first + 1 && ms > 60) {
                    stages.get(first + 1).complete(2);
                }
            }
            stages.get(first).complete(1);
        }
        assertThat(hedge.metrics().delay().orElseThrow()).isGreaterThan(Duration.ofMillis(40));
    }

    @Test
    void aFallbackOutsideAnswersWhenAllAttemptsHaveFailedAndOneInsideEach() {
        var outside = builder()
                .build()
                .withFallback(Fallback.onFailure(e -> e == FAILURE).value(-1));
        CompletableFuture<Integer> future = outside.execute(this::call);
        time.advance(DELAY);
        stages.get(0).completeExceptionally(FAILURE);
        assertThat(future).isNotDone();
        stages.get(1).completeExceptionally(FAILURE);
        assertThat(future).isCompletedWithValue(-1);

        Guard timeout = Timeout.builder("timeout")
                .duration(DELAY.multipliedBy(99))
                .runtime(runtime)
                .build();
        var inside = builder()
                .build()
                .around(Pipeline.of(timeout, Guard.none())
                        .withFallback(Fallback.onFailure(e -> e == FAILURE).value(-2)));
        CompletableFuture<Integer> other = inside.execute(this::call);
        time.advance(DELAY);
        stages.get(2).completeExceptionally(FAILURE);
        assertThat(other).isCompletedWithValue(-2);
        assertThat(stages.get(3)).isCancelled();
    }

    @Test
    void aTrialOutsideRunsFromTheFirstInvocationAndAHedgeDoesNotNeedAnother() {
        CircuitBreaker breaker = CircuitBreaker.builder("breaker")
                .failureThreshold(1)
                .recoveryTime(Duration.ofSeconds(1))
                .trialTimeout(DELAY.multipliedBy(3))
                .runtime(runtime)
                .build();
        breaker.onFailure(breaker.tryAcquire(), FAILURE);
        time.advance(Duration.ofSeconds(1));
        CompletableFuture<Integer> future =
                Pipeline.of(breaker, builder().build()).execute(this::call);
        time.advance(DELAY);
        assertThat(stages).hasSize(2);
        stages.get(1).complete(2);
        assertThat(future).isCompletedWithValue(2);
        assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.CLOSED);
    }

    @Test
    void aTrialThatExpiredWhileAllWaitedInsideInvokesNothing() {
        CircuitBreaker breaker = CircuitBreaker.builder("breaker")
                .failureThreshold(1)
                .recoveryTime(Duration.ofSeconds(1))
                .trialTimeout(DELAY)
                .runtime(runtime)
                .build();
        Bulkhead bulkhead = Bulkhead.builder("bulkhead")
                .maxConcurrent(1)
                .maxWaiters(9)
                .runtime(runtime)
                .build();
        breaker.onFailure(breaker.tryAcquire(), FAILURE);
        time.advance(Duration.ofSeconds(1));
        assertThat(bulkhead.tryAcquire()).isTrue();
        CompletableFuture<Integer> future =
                Pipeline.of(breaker, builder().build(), bulkhead).execute(this::call);
        time.advance(DELAY.multipliedBy(2));
        bulkhead.release();
        time.runPending();
        assertThat(stages).isEmpty();
        assertThat(failureOf(future)).isInstanceOf(CircuitBreakerOpenException.class);
        assertThat(bulkhead.inUse()).isZero();
    }

    @Test
    void hedgesNest() {
        Hedge outer = Hedge.builder("outer")
                .delay(DELAY.multipliedBy(3))
                .budget(10)
                .runtime(runtime)
                .build();
        CompletableFuture<Integer> future =
                Pipeline.of(outer, builder().build()).executeWith(CallOptions.NONE, this::call);
        time.advance(DELAY.multipliedBy(4));
        assertThat(contexts).extracting(CallContext::attempt).containsExactly(1, 2, 3, 4);
        assertThat(contexts).extracting(CallContext::hedge).containsExactly(0, 1, 0, 1);
        stages.get(3).complete(4);
        assertThat(future).isCompletedWithValue(4);
        assertThat(stages.subList(0, 3)).allMatch(CompletableFuture::isCancelled);
    }

    @Test
    void aClosedRuntimeEndsNoCallThatIsInFlight() {
        CompletableFuture<Integer> future = builder().build().execute(this::call);
        runtime.close();
        stages.get(0).complete(1);
        assertThat(future).isCompletedWithValue(1);
    }

    @Test
    void theSameBulkheadInsideAndOutsideIsRefused() {
        Bulkhead bulkhead = Bulkhead.builder("bulkhead").runtime(runtime).build();
        assertThatThrownBy(() -> Pipeline.of(bulkhead, builder().build(), bulkhead))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("stands twice");
    }

    @Test
    void badConfigurationNamesTheParameterAndTheRange() {
        assertThatThrownBy(() -> Hedge.of(Duration.ZERO)).hasMessageContaining("delay = PT0S");
        assertThatThrownBy(() -> builder().maxHedges(0)).hasMessageContaining("maxHedges = 0: allowed is 1 to 10");
        assertThatThrownBy(() -> builder().budget(Double.NaN)).hasMessageContaining("budget = NaN");
        assertThatThrownBy(() -> builder().delayPercentile(1)).hasMessageContaining("delayPercentile = 1.0");
        assertThatThrownBy(() -> Hedge.builder("x").build()).hasMessageContaining("delay is missing");
        assertThat(builder().delayPercentile(0.95).build())
                .hasToString("Hedge(hedge, delayPercentile=0.95, delay=PT0.05S, maxHedges=1, budget=10.0)");
    }

    private static Throwable failureOf(CompletableFuture<?> future) {
        assertThat(future).isDone();
        return future.handle((result, e) -> e).join();
    }
}
