package io.weir.breaker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.CallOptions;
import io.weir.CallTimeoutException;
import io.weir.CircuitBreakerOpenException;
import io.weir.Guard;
import io.weir.Pipeline;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker.State;
import io.weir.event.Subscription;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import io.weir.testkit.RecordedEvents;
import io.weir.testkit.ScriptedCall;
import io.weir.testkit.VirtualTime;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
    private final VirtualTime time = new VirtualTime();
    private final RecordedEvents events = new RecordedEvents();
    private final WeirRuntime runtime = time.runtimeBuilder().listener(events).build();

    private CircuitBreaker.Builder builder() {
        return CircuitBreaker.builder("b").runtime(runtime);
    }

    private static void fail(Guard guard, Throwable failure) {
        assertThatThrownBy(() -> guard.call(ScriptedCall.create().thenFail(failure)))
                .isSameAs(failure);
    }

    @Test
    void itOpensAtTheThresholdRefusesAndRecovers() throws Exception {
        CircuitBreaker breaker = builder().failureThreshold(2).build();
        fail(breaker, new IOException());
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
        fail(breaker, new IOException());
        assertThat(breaker.state()).isEqualTo(State.OPEN);
        time.advance(Duration.ofSeconds(10));
        assertThatThrownBy(() -> breaker.call(() -> 1)).isInstanceOfSatisfying(CircuitBreakerOpenException.class, e -> {
            assertThat(e.guard()).isEqualTo("b");
            assertThat(e.state()).isEqualTo("OPEN");
            assertThat(e.retryAfter()).contains(Duration.ofSeconds(20));
            assertThat(e.getStackTrace()).isEmpty();
        });
        time.advance(Duration.ofSeconds(20));
        assertThat(breaker.call(() -> 7)).isEqualTo(7);
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
        assertThat(events.of(CircuitBreakerTransition.class))
                .extracting(t -> t.from() + ">" + t.to())
                .containsExactly("CLOSED>OPEN", "OPEN>HALF_OPEN", "HALF_OPEN>CLOSED");
        assertThat(breaker.metrics().rejected()).isEqualTo(1);
        assertThat(breaker.metrics().transitions()).isEqualTo(3);
    }

    @Test
    void aTrialThatIsRefusedFurtherInGivesItsSlotBack() {
        CircuitBreaker breaker = builder().failureThreshold(1).build();
        TokenBucketRateLimiter limiter = TokenBucketRateLimiter.builder("l")
                .rate(1)
                .initialTokens(0)
                .period(Duration.ofHours(1))
                .runtime(runtime)
                .build();
        Guard guard = Pipeline.of(breaker, limiter.failFast());
        fail(breaker, new IOException());
        time.advance(Duration.ofSeconds(30));
        for (int i = 0; i < 3; i++) {
            assertThat(guard.execute(() -> CompletableFuture.completedFuture(1)))
                    .failsWithin(Duration.ZERO)
                    .withThrowableOfType(ExecutionException.class)
                    .withMessageContaining("rate limiter 'l'");
            assertThatThrownBy(() -> guard.call(() -> 1)).hasMessageContaining("rate limiter 'l'");
        }
        assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
        assertThat(breaker.get(() -> 1)).isEqualTo(1);
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
    }

    @Test
    void anExcludedExceptionAndACancelledTrialGiveTheSlotBack() {
        CircuitBreaker breaker = builder()
                .failureThreshold(1)
                .excluding(FileNotFoundException.class)
                .build();
        fail(breaker, new IOException());
        time.advance(Duration.ofSeconds(30));
        fail(breaker, new FileNotFoundException());
        assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
        CompletableFuture<Integer> trial = breaker.execute(() -> new CompletableFuture<>());
        assertThat(breaker.execute(() -> CompletableFuture.completedFuture(1))).isCompletedExceptionally();
        trial.cancel(true);
        assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
        assertThat(breaker.get(() -> 1)).isEqualTo(1);
        assertThat(breaker.metrics().excluded()).isEqualTo(1);
        assertThat(breaker.metrics().cancelled()).isEqualTo(1);
        assertThat(breaker.metrics().failures()).isEqualTo(1);
    }

    @Test
    void aTrialThatReachesTheCallTooLateIsARejectionAndInvokesNothing() {
        CircuitBreaker breaker = builder()
                .failureThreshold(1)
                .trialTimeout(Duration.ofSeconds(5))
                .build();
        TokenBucketRateLimiter limiter = TokenBucketRateLimiter.builder("l")
                .rate(1)
                .period(Duration.ofSeconds(6))
                .initialTokens(0)
                .runtime(runtime)
                .build();
        fail(breaker, new IOException());
        time.advance(Duration.ofSeconds(30));
        limiter.tryAcquire(limiter.availableTokens());
        ScriptedCall<Integer> call = ScriptedCall.<Integer>create().thenReturn(1);
        CompletableFuture<Integer> future = Pipeline.of(breaker, limiter).execute(call);
        assertThat(future).isNotDone();
        time.advance(Duration.ofSeconds(6));
        assertThatThrownBy(future::join).hasCauseInstanceOf(CircuitBreakerOpenException.class);
        assertThat(call.invocations()).isZero();
        assertThat(breaker.get(() -> 1)).isEqualTo(1);
    }

    @Test
    void aRetryInsideATrialGoesOnWithTheSameSlot() {
        CircuitBreaker breaker = builder().failureThreshold(1).build();
        Retry retry = Retry.of("r", RetryConfig.builder().jitter(false).build(), runtime);
        fail(breaker, new IOException());
        time.advance(Duration.ofSeconds(30));
        ScriptedCall<Integer> call =
                ScriptedCall.<Integer>create().thenFail(new IOException()).thenReturn(1);
        CompletableFuture<Integer> future = Pipeline.of(breaker, retry).execute(call);
        time.advance(Duration.ofSeconds(1));
        assertThat(future.join()).isEqualTo(1);
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
    }

    @Test
    void aTrialTakesTheSlowPathOfTheBlockingFormToo() throws Exception {
        CircuitBreaker breaker = builder().failureThreshold(1).build();
        Guard guard = Pipeline.of(Retry.of("r", RetryConfig.DEFAULT, runtime), breaker);
        fail(breaker, new IOException());
        time.advance(Duration.ofSeconds(30));
        assertThat(guard.call(() -> 3)).isEqualTo(3);
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
    }

    @Test
    void overloadInsideDoesNotOpenTheBreakerOutside() {
        CircuitBreaker outer = builder().failureThreshold(1).build();
        CircuitBreaker inner = CircuitBreaker.builder("inner").runtime(runtime).build();
        inner.forceOpen();
        Guard guard = Pipeline.of(outer, inner);
        for (int i = 0; i < 5; i++) {
            assertThat(guard.execute(() -> CompletableFuture.completedFuture(1)))
                    .isCompletedExceptionally();
            assertThatThrownBy(() -> guard.call(() -> 1)).isInstanceOf(CircuitBreakerOpenException.class);
        }
        TokenBucketRateLimiter limiter =
                TokenBucketRateLimiter.builder("l").rate(1).runtime(runtime).build();
        assertThatThrownBy(() -> Pipeline.of(outer, limiter).call(CallOptions.tokens(5), () -> 1))
                .isInstanceOf(IllegalArgumentException.class);
        limiter.close();
        assertThatThrownBy(() -> Pipeline.of(outer, limiter).call(() -> 1)).isInstanceOf(IllegalStateException.class);
        assertThat(outer.state()).isEqualTo(State.CLOSED);
        assertThat(outer.metrics().failures()).isZero();
    }

    @Test
    void aRejectionThatTheCallItselfThrowsIsAFailure() {
        CircuitBreaker elsewhere =
                CircuitBreaker.builder("elsewhere").runtime(runtime).build();
        elsewhere.forceOpen();
        CircuitBreaker breaker = builder().failureThreshold(1).build();
        assertThatThrownBy(() -> breaker.call(() -> elsewhere.call(() -> 1))).hasMessageContaining("'elsewhere'");
        assertThat(breaker.state()).isEqualTo(State.OPEN);
    }

    @Test
    void interruptsAndCancelsAreNoFailuresAndTimeoutsAre() {
        CircuitBreaker breaker = builder().failureThreshold(1).build();
        fail(breaker, new InterruptedException());
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
        CompletableFuture<Integer> slow =
                breaker.execute(CallOptions.within(Duration.ofSeconds(1)), () -> new CompletableFuture<>());
        time.advance(Duration.ofSeconds(1));
        assertThatThrownBy(slow::join).hasCauseInstanceOf(CallTimeoutException.class);
        assertThat(breaker.state()).isEqualTo(State.OPEN);
    }

    @Test
    void theDeadlineInterruptsABlockingCallAndTheTimeoutIsWhatItSees() throws Exception {
        CircuitBreaker breaker = builder().failureThreshold(1).build();
        CompletableFuture<Object> seen = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            try {
                breaker.call(CallOptions.within(Duration.ofSeconds(1)), () -> {
                    new CompletableFuture<Integer>().get();
                    return 1;
                });
            } catch (Throwable e) {
                seen.complete(e.getClass().getSimpleName() + " "
                        + Thread.currentThread().isInterrupted());
            }
        });
        caller.start();
        while (time.pendingTimers() == 0) {
            Thread.onSpinWait();
        }
        time.advance(Duration.ofSeconds(1));
        caller.join();
        assertThat(seen.join()).isEqualTo("CallTimeoutException false");
        assertThat(breaker.state()).isEqualTo(State.OPEN);
        assertThat(breaker.metrics().failures()).isEqualTo(1);
    }

    @Test
    void predicatesJudgeExceptionsAndResults() {
        CircuitBreaker breaker = builder()
                .failureThreshold(1)
                .failureIf(e -> e instanceof IOException)
                .failureOnResult(Integer.class, x -> x >= 500)
                .build();
        fail(breaker, new IllegalStateException("the service answered"));
        assertThat(breaker.metrics().successes()).isEqualTo(1);
        assertThat(breaker.get(() -> 404)).isEqualTo(404);
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
        assertThat(breaker.get(() -> 500)).isEqualTo(500);
        assertThat(breaker.state()).isEqualTo(State.OPEN);
    }

    @Test
    void aPredicateThatThrowsFailsTheCallAndLeaksNothing() {
        CircuitBreaker breaker = builder()
                .failureThreshold(1)
                .excludeIf(e -> {
                    throw new IllegalStateException("bad predicate");
                })
                .failureOnResult(String.class, s -> {
                    throw new IllegalStateException("bad predicate");
                })
                .build();
        breaker.get(() -> 1);
        assertThatThrownBy(() -> breaker.get(() -> "x")).hasMessage("bad predicate");
        assertThat(breaker.state()).isEqualTo(State.OPEN);
        time.advance(Duration.ofSeconds(30));
        assertThat(breaker.execute(() -> CompletableFuture.failedFuture(new IOException())))
                .isCompletedExceptionally();
        assertThat(breaker.state()).isEqualTo(State.OPEN);
        time.advance(Duration.ofSeconds(30));
        assertThat(breaker.get(() -> 1)).isEqualTo(1);
    }

    @Test
    void theLowLevelFormCountsAsRunningAtOnce() {
        CircuitBreaker breaker = builder().failureThreshold(1).build();
        long permit = breaker.acquire();
        breaker.onFailure(permit, new IOException());
        assertThat(CircuitBreaker.isRefused(breaker.tryAcquire())).isTrue();
        assertThatThrownBy(breaker::acquire).isInstanceOf(CircuitBreakerOpenException.class);
        time.advance(Duration.ofSeconds(30));
        long trial = breaker.tryAcquire();
        assertThat(CircuitBreaker.isRefused(trial)).isFalse();
        breaker.onSuccess(trial);
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
        breaker.release(breaker.acquire());
        breaker.onSuccess(permit);
        assertThat(breaker.metrics().late()).isEqualTo(1);
    }

    @Test
    void listenersHearEachTransitionOnceInOrderAndMayCallTheBreaker() {
        CircuitBreaker breaker = builder().failureThreshold(1).build();
        List<String> heard = new ArrayList<>();
        Subscription subscription = breaker.onTransition(t -> {
            heard.add(t.from() + ">" + t.to());
            breaker.state();
            throw new IllegalStateException("a listener's own trouble");
        });
        CircuitBreaker other = CircuitBreaker.builder("b").runtime(runtime).build();
        other.forceOpen();
        breaker.forceOpen();
        breaker.disable();
        breaker.metricsOnly();
        breaker.reset();
        time.runPending();
        assertThat(heard)
                .containsExactly(
                        "CLOSED>FORCED_OPEN", "FORCED_OPEN>DISABLED", "DISABLED>METRICS_ONLY", "METRICS_ONLY>CLOSED");
        subscription.close();
        breaker.forceOpen();
        time.runPending();
        assertThat(heard).hasSize(4);
        assertThat(breaker).hasToString("CircuitBreaker(b, FORCED_OPEN)");
    }

    @Test
    void aListenerThatFallsBehindLosesTheOldestAndIsToldHowMany() {
        CircuitBreaker breaker = builder().build();
        List<Long> heard = new ArrayList<>();
        Subscription subscription = breaker.onTransition(t -> heard.add(t.number()));
        for (int i = 0; i < 1_000; i++) {
            breaker.forceOpen();
            breaker.reset();
        }
        time.runPending();
        assertThat(heard).hasSize(1_024).isSorted().endsWith(2_000L);
        assertThat(subscription.lost()).isEqualTo(2_000 - 1_024);
    }

    @Test
    void badConfigurationFailsWhenItIsBuilt() {
        assertThatThrownBy(() -> builder().failureThreshold(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder().halfOpenMaxCalls(33).build()).hasMessageContaining("33");
        assertThatThrownBy(() -> builder().failureThreshold(1).failureDetection(FailureDetection.cumulative(3)))
                .hasMessageContaining("one of them");
        assertThatThrownBy(() -> builder().recoveryTime(Duration.ZERO).build())
                .isInstanceOf(IllegalArgumentException.class);
    }
}
