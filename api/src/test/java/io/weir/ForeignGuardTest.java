package io.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.breaker.CircuitBreaker;
import io.weir.guard.Bulkhead;
import io.weir.guard.Timeout;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ForeignGuardTest {
    private static final IOException FAILURE = new IOException("scripted");

    private final VirtualTime time = new VirtualTime();
    private final WeirRuntime runtime = time.runtimeBuilder().build();
    private final CircuitBreaker outside = CircuitBreaker.builder("outside")
            .failureThreshold(100)
            .runtime(runtime)
            .build();
    private final CircuitBreaker inside = CircuitBreaker.builder("inside")
            .failureThreshold(100)
            .runtime(runtime)
            .build();
    private final Bulkhead bulkhead =
            Bulkhead.builder("bulkhead").maxConcurrent(2).runtime(runtime).build();
    private final List<CompletableFuture<Integer>> stages = new ArrayList<>();

    @AfterEach
    void nothingIsHeld() {
        assertThat(bulkhead.inUse()).as("places held").isZero();
        assertThat(time.pendingTimers()).as("timers").isZero();
    }

    private CompletableFuture<Integer> call() {
        CompletableFuture<Integer> stage = new CompletableFuture<>();
        stages.add(stage);
        return stage;
    }

    /** What a foreign guard does with its call, in both forms. */
    private abstract static class Foreign implements Guard {
        final AtomicReference<CallOptions> seen = new AtomicReference<>(CallOptions.NONE);

        @Override
        public String name() {
            return "foreign";
        }

        @SuppressWarnings("unchecked")
        static CompletableFuture<Object> started(AsyncCall<Object> call) throws Exception {
            return (CompletableFuture<Object>) call.start().toCompletableFuture();
        }

        abstract CompletableFuture<Object> async(AsyncCall<Object> call) throws Exception;

        Object blocking(Call<Object, Exception> call) throws Exception {
            return call.call();
        }

        @Override
        @SuppressWarnings("unchecked")
        public <T extends @Nullable Object> CompletableFuture<T> execute(
                CallOptions options, AsyncCall<? extends T> call) {
            seen.set(options);
            try {
                return (CompletableFuture<T>) async((AsyncCall<Object>) call);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        @SuppressWarnings("unchecked")
        public <T extends @Nullable Object, E extends Exception> T call(
                CallOptions options, Call<? extends T, ? extends E> call) throws E {
            seen.set(options);
            try {
                return (T) blocking((Call<Object, Exception>) (Call<?, ?>) call);
            } catch (Exception e) {
                throw (E) e;
            }
        }
    }

    /** Passes everything on. */
    private static class Passing extends Foreign {
        @Override
        CompletableFuture<Object> async(AsyncCall<Object> call) throws Exception {
            return started(call);
        }
    }

    private Pipeline around(Guard foreign) {
        return Pipeline.of(outside, foreign, inside, bulkhead);
    }

    private static Throwable failureOf(CompletableFuture<?> future) {
        assertThat(future).isDone();
        return future.handle((result, e) -> e).join();
    }

    @Test
    void aGuardThatPassesOnChangesNothing() throws Exception {
        Pipeline pipeline = around(new Passing());
        assertThat(pipeline.execute(() -> CompletableFuture.completedFuture(7))).isCompletedWithValue(7);
        assertThat(pipeline.<Integer, RuntimeException>call(() -> 7)).isEqualTo(7);
        assertThat(pipeline.guards()).hasSize(4);
        CompletableFuture<Integer> pending = pipeline.execute(this::call);
        assertThat(bulkhead.inUse()).isEqualTo(1);
        stages.get(0).complete(1);
        assertThat(pending).isCompletedWithValue(1);
        assertThat(outside.metrics().successes()).isEqualTo(3);
    }

    @Test
    void aRefusalFurtherInStaysAGuardsWordWhenItIsPassedOn() {
        assertThat(bulkhead.tryAcquire()).isTrue();
        assertThat(bulkhead.tryAcquire()).isTrue();
        Guard wrapping = new Passing() {
            @Override
            CompletableFuture<Object> async(AsyncCall<Object> call) throws Exception {
                return started(call).thenApply(x -> x).thenApply(x -> x);
            }
        };
        assertThat(failureOf(around(wrapping).execute(this::call))).isInstanceOf(BulkheadFullException.class);
        assertThatThrownBy(() -> around(new Passing()).get(() -> 7)).isInstanceOf(BulkheadFullException.class);
        assertThat(outside.metrics().failures()).isZero();
        assertThat(outside.metrics().successes()).isZero();
        bulkhead.release();
        bulkhead.release();
    }

    @Test
    void aFailureOfItsOwnIsAGuardsWordIfTheCallWasNotInvokedAndElseTheCalls() {
        Guard refusing = new Foreign() {
            @Override
            CompletableFuture<Object> async(AsyncCall<Object> call) {
                return CompletableFuture.failedFuture(FAILURE);
            }

            @Override
            Object blocking(Call<Object, Exception> call) throws Exception {
                throw FAILURE;
            }
        };
        assertThat(failureOf(around(refusing).execute(this::call))).isSameAs(FAILURE);
        assertThatThrownBy(() -> around(refusing).call(() -> 7)).isSameAs(FAILURE);
        assertThat(outside.metrics().failures()).isZero();

        Guard judging = new Foreign() {
            @Override
            CompletableFuture<Object> async(AsyncCall<Object> call) throws Exception {
                return started(call).thenCompose(x -> CompletableFuture.failedFuture(FAILURE));
            }

            @Override
            Object blocking(Call<Object, Exception> call) throws Exception {
                call.call();
                throw FAILURE;
            }
        };
        assertThat(failureOf(around(judging).execute(() -> CompletableFuture.completedFuture(1))))
                .isSameAs(FAILURE);
        assertThatThrownBy(() -> around(judging).call(() -> 7)).isSameAs(FAILURE);
        assertThat(outside.metrics().failures()).isEqualTo(2);
        assertThat(inside.metrics().successes()).isEqualTo(2);
    }

    @Test
    void aMockThatReturnsNullIsNamed() {
        Guard mock = new Foreign() {
            @Override
            @SuppressWarnings("NullAway")
            public String name() {
                return null;
            }

            @Override
            @SuppressWarnings("NullAway")
            CompletableFuture<Object> async(AsyncCall<Object> call) {
                return null;
            }
        };
        assertThat(failureOf(Pipeline.of(outside, mock).execute(this::call)))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("returned null, not a future");
        assertThat(outside.metrics().failures()).isZero();
    }

    @Test
    void aGuardThatThrowsFailsTheCall() {
        Guard throwing = new Foreign() {
            @Override
            CompletableFuture<Object> async(AsyncCall<Object> call) throws Exception {
                var unused = call.start();
                throw FAILURE;
            }
        };
        CompletableFuture<Integer> future = around(throwing).execute(this::call);
        assertThat(failureOf(future)).hasCause(FAILURE);
        assertThat(stages).as("what it has left behind").allMatch(CompletableFuture::isCancelled);
    }

    @Test
    void aGuardThatNeverStartsItsCallLeaksNothingAndIsCutWithTheDeadline() {
        CompletableFuture<Object> theirs = new CompletableFuture<>();
        Foreign hanging = new Foreign() {
            @Override
            CompletableFuture<Object> async(AsyncCall<Object> call) {
                return theirs;
            }
        };
        CompletableFuture<Integer> future =
                around(hanging).execute(CallOptions.within(Duration.ofSeconds(1)), this::call);
        assertThat(hanging.seen.get().deadline()).isPresent();
        time.advance(Duration.ofSeconds(1));
        assertThat(failureOf(future)).isInstanceOf(DeadlinePassedException.class);
        assertThat(theirs).isCancelled();
        assertThat(outside.metrics().failures()).isZero();
    }

    @Test
    void aCallThatIsStartedTwiceIsTwoInnerCallsAndTheOneLeftBehindIsCancelled() {
        Guard both = new Foreign() {
            @Override
            CompletableFuture<Object> async(AsyncCall<Object> call) throws Exception {
                CompletionStage<Object> first = started(call);
                CompletionStage<Object> second = started(call);
                return first.applyToEither(second, x -> x).toCompletableFuture();
            }
        };
        CompletableFuture<Integer> future = around(both).execute(this::call);
        assertThat(bulkhead.inUse()).isEqualTo(2);
        stages.get(1).complete(2);
        assertThat(future).isCompletedWithValue(2);
        assertThat(stages.get(0)).isCancelled();
        assertThat(inside.metrics().cancelled()).isEqualTo(1);
        assertThat(inside.metrics().successes()).isEqualTo(1);
        assertThat(outside.metrics().successes()).isEqualTo(1);
    }

    @Test
    void aCallThatIsStartedAfterTheEndIsRefused() {
        AtomicReference<AsyncCall<Object>> kept = new AtomicReference<>();
        AtomicReference<Call<Object, Exception>> keptBlocking = new AtomicReference<>();
        Guard late = new Foreign() {
            @Override
            CompletableFuture<Object> async(AsyncCall<Object> call) {
                kept.set(call);
                return CompletableFuture.completedFuture(3);
            }

            @Override
            Object blocking(Call<Object, Exception> call) {
                keptBlocking.set(call);
                return 3;
            }
        };
        assertThat(around(late).execute(this::call)).isCompletedWithValue(3);
        assertThatThrownBy(() -> kept.get().start())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'foreign' has started its call after its own end");
        assertThat(around(late).get(() -> 7)).isEqualTo(3);
        assertThatThrownBy(() -> keptBlocking.get().call()).isInstanceOf(IllegalStateException.class);
        assertThat(stages).isEmpty();
    }

    @Test
    void aCancelAndATimeoutReachInAndTheBreakerInsideHearsWhy() {
        Foreign passing = new Passing() {
            @Override
            CompletableFuture<Object> async(AsyncCall<Object> call) throws Exception {
                return started(call).thenApply(x -> x);
            }
        };
        CompletableFuture<Integer> cancelled = around(passing).execute(this::call);
        cancelled.cancel(true);
        assertThat(stages.get(0)).isCancelled();
        assertThat(inside.metrics().cancelled()).isEqualTo(1);
        Timeout timeout = Timeout.builder("limit")
                .duration(Duration.ofSeconds(1))
                .runtime(runtime)
                .build();
        CompletableFuture<Integer> timed = Pipeline.of(timeout, around(passing)).execute(this::call);
        assertThat(passing.seen.get().deadline()).isPresent();
        time.advance(Duration.ofSeconds(1));
        assertThat(failureOf(timed)).isInstanceOf(CallTimeoutException.class).hasMessageContaining("limit");
        assertThat(stages.get(1)).isCancelled();
        assertThat(inside.metrics().failures()).isEqualTo(1);
        assertThat(outside.metrics().failures()).isEqualTo(1);
    }

    @Test
    void aBlockingCallInsideIsInterruptedAtTheDeadlineOnWhateverThreadItRuns() {
        Guard elsewhere = new Foreign() {
            @Override
            CompletableFuture<Object> async(AsyncCall<Object> call) {
                throw new AssertionError();
            }

            @Override
            Object blocking(Call<Object, Exception> call) throws Exception {
                AtomicReference<Object> end = new AtomicReference<>();
                Thread other = new Thread(() -> {
                    try {
                        end.set(call.call());
                    } catch (Throwable e) {
                        end.set(e);
                    }
                });
                other.start();
                while (other.isAlive()) {
                    Thread.onSpinWait(); // deaf to interrupts
                }
                if (end.get() instanceof Exception e) {
                    throw e;
                }
                return end.get();
            }
        };
        for (Guard guard : List.of(new Passing(), elsewhere)) {
            assertThatThrownBy(() -> around(guard).call(CallOptions.within(Duration.ofSeconds(1)), () -> {
                        time.advance(Duration.ofSeconds(1));
                        while (!Thread.interrupted()) {
                            Thread.onSpinWait();
                        }
                        throw new IOException("hides that it was interrupted");
                    }))
                    .isInstanceOf(CallTimeoutException.class);
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }
        assertThat(inside.metrics().failures()).isEqualTo(2);
        assertThat(outside.metrics().failures()).isEqualTo(2);
        assertThat(around(elsewhere).get(() -> 7)).isEqualTo(7);
    }

    @Test
    void contextsGetThroughInBothForms() throws Exception {
        List<Integer> attempts = new ArrayList<>();
        Retry retry = Retry.of(
                "retry",
                RetryConfig.builder().maxRetries(1).backoff(a -> Duration.ZERO).build(),
                runtime);
        Pipeline pipeline = Pipeline.of(retry, around(new Passing()));
        CompletableFuture<Integer> future = pipeline.executeWith(CallOptions.NONE, context -> {
            attempts.add(context.attempt());
            return context.attempt() == 1 ? CompletableFuture.failedFuture(FAILURE) : call();
        });
        AtomicReference<Boolean> hook = new AtomicReference<>(false);
        assertThat(attempts).containsExactly(1, 2);
        stages.get(0).complete(1);
        assertThat(future).isCompletedWithValue(1);
        Integer result = pipeline.callWith(CallOptions.within(Duration.ofSeconds(1)), (CallContext context) -> {
            assertThat(context.remaining()).contains(Duration.ofSeconds(1));
            context.onCancel(() -> hook.set(true));
            return context.attempt();
        });
        assertThat(result).isEqualTo(1);
        assertThat(hook.get()).isFalse();
    }

    @Test
    void aViewWithOptionsStandsInAPipelineWithThemAndHoldsOnceWhatItHolds() {
        TokenBucketRateLimiter limiter = TokenBucketRateLimiter.builder("limiter")
                .rate(10)
                .period(Duration.ofDays(1_000))
                .runtime(runtime)
                .build();
        Pipeline pipeline = Pipeline.of(outside, limiter.with(CallOptions.tokens(4)), bulkhead);
        assertThat(pipeline.execute(() -> CompletableFuture.completedFuture(7))).isCompletedWithValue(7);
        assertThat(limiter.availableTokens()).isBetween(5.9, 6.1);
        assertThatThrownBy(() -> Pipeline.of(bulkhead.with(CallOptions.tokens(1)), bulkhead))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("stands twice");
        assertThatThrownBy(() -> Pipeline.of(bulkhead, new Passing(), bulkhead)).hasMessageContaining("stands twice");
    }

    @Test
    void aTrialOutsideIsBegunFromWithin() {
        CircuitBreaker breaker = CircuitBreaker.builder("breaker")
                .failureThreshold(1)
                .recoveryTime(Duration.ofSeconds(1))
                .runtime(runtime)
                .build();
        for (int i = 0; i < 2; i++) {
            breaker.onFailure(breaker.tryAcquire(), FAILURE);
            time.advance(Duration.ofSeconds(1));
            Pipeline pipeline = Pipeline.of(breaker, around(new Passing()));
            if (i == 0) {
                assertThat(pipeline.execute(() -> CompletableFuture.completedFuture(7)))
                        .isCompletedWithValue(7);
            } else {
                assertThat(pipeline.get(() -> 7)).isEqualTo(7);
            }
            assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.CLOSED);
        }
    }

    /** Each attempt is a run and an inner call; they end where they began, so nothing is stacked. */
    @Test
    void attemptsThatEndAtOnceAreNotStackedInAGuardThatPassesOn() {
        Foreign passesOn = new Foreign() {
            @Override
            CompletableFuture<Object> async(AsyncCall<Object> call) throws Exception {
                return started(call);
            }
        };
        RetryConfig often = RetryConfig.builder()
                .maxRetries(10_000)
                .baseDelay(Duration.ZERO)
                .build();
        int[] depths = new int[2];
        CompletableFuture<Integer> end = Pipeline.of(Retry.of("often", often, runtime), passesOn, inside)
                .execute(() -> {
                    int depth = Thread.currentThread().getStackTrace().length;
                    depths[0] = depths[0] == 0 ? depth : depths[0];
                    depths[1] = Math.max(depths[1], depth);
                    inside.reset();
                    return CompletableFuture.failedFuture(FAILURE);
                });
        assertThat(end).isCompletedExceptionally();
        assertThat(depths[1]).isLessThan(depths[0] + 50);
    }

    @Test
    void aGuardThatSharesAFutureAmongCallsEndsThemTogether() {
        CompletableFuture<Object> shared = new CompletableFuture<>();
        Foreign shares = new Foreign() {
            @Override
            CompletableFuture<Object> async(AsyncCall<Object> call) throws Exception {
                if (stages.isEmpty()) {
                    started(call);
                }
                return shared;
            }
        };
        Guard guard = Pipeline.of(outside, shares, bulkhead);
        CompletableFuture<Integer> one = guard.execute(this::call);
        CompletableFuture<Integer> other = guard.execute(this::call);
        assertThat(stages).hasSize(1);
        shared.complete(7);
        assertThat(one).isCompletedWithValue(7);
        assertThat(other).isCompletedWithValue(7);
        assertThat(stages.get(0)).as("left behind").isCancelled();
    }
}
