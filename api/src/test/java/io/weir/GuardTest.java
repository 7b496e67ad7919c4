package io.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.breaker.CircuitBreaker;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import io.weir.testkit.ScriptedCall;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The forms of a guard, and what every composition keeps. */
class GuardTest {
    private final VirtualTime time = new VirtualTime(Long.MAX_VALUE - 1_000_000_000L);
    private final WeirRuntime runtime = time.runtimeBuilder().build();
    private final CircuitBreaker breaker =
            CircuitBreaker.builder("b").failureThreshold(3).runtime(runtime).build();
    private final Retry retry =
            Retry.of("r", RetryConfig.builder().jitter(false).build(), runtime);
    private final TokenBucketRateLimiter limiter = TokenBucketRateLimiter.builder("l")
            .rate(10)
            .maxTokens(2)
            .runtime(runtime)
            .build();
    private final Guard guard = Pipeline.of(breaker, retry, limiter);

    @Test
    void aCallThatEndsAtOnceGivesItsResult() throws Exception {
        assertThat(guard.execute(() -> CompletableFuture.completedFuture(7)).get())
                .isEqualTo(7);
        assertThat(guard.call(() -> "x")).isEqualTo("x");
        assertThat(breaker.metrics().successes()).isEqualTo(2);
        assertThat(limiter.availableTokens()).isZero();
    }

    @Test
    void theFutureHandedOutIsNotTheSuppliersOwn() {
        CompletableFuture<String> own = CompletableFuture.completedFuture("a");
        CompletableFuture<String> given = guard.execute(() -> own);
        own.obtrudeValue("b");
        assertThat(given.join()).isEqualTo("a");
    }

    @Test
    void aStageThatCompletesLaterCompletesTheFuture() {
        CompletableFuture<Integer> stage = new CompletableFuture<>();
        CompletableFuture<Integer> future = guard.execute(() -> stage);
        assertThat(future).isNotDone();
        stage.complete(1);
        assertThat(future.join()).isEqualTo(1);
        assertThat(breaker.metrics().successes()).isEqualTo(1);
    }

    @Test
    void nullResultsAreLegalAndNullStagesAreFailures() {
        assertThat(guard.<String>execute(() -> CompletableFuture.completedFuture(null))
                        .join())
                .isNull();
        assertThat(guard.<String, RuntimeException>call(() -> null)).isNull();
        Guard alone = Pipeline.of(CircuitBreaker.builder("x").runtime(runtime).build());
        assertThat(alone.execute(() -> null))
                .failsWithin(1, TimeUnit.SECONDS)
                .withThrowableThat()
                .withMessageContaining("the call returned null, not a stage");
    }

