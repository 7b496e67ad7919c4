package io.weir.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.CallOptions;
import io.weir.CallRejectedException;
import io.weir.Pipeline;
import io.weir.RetryAfterHint;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.testkit.RecordedEvents;
import io.weir.testkit.ScriptedCall;
import io.weir.testkit.VirtualTime;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RetryTest {
    private final VirtualTime time = new VirtualTime();
    private final RecordedEvents events = new RecordedEvents();
    private final WeirRuntime runtime = time.runtimeBuilder().listener(events).build();

    private Retry retry(RetryConfig.Builder config) {
        return Retry.of("r", config.build(), runtime);
    }

    @Test
    void theDefaultsAreThoseOfTheContract() {
        RetryConfig config = RetryConfig.DEFAULT;
        assertThat(config.maxRetries()).isEqualTo(3);
        assertThat(config.baseDelay()).isEqualTo(Duration.ofSeconds(1));
        assertThat(config.maxDelay()).isEqualTo(Duration.ofSeconds(60));
        assertThat(config.backoffFactor()).isEqualTo(2.0);
        assertThat(config.jitter()).isTrue();
        assertThat(config.jitterFactor()).isEqualTo(0.2);
        assertThat(config.retryRejections()).isFalse();
        assertThat(config)
                .isEqualTo(RetryConfig.builder().build())
                .hasSameHashCodeAs(RetryConfig.builder().build());
    }

    @Test
    void itTriesFourTimesWithGrowingDelaysAndGivesTheLastFailure() {
        Exception[] failures = {new IOException("1"), new IOException("2"), new IOException("3"), new IOException("4")};
        ScriptedCall<Integer> call = ScriptedCall.create();
        for (Exception failure : failures) {
            call.thenFail(failure);
        }
        CompletableFuture<Integer> future =
                retry(RetryConfig.builder().jitter(false)).execute(call);
        assertThat(call.invocations()).isEqualTo(1);
        time.advance(Duration.ofMillis(999));
        assertThat(call.invocations()).isEqualTo(1);
        time.advance(Duration.ofMillis(1));
        assertThat(call.invocations()).isEqualTo(2);
        time.advance(Duration.ofSeconds(2));
        assertThat(call.invocations()).isEqualTo(3);
        time.advance(Duration.ofSeconds(4));
        assertThat(call.invocations()).isEqualTo(4);
        assertThatThrownBy(future::join).hasCause(failures[3]);
        assertThat(failures[3].getSuppressed()).containsExactly(failures[0], failures[1], failures[2]);
        assertThat(events.of(RetryEvent.class)).hasSize(4);
        assertThat(events.of(RetryEvent.class).get(3).gaveUp()).isTrue();
        assertThat(events.of(RetryEvent.class).get(1).delay()).contains(Duration.ofSeconds(2));
    }

    @Test
    void itReturnsTheFirstSuccess() {
        ScriptedCall<Integer> call =
                ScriptedCall.<Integer>create().thenFail(new IOException()).thenReturn(7);
        Retry retry = retry(RetryConfig.builder());
        CompletableFuture<Integer> future = retry.execute(call);
        time.advance(Duration.ofMillis(1_200));
        assertThat(future.join()).isEqualTo(7);
        assertThat(retry.metrics().retries()).isEqualTo(1);
        assertThat(retry.metrics().givenUp()).isZero();
    }

    @Test
    void jitterSpreadsTheDelaysAtTheCapTooAndNeverBeyondIt() {
        RetryConfig config =
                RetryConfig.builder().baseDelay(Duration.ofSeconds(30)).build();
        List<Long> delays = new ArrayList<>();
        Backoff backoff = config.backoff();
        for (int i = 0; i < 10_000; i++) {
            delays.add(backoff.delay(attempt(9)).toMillis());
        }
        assertThat(delays).allMatch(d -> d >= 40_000 - 1 && d <= 60_000);
        assertThat(delays.stream().filter(d -> d > 59_900).count()).isLessThan(200);
        assertThat(delays.stream().mapToLong(d -> d).average().orElseThrow()).isBetween(49_500.0, 50_500.0);
    }

    @Test
    void hugeFactorsAndAttemptsSaturate() {
        RetryConfig config = RetryConfig.builder()
                .backoffFactor(1e300)
                .jitter(false)
                .maxDelay(Duration.ofDays(100_000))
                .build();
        assertThat(config.backoff().delay(attempt(Integer.MAX_VALUE))).isEqualTo(Duration.ofDays(100_000));
        assertThat(Backoff.linear(Duration.ofDays(1), Duration.ofDays(90_000)).delay(attempt(Integer.MAX_VALUE)))
                .isEqualTo(Duration.ofDays(90_000));
        assertThat(Backoff.exponential(Duration.ZERO, 1e300, Duration.ofSeconds(1))
                        .delay(attempt(Integer.MAX_VALUE)))
                .isEqualTo(Duration.ZERO);
    }

    private static Backoff.Attempt attempt(int number) {
        return new Backoff.Attempt() {
            @Override
            public int number() {
                return number;
            }

            @Override
            public Throwable failure() {
                return new IOException();
            }

            @Override
            public Object result() {
                return null;
            }

            @Override
            public Duration previousDelay() {
                return Duration.ofMillis(100);
            }
        };
    }

    @Test
    void otherKindsOfJitterKeepTheirRanges() {
        Backoff base = Backoff.constant(Duration.ofMillis(100));
        for (int i = 0; i < 1_000; i++) {
            assertThat(base.fullJitter().delay(attempt(1))).isBetween(Duration.ZERO, Duration.ofMillis(100));
            assertThat(base.equalJitter().delay(attempt(1))).isBetween(Duration.ofMillis(50), Duration.ofMillis(100));
            assertThat(Backoff.decorrelated(Duration.ofMillis(50), Duration.ofMillis(200))
                            .delay(attempt(1)))
                    .isBetween(Duration.ofMillis(50), Duration.ofMillis(200));
        }
    }

    @Test
    void exclusionsWinAndErrorsInterruptsAndCancellationsAreNeverRetried() {
        Retry retry = retry(RetryConfig.builder()
                .retryOn(Throwable.class)
                .excluding(FileNotFoundException.class)
                .excludeIf(e -> "no".equals(e.getMessage())));
        for (Throwable once : List.of(
                new FileNotFoundException(),
                new IOException("no"),
                new AssertionError(),
                new InterruptedException(),
                new java.util.concurrent.CancellationException())) {
            ScriptedCall<Integer> call = ScriptedCall.<Integer>create().thenFail(once);
            assertThat(retry.execute(call)).isCompletedExceptionally();
            assertThat(call.invocations()).isEqualTo(1);
        }
        ScriptedCall<Integer> call = ScriptedCall.<Integer>create().thenFail(new IOException("yes"));
        assertThat(retry.execute(call)).isNotDone();
        Retry named = retry(RetryConfig.builder().retryOn(IOException.class));
        ScriptedCall<Integer> other = ScriptedCall.<Integer>create().thenFail(new IllegalStateException());
        assertThat(named.execute(other)).isCompletedExceptionally();
    }

    @Test
    void aResultMayBeRetriedAndTheLastOneIsTheCallers() {
        Retry retry = retry(RetryConfig.builder()
                .maxRetries(1)
                .retryOnResult(Integer.class, x -> x == 503)
                .baseDelay(Duration.ofMillis(1)));
        ScriptedCall<Integer> call =
                ScriptedCall.<Integer>create().thenReturn(503).thenReturn(200);
        CompletableFuture<Integer> future = retry.execute(call);
        time.advance(Duration.ofMillis(2));
        assertThat(future.join()).isEqualTo(200);
        CompletableFuture<Integer> bad =
                retry.execute(ScriptedCall.<Integer>create().thenReturn(503));
        time.advance(Duration.ofMillis(2));
        assertThat(bad.join()).isEqualTo(503);
        assertThat(retry.metrics().givenUp()).isEqualTo(1);
    }

    private static final class Busy extends Exception implements RetryAfterHint {
        private static final long serialVersionUID = 1L;
        private final Duration after;

        Busy(Duration after) {
            this.after = after;
        }

        @Override
        public Optional<Duration> retryAfter() {
            return Optional.of(after);
        }
    }

    @Test
    void retryAfterIsHonouredAndOneBeyondItsCapEndsTheRetries() {
        Retry retry = retry(RetryConfig.builder().jitter(false).honourRetryAfter(Duration.ofSeconds(20)));
        ScriptedCall<Integer> call = ScriptedCall.<Integer>create()
                .thenFail(new Busy(Duration.ofSeconds(10)))
                .thenFail(new Busy(Duration.ofSeconds(21)));
        CompletableFuture<Integer> future = retry.execute(call);
        time.advance(Duration.ofMillis(9_999));
        assertThat(call.invocations()).isEqualTo(1);
        time.advance(Duration.ofMillis(1));
        assertThat(call.invocations()).isEqualTo(2);
        assertThat(future).isCompletedExceptionally();
    }

    @Test
    void retryAfterIsJitteredUpwardsOnly() {
        Retry retry = retry(RetryConfig.builder().maxRetries(1));
        for (int i = 0; i < 200; i++) {
            ScriptedCall<Integer> call = ScriptedCall.<Integer>create()
                    .thenFail(new Busy(Duration.ofSeconds(10)))
                    .thenReturn(1);
            CompletableFuture<Integer> future = retry.execute(call);
            time.advance(Duration.ofMillis(9_999));
            assertThat(call.invocations()).isEqualTo(1);
            time.advance(Duration.ofMillis(2_002));
            assertThat(future).isDone();
        }
    }

    @Test
    void aDelayBeyondTheDeadlineEndsTheRetriesAtOnceWithTheLastFailure() {
        IOException failure = new IOException();
        CompletableFuture<Integer> future = retry(RetryConfig.builder().jitter(false))
                .execute(
                        CallOptions.within(Duration.ofMillis(900)),
                        ScriptedCall.<Integer>create().thenFail(failure));
        assertThatThrownBy(future::join).hasCause(failure);
    }

    @Test
    void refusalsOfGuardsInsideAreNotRetriedUnlessAskedFor() {
        CircuitBreaker open = CircuitBreaker.builder("b").runtime(runtime).build();
        open.forceOpen();
        Retry never = retry(RetryConfig.builder().retryOn(Exception.class));
        assertThat(Pipeline.of(never, open).execute(() -> CompletableFuture.completedFuture(1)))
                .isCompletedExceptionally();
        assertThat(never.metrics().retries()).isZero();

        TokenBucketRateLimiter limiter = TokenBucketRateLimiter.builder("l")
                .rate(1)
                .period(Duration.ofSeconds(10))
                .initialTokens(0)
                .runtime(runtime)
                .build();
        Retry asked = retry(RetryConfig.builder().retryRejections(true));
        CompletableFuture<Integer> future =
                Pipeline.of(asked, limiter.failFast()).execute(() -> CompletableFuture.completedFuture(1));
        assertThat(future).isNotDone();
        time.advance(Duration.ofSeconds(12));
        assertThat(future.join()).isEqualTo(1);
        assertThat(asked.metrics().retries()).isEqualTo(1);
    }

    @Test
    void aRejectionThatTheCallItselfThrowsIsTheCallsFailure() {
        CircuitBreaker elsewhere =
                CircuitBreaker.builder("elsewhere").runtime(runtime).build();
        elsewhere.forceOpen();
        Retry retry = retry(RetryConfig.builder().jitter(false));
        CompletableFuture<Integer> future =
                retry.execute(() -> elsewhere.execute(() -> CompletableFuture.completedFuture(1)));
        assertThat(future).isNotDone();
        assertThat(retry.metrics().retries()).isEqualTo(1);
    }

    @Test
    void aSharedExceptionDoesNotCollectSuppressedOnes() {
        IOException shared = new IOException("always the same");
        Retry retry = retry(RetryConfig.builder().baseDelay(Duration.ofMillis(1)));
        for (int i = 0; i < 10; i++) {
            CompletableFuture<Integer> future =
                    retry.execute(ScriptedCall.<Integer>create().thenFail(shared));
            time.advance(Duration.ofSeconds(1));
            assertThat(future).isCompletedExceptionally();
        }
        assertThat(shared.getSuppressed()).isEmpty();
        for (int i = 0; i < 10; i++) {
            CompletableFuture<Integer> future = retry.execute(ScriptedCall.<Integer>create()
                    .thenFail(new IOException())
                    .thenFail(new IOException())
                    .thenFail(new IOException())
                    .thenFail(shared));
            time.advance(Duration.ofSeconds(1));
            assertThat(future).isCompletedExceptionally();
        }
        assertThat(shared.getSuppressed()).hasSizeLessThanOrEqualTo(3);
        assertThat(CallRejectedException.class).isAbstract();
    }

    @Test
    void aBackOffThatThrowsOrReturnsNonsenseFailsTheCall() {
        for (Backoff bad : List.<Backoff>of(
                a -> {
                    throw new IllegalStateException("bad");
                },
                a -> Duration.ofSeconds(-1),
                a -> null)) {
            CompletableFuture<Integer> future = retry(RetryConfig.builder().backoff(bad))
                    .execute(ScriptedCall.<Integer>create().thenFail(new IOException()));
            assertThat(future).isCompletedExceptionally();
        }
    }

    @Test
    void theBlockingFormSleepsOnTheRuntimesTimer() throws Exception {
        ScriptedCall<Integer> call =
                ScriptedCall.<Integer>create().thenFail(new IOException()).thenReturn(5);
        Retry retry = retry(RetryConfig.builder().jitter(false));
        CompletableFuture<Integer> result = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            try {
                result.complete(retry.call(call));
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        caller.start();
        while (time.pendingTimers() == 0) {
            Thread.onSpinWait();
        }
        time.advance(Duration.ofSeconds(1));
        caller.join();
        assertThat(result.join()).isEqualTo(5);
    }

    @Test
    void anInterruptEndsTheSleepAndKeepsTheFlag() throws Exception {
        Retry retry = retry(RetryConfig.builder());
        CompletableFuture<Object> seen = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            try {
                retry.call(ScriptedCall.<Integer>create().thenFail(new IOException()));
            } catch (Throwable e) {
                seen.complete(e.getClass().getSimpleName() + " "
                        + Thread.currentThread().isInterrupted());
            }
        });
        caller.start();
        while (time.pendingTimers() == 0) {
            Thread.onSpinWait();
        }
        caller.interrupt();
        caller.join();
        assertThat(seen.join()).isEqualTo("CallInterruptedException true");
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void badConfigurationNamesParameterValueAndRange() {
        assertThatThrownBy(() -> RetryConfig.builder().maxRetries(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxRetries = -1: allowed is 0 or more");
        assertThatThrownBy(() -> RetryConfig.builder().backoffFactor(Double.NaN))
                .hasMessageContaining("NaN");
        assertThatThrownBy(() -> RetryConfig.builder().jitterFactor(1.1)).hasMessageContaining("0 to 1");
        assertThatThrownBy(() -> RetryConfig.builder().baseDelay(Duration.ofMillis(-1)))
                .hasMessageContaining("baseDelay");
    }
}
