package io.weir.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.CallContext;
import io.weir.CallOptions;
import io.weir.CallTimeoutException;
import io.weir.Guard;
import io.weir.InterleavedTimer;
import io.weir.Pipeline;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.engine.time.Timer;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import io.weir.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TimeoutTest {
    private final VirtualTime time = new VirtualTime(Long.MAX_VALUE - 1_000);
    private final WeirRuntime runtime = time.runtimeBuilder().build();
    private final List<CompletableFuture<Integer>> stages = new ArrayList<>();
    private final AtomicInteger invoked = new AtomicInteger();

    private Timeout timeout(String name, long millis) {
        return Timeout.builder(name)
                .duration(Duration.ofMillis(millis))
                .runtime(runtime)
                .build();
    }

    private Retry retry(int retries, long backoffMillis) {
        return Retry.of(
                "r",
                RetryConfig.builder()
                        .maxRetries(retries)
                        .backoff(attempt -> Duration.ofMillis(backoffMillis))
                        .build(),
                runtime);
    }

    private CompletableFuture<Integer> hang() {
        CompletableFuture<Integer> stage = new CompletableFuture<>();
        stages.add(stage);
        return stage;
    }

    private void advance(long millis) {
        time.advance(Duration.ofMillis(millis));
    }

    private static void isTimeout(Throwable failure, String name, long millis) {
        assertThat(failure).isInstanceOfSatisfying(CallTimeoutException.class, e -> {
            assertThat(e.guard()).isEqualTo(name);
            assertThat(e.after()).isEqualTo(Duration.ofMillis(millis));
        });
    }

    private static Throwable failureOf(CompletableFuture<?> future) {
        assertThat(future).isDone();
        return future.handle((result, e) -> e).join();
    }

    @Test
    void itCancelsTheCallAndDropsTheLateResult() {
        CompletableFuture<Integer> uncancellable = new CompletableFuture<>() {
            @Override
            public boolean cancel(boolean mayInterruptIfRunning) {
                return false;
            }
        };
        CompletableFuture<Integer> future = timeout("t", 100).execute(() -> uncancellable);
        advance(99);
        assertThat(future).isNotDone();
        advance(1);
        isTimeout(failureOf(future), "t", 100);
        uncancellable.complete(7);
        isTimeout(failureOf(future), "t", 100);
    }

    @Test
    void aCallThatEndsInTimeLeavesNoTimer() {
        CompletableFuture<Integer> future = timeout("t", 100).execute(this::hang);
        advance(50);
        stages.get(0).complete(7);
        assertThat(future.join()).isEqualTo(7);
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void insideARetryItIsForEachAttemptAndOutsideForAll() {
        Guard guard = Pipeline.of(timeout("all", 350), retry(9, 50), timeout("each", 100));
        CompletableFuture<Integer> future = guard.execute(this::hang);
        advance(100);
        assertThat(stages).hasSize(1).allMatch(CompletableFuture::isCancelled);
        advance(50);
        assertThat(stages).hasSize(2);
        advance(150);
        assertThat(stages).hasSize(3);
        assertThat(future).isNotDone();
        advance(50);
        isTimeout(failureOf(future), "all", 350);
        assertThat(stages).hasSize(3).allMatch(CompletableFuture::isCancelled);
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void aResultOfAnAttemptThatWasCutShortIsNotTakenForTheNextOnes() {
        List<CompletableFuture<Integer>> deaf = new ArrayList<>();
        CompletableFuture<Integer> future = Pipeline.of(retry(1, 0), timeout("each", 100))
                .execute(() -> {
                    deaf.add(new CompletableFuture<>() {
                        @Override
                        public boolean cancel(boolean mayInterruptIfRunning) {
                            return false;
                        }
                    });
                    return deaf.get(deaf.size() - 1);
                });
        advance(100);
        assertThat(deaf).hasSize(2);
        deaf.get(0).complete(1);
        assertThat(future).isNotDone();
        deaf.get(1).complete(2);
        assertThat(future.join()).isEqualTo(2);
    }

    @Test
    void aRetryInsideBeginsNoWaitThatItWouldNotSurvive() {
        Guard guard = Pipeline.of(timeout("all", 100), retry(3, 200));
        CompletableFuture<Integer> future =
                guard.execute(() -> CompletableFuture.failedFuture(new IllegalStateException("scripted")));
        assertThat(failureOf(future)).hasMessage("scripted");
        assertThatThrownBy(() -> guard.get(() -> {
                    throw new IllegalStateException("scripted");
                }))
                .hasMessage("scripted");
    }

    @Test
    void aResultThatIsRetriedKeepsToTheTimeToo() {
        Retry onZero = Retry.of(
                "r",
                RetryConfig.builder()
                        .backoff(attempt -> Duration.ofMillis(200))
                        .retryOnResult(Integer.class, result -> result == 0)
                        .build(),
                runtime);
        Guard guard = Pipeline.of(timeout("all", 100), onZero);
        assertThat(guard.execute(() -> CompletableFuture.completedFuture(0))).isCompletedWithValue(0);
        assertThat(guard.<Integer>get(() -> 0)).isZero();
    }

    @Test
    void theOuterOfTwoWinsIfItIsShorterAndNothingIsRetried() {
        Guard guard = Pipeline.of(timeout("outer", 50), retry(3, 0), timeout("inner", 100));
        CompletableFuture<Integer> future = guard.execute(this::hang);
        advance(50);
        isTimeout(failureOf(future), "outer", 50);
        assertThat(stages).hasSize(1);
        assertThatThrownBy(() -> guard.run(() -> {
                    invoked.incrementAndGet();
                    advance(50);
                }))
                .satisfies(e -> isTimeout(e, "outer", 50));
        assertThat(invoked).hasValue(1);
    }

    @Test
    void theBlockingCallIsInterruptedOnceAnAttemptAndTheInterruptTakenBack() {
        Guard guard = Pipeline.of(retry(1, 0), timeout("t", 100));
        assertThatThrownBy(() -> guard.call(() -> {
                    invoked.incrementAndGet();
                    advance(100);
                    assertThat(Thread.currentThread().isInterrupted()).isTrue();
                    return 1;
                }))
                .satisfies(e -> isTimeout(e, "t", 100));
        assertThat(invoked).hasValue(2);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void withoutCancelRunningTheCallGoesOnAndItsResultIsDropped() throws Exception {
        Timeout soft = Timeout.builder("soft")
                .duration(Duration.ofMillis(100))
                .cancelRunning(false)
                .runtime(runtime)
                .build();
        List<String> seen = new ArrayList<>();
        CompletableFuture<Integer> future = soft.executeWith(CallOptions.NONE, context -> {
            context.onCancel(() -> seen.add("cancelled"));
            return hang();
        });
        advance(100);
        isTimeout(failureOf(future), "soft", 100);
        assertThat(stages.get(0)).isNotDone();
        assertThat(seen).isEmpty();
        assertThatThrownBy(() -> soft.get(() -> {
                    advance(100);
                    assertThat(Thread.currentThread().isInterrupted()).isFalse();
                    return 1;
                }))
                .satisfies(e -> isTimeout(e, "soft", 100));
    }

    @Test
    void theContextHearsOfItsOwnTimeoutAndOfTheTimeLeft() {
        List<CallContext> contexts = new ArrayList<>();
        List<String> seen = new ArrayList<>();
        CompletableFuture<Integer> future = Pipeline.of(timeout("all", 150), retry(1, 0), timeout("each", 100))
                .executeWith(CallOptions.NONE, context -> {
                    contexts.add(context);
                    context.onCancel(() -> seen.add("attempt " + context.attempt()));
                    return hang();
                });
        assertThat(contexts.get(0).remaining()).contains(Duration.ofMillis(100));
        advance(100);
        assertThat(seen).containsExactly("attempt 1");
        assertThat(contexts.get(1).remaining()).contains(Duration.ofMillis(50));
        assertThat(contexts.get(1).isCancelled()).isFalse();
        stages.get(1).complete(1);
        assertThat(future.join()).isEqualTo(1);
        advance(1_000);
        assertThat(seen).containsExactly("attempt 1");
    }

    @Test
    void aLaterAttemptThatOnlyWaitedHereIsNoFailureOfABreakerThatLetThatAttemptIn() {
        CircuitBreaker breaker = CircuitBreaker.builder("b")
                .failureThreshold(100)
                .runtime(runtime)
                .build();
        Bulkhead bulkhead = Bulkhead.builder("k")
                .maxConcurrent(1)
                .maxWaiters(1)
                .runtime(runtime)
                .build();
        Guard guard = Pipeline.of(retry(3, 0), breaker, timeout("each", 100), bulkhead);
        CompletableFuture<Integer> future = guard.execute(() -> {
            invoked.incrementAndGet();
            return hang();
        });
        // The first attempt is cut short in flight; its place goes to another, so that the second waits until it is cut
        // short.
        CompletableFuture<?> another = bulkhead.acquire();
        advance(100);
        assertThat(another).isCompleted();
        assertThat(breaker.metrics().failures()).isEqualTo(1);
        advance(100);
        isTimeout(failureOf(future), "each", 100);
        assertThat(invoked).hasValue(1);
        assertThat(breaker.metrics().failures()).isEqualTo(1);
        bulkhead.release();
        assertThat(bulkhead.inUse()).isZero();
    }

    @Test
    void aBreakerThatLetInAllAttemptsHearsAFailureIfAnyOfThemWasInvoked() {
        CircuitBreaker breaker = CircuitBreaker.builder("b")
                .failureThreshold(100)
                .runtime(runtime)
                .build();
        Bulkhead bulkhead = Bulkhead.builder("k")
                .maxConcurrent(1)
                .maxWaiters(1)
                .runtime(runtime)
                .build();
        Guard guard = Pipeline.of(breaker, retry(3, 0), timeout("each", 100), bulkhead);
        CompletableFuture<Integer> future = guard.execute(() -> {
            bulkhead.acquire(); // gets this attempt's place
            throw new IllegalStateException("scripted");
        });
        advance(100);
        isTimeout(failureOf(future), "each", 100);
        assertThat(breaker.metrics().failures()).isEqualTo(1);
        CompletableFuture<Integer> never = guard.execute(this::hang);
        advance(100);
        isTimeout(failureOf(never), "each", 100);
        assertThat(breaker.metrics().failures()).isEqualTo(1);
    }

    @Test
    void theTimeInALineFurtherOutDoesNotCount() {
        TokenBucketRateLimiter limiter = TokenBucketRateLimiter.builder("l")
                .rate(1)
                .maxTokens(1)
                .runtime(runtime)
                .build();
        limiter.tryAcquire();
        CompletableFuture<Integer> future =
                Pipeline.of(limiter, timeout("t", 500)).execute(this::hang);
        advance(1_000);
        assertThat(stages).hasSize(1);
        advance(499);
        assertThat(future).isNotDone();
        advance(1);
        isTimeout(failureOf(future), "t", 500);
    }

    @Test
    void badDurationsAreNamed() {
        assertThatThrownBy(() -> Timeout.of(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("duration = PT0S: allowed is a positive duration");
        assertThatThrownBy(() -> Timeout.builder("t").build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("duration is missing");
        CompletableFuture<Integer> future = Timeout.builder("t")
                .duration(Duration.ofSeconds(Long.MAX_VALUE))
                .runtime(runtime)
                .build()
                .execute(this::hang);
        advance(1_000_000_000);
        stages.get(0).complete(1);
        assertThat(future.join()).isEqualTo(1);
    }

    /** As if the timer's thread were faster than the caller's, between the arming of the limit and the registration with the stage. */
    @Test
    void aLimitThatIsOverBeforeTheStageIsAwaitedIsNotForgotten() {
        Timer hurried = new InterleavedTimer(time.timer()).after(() -> advance(1_000));
        Timeout timeout = Timeout.builder("t")
                .duration(Duration.ofMillis(500))
                .runtime(time.runtimeBuilder().timer(hurried).build())
                .build();
        CompletableFuture<Integer> future = timeout.execute(this::hang);
        assertThat(stages).singleElement().satisfies(stage -> assertThat(stage).isCancelled());
        assertThatThrownBy(future::join).satisfies(e -> isTimeout(e.getCause(), "t", 500));
    }
}