    @Test
    void whatTheBlockingCallThrowsComesOutAsItIs() {
        IOException failure = new IOException("x");
        assertThatThrownBy(() -> breaker.call(() -> {
                    throw failure;
                }))
                .isSameAs(failure);
        assertThatThrownBy(() -> breaker.run(() -> {
                    throw failure;
                }))
                .isSameAs(failure);
        Error error = new AssertionError("y");
        assertThatThrownBy(() -> breaker.get(() -> {
                    throw error;
                }))
                .isSameAs(error);
        assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.OPEN);
    }

    @Test
    void theFutureFailsWithTheFailureItselfAlsoFromADependentStage() {
        IOException failure = new IOException("x");
        CompletableFuture<Integer> stage = new CompletableFuture<>();
        CompletableFuture<Integer> future = breaker.execute(() -> stage.thenApply(x -> x));
        stage.completeExceptionally(failure);
        assertThatThrownBy(future::join).isInstanceOf(CompletionException.class).hasCause(failure);
        AtomicInteger seen = new AtomicInteger();
        future.whenComplete((r, e) -> seen.set(e == failure ? 1 : 2));
        assertThat(seen).hasValue(1);
    }

    @Test
    void anAsyncCallThatThrowsHasFailed() {
        Exception failure = new Exception("checked");
        assertThat(breaker.execute(() -> {
                    throw failure;
                }))
                .isCompletedExceptionally();
        assertThat(breaker.metrics().failures()).isEqualTo(1);
    }

    @Test
    void aBlockingCallThatReturnsAStageIsRefusedWithAHint() {
        assertThatThrownBy(() -> breaker.call(() -> CompletableFuture.completedFuture(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("execute(");
        assertThat(breaker.metrics().failures()).isZero();
    }

    @Test
    void callsBeyondTheBucketWaitAndAreServedByTheTimer() {
        List<CompletableFuture<Integer>> futures = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int number = i;
            futures.add(guard.execute(() -> CompletableFuture.completedFuture(number)));
        }
        assertThat(futures).filteredOn(CompletableFuture::isDone).hasSize(2);
        time.advance(Duration.ofMillis(100));
        assertThat(futures).filteredOn(CompletableFuture::isDone).hasSize(3);
        time.advance(Duration.ofMillis(200));
        assertThat(futures).allMatch(CompletableFuture::isDone);
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void aCallWhoseKnownWaitIsLongerThanItsDeadlineIsRefusedAtOnce() {
        limiter.tryAcquire(2);
        CompletableFuture<Integer> future =
                guard.execute(CallOptions.within(Duration.ofMillis(50)), () -> CompletableFuture.completedFuture(1));
        assertThat(future).isCompletedExceptionally();
        assertThatThrownBy(future::join)
                .hasCauseInstanceOf(RateLimitExceededException.class)
                .hasMessageContaining("'l'")
                .cause()
                .satisfies(e -> assertThat(((CallRejectedException) e).retryAfter())
                        .hasValueSatisfying(
                                d -> assertThat(d).isBetween(Duration.ofMillis(99), Duration.ofMillis(101))));
        assertThat(breaker.metrics().failures()).isZero();
    }

    @Test
    void theDeadlineCutsTheRunningCallShortAndCountsAsAFailure() {
        CompletableFuture<Integer> stage = new CompletableFuture<>();
        CompletableFuture<Integer> future = guard.execute(CallOptions.within(Duration.ofMillis(500)), () -> stage);
        time.advance(Duration.ofMillis(499));
        assertThat(future).isNotDone();
        time.advance(Duration.ofMillis(1));
        assertThatThrownBy(future::join)
                .hasCauseInstanceOf(CallTimeoutException.class)
                .hasMessageContaining("PT0.5S");
        assertThat(stage).isCancelled();
        assertThat(breaker.metrics().failures()).isEqualTo(1);
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void aDeadlineThatPassesBeforeTheCallIsInvokedIsARejection() {
        limiter.tryAcquire(2);
        CompletableFuture<Integer> first = guard.execute(() -> new CompletableFuture<>());
        ScriptedCall<Integer> never = ScriptedCall.<Integer>create().thenReturn(1);
        Deadline deadline = Deadline.after(Duration.ofMillis(250), runtime);
        CompletableFuture<Integer> second = guard.execute(CallOptions.until(deadline), never);
        first.cancel(true);
        limiter.updateRate(u -> u.rate(0.1));
        time.advance(Duration.ofMillis(300));
        assertThatThrownBy(second::join).hasCauseInstanceOf(DeadlinePassedException.class);
        assertThat(never.invocations()).isZero();
        assertThat(breaker.metrics().failures()).isZero();
    }

    @Test
    void aDeadlineInThePastRefusesWithoutInvoking() {
        ScriptedCall<Integer> never = ScriptedCall.<Integer>create().thenReturn(1);
        CallOptions past = CallOptions.until(Deadline.after(Duration.ofMillis(-1), runtime));
        assertThat(breaker.execute(past, never)).isCompletedExceptionally();
        assertThatThrownBy(() -> breaker.call(past, never)).isInstanceOf(DeadlinePassedException.class);
        assertThat(never.invocations()).isZero();
    }

    @Test
    void cancellingTheFutureCancelsTheStageInFlightAndIsNoFailure() {
        CompletableFuture<Integer> stage = new CompletableFuture<>();
        CompletableFuture<Integer> future = guard.execute(() -> stage);
        assertThat(future.cancel(true)).isTrue();
        assertThat(stage).isCancelled();
        assertThat(future).isCancelled();
        assertThat(breaker.metrics().cancelled()).isEqualTo(1);
        assertThat(breaker.metrics().failures()).isZero();
        assertThat(future.cancel(true)).isTrue();
    }

    @Test
    void cancellingTheFutureLeavesTheLineOfTheLimiter() {
        limiter.tryAcquire(2);
        ScriptedCall<Integer> never = ScriptedCall.<Integer>create().thenReturn(1);
        CompletableFuture<Integer> future = guard.execute(never);
        future.cancel(false);
        time.advance(Duration.ofSeconds(1));
        assertThat(never.invocations()).isZero();
        assertThat(limiter.availableTokens()).isEqualTo(2);
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void cancellingTheFutureStopsTheBackOff() {
        ScriptedCall<Integer> failing = ScriptedCall.<Integer>create().thenFail(new IOException());
        CompletableFuture<Integer> future = guard.execute(failing);
        assertThat(time.pendingTimers()).isEqualTo(1);
        future.cancel(false);
        assertThat(time.pendingTimers()).isZero();
        time.advance(Duration.ofMinutes(1));
        assertThat(failing.invocations()).isEqualTo(1);
        assertThat(breaker.metrics().cancelled()).isEqualTo(1);
    }

    @Test
    void completingTheFutureFromOutsideCutsTheCallShortToo() {
        CompletableFuture<Integer> stage = new CompletableFuture<>();
        CompletableFuture<Integer> future = guard.execute(() -> stage);
        assertThat(future.complete(9)).isTrue();
        assertThat(future.join()).isEqualTo(9);
        assertThat(stage).isCancelled();
        CompletableFuture<Integer> other = new CompletableFuture<>();
        CompletableFuture<Integer> timed = guard.<Integer>execute(() -> other).orTimeout(1, TimeUnit.MILLISECONDS);
        assertThat(timed)
                .failsWithin(5, TimeUnit.SECONDS)
                .withThrowableThat()
                .withCauseInstanceOf(TimeoutException.class);
        assertThat(other).isCancelled();
    }

    @Test
    void aStageThatIsCancelledByItselfCountsAsCancelled() {
        CompletableFuture<Integer> stage = new CompletableFuture<>();
        CompletableFuture<Integer> future = guard.execute(() -> stage);
        stage.cancel(true);
        assertThatThrownBy(future::join).isInstanceOf(CancellationException.class);
        assertThat(breaker.metrics().cancelled()).isEqualTo(1);
        assertThat(retry.metrics().retries()).isZero();
    }

    @Test
    void aMinimalStageAndAForeignStageServeToo() {
        CompletableFuture<Integer> own = new CompletableFuture<>();
        CompletableFuture<Integer> future = guard.execute(own::minimalCompletionStage);
        own.complete(3);
        assertThat(future.join()).isEqualTo(3);
        assertThat(guard.<Integer>execute(() -> CompletableFuture.completedStage(4))
                        .join())
                .isEqualTo(4);
    }

    @Test
    void theContextKnowsTheAttemptTheTimeLeftAndTheCancel() {
        List<String> seen = new ArrayList<>();
        CompletableFuture<Integer> stage = new CompletableFuture<>();
        CompletableFuture<Integer> future = guard.executeWith(CallOptions.within(Duration.ofSeconds(10)), context -> {
            seen.add(context.attempt() + " " + context.remaining().orElseThrow() + " " + context.isCancelled());
            context.onCancel(() -> seen.add("cancelled"));
            return context.attempt() == 1 ? CompletableFuture.failedFuture(new IOException()) : stage;
        });
        time.advance(Duration.ofSeconds(1));
        assertThat(seen).containsExactly("1 PT10S false", "2 PT9S false");
        future.cancel(true);
        assertThat(seen).containsExactly("1 PT10S false", "2 PT9S false", "cancelled");
    }

    @Test
    void theBlockingContextKnowsTheSame() throws Exception {
        assertThat(guard.<String, Exception>callWith(
                        CallOptions.within(Duration.ofSeconds(10)),
                        context -> context.attempt() + " " + context.remaining().orElseThrow()))
                .isEqualTo("1 PT10S");
    }

    @Test
    void decoratedFunctionsRunThroughTheGuard() throws Exception {
        assertThat(guard.decorate((Integer x) -> CompletableFuture.completedFuture(x + 1))
                        .apply(1)
                        .join())
                .isEqualTo(2);
        CallFunction<Integer, Integer, IOException> failing = guard.decorateCall(x -> {
            if (x > 1) {
                throw new IOException();
            }
            return x + 1;
        });
        assertThat(failing.apply(1)).isEqualTo(2);
        assertThat(breaker.metrics().successes()).isEqualTo(2);
        guard.with(CallOptions.tokens(0)).run(() -> {});
        assertThat(limiter.availableTokens()).isZero();
    }

    @Test
    void aRepeatOfAHundredThousandAttemptsKeepsTheStackFlat() {
        Retry endless = Retry.of(
                "endless",
                RetryConfig.builder()
                        .maxRetries(100_000)
                        .backoff(a -> Duration.ZERO)
                        .build(),
                runtime);
        AtomicInteger attempts = new AtomicInteger();
        AtomicInteger depth = new AtomicInteger();
        IOException failure = new IOException();
        CompletableFuture<Integer> future = endless.execute(() -> {
            if (attempts.incrementAndGet() == 100_001) {
                depth.set(Thread.currentThread().getStackTrace().length);
                return CompletableFuture.completedFuture(1);
            }
            return CompletableFuture.failedFuture(failure);
        });
        assertThat(future.join()).isEqualTo(1);
        assertThat(depth.get()).isLessThan(130);
        attempts.set(0);
        assertThat(endless.<Integer>get(() -> {
                    if (attempts.incrementAndGet() == 100_001) {
                        return 2;
                    }
                    throw new IllegalStateException();
                }))
                .isEqualTo(2);
    }

    @Test
    void pipelinesOfPipelinesAreFlattenedAndNamed() {
        Pipeline inner = Pipeline.of(retry, limiter);
        Pipeline outer = Pipeline.of(breaker, inner).named("all");
        assertThat(outer.name()).isEqualTo("all");
        assertThat(outer.guards()).containsExactly(breaker, inner);
        assertThat(breaker.around(inner).name()).isEqualTo("b+r+l");
        assertThat(outer.execute(() -> CompletableFuture.completedFuture(1)).join())
                .isEqualTo(1);
        assertThat(Guard.none().get(() -> 1)).isEqualTo(1);
        assertThatThrownBy(() -> Pipeline.of(List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Pipeline.of(breaker, Retry.of("other runtime")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("other runtime");
    }

    @Test
    void closingTheRuntimeEndsABackOffWithTheLastFailure() {
        IOException failure = new IOException();
        CompletableFuture<Integer> future =
                retry.execute(ScriptedCall.<Integer>create().thenFail(failure));
        assertThat(future).isNotDone();
        runtime.close();
        time.runPending();
        assertThatThrownBy(future::join).hasCause(failure);
    }
}
