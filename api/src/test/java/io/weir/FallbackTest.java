package io.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.breaker.CircuitBreaker;
import io.weir.guard.Timeout;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class FallbackTest {
    private static final CallKey<Long> ID = CallKey.of("id");
    private static final IOException FAILURE = new IOException("first");
    private static final CallOptions TENTH = CallOptions.within(Duration.ofMillis(100));

    private final VirtualTime time = new VirtualTime();
    private final WeirRuntime runtime = time.runtimeBuilder().build();
    private final CircuitBreaker breaker =
            CircuitBreaker.builder("b").failureThreshold(100).runtime(runtime).build();
    private final AtomicInteger asked = new AtomicInteger();

    private Retry retry(int retries) {
        return Retry.of(
                "r",
                RetryConfig.builder()
                        .maxRetries(retries)
                        .backoff(attempt -> Duration.ZERO)
                        .build(),
                runtime);
    }

    private Timeout timeout(long millis) {
        return Timeout.builder("t")
                .duration(Duration.ofMillis(millis))
                .runtime(runtime)
                .build();
    }

    private static CompletableFuture<String> failed() {
        return CompletableFuture.failedFuture(FAILURE);
    }

    private static String fails() throws IOException {
        throw FAILURE;
    }

    private static Throwable failureOf(CompletableFuture<?> future) {
        assertThat(future).isDone();
        return future.handle((result, e) -> e).join();
    }

    @Test
    void aValueStandsInForAFailureInBothFormsAndTheGuardHearsTheFailure() throws Exception {
        TypedGuard<String> guard = breaker.withFallback(Fallback.value("else"));
        assertThat(guard.execute(FallbackTest::failed).join()).isEqualTo("else");
        assertThat(guard.<IOException>call(FallbackTest::fails)).isEqualTo("else");
        assertThat(guard.execute(() -> CompletableFuture.completedFuture("ok")).join())
                .isEqualTo("ok");
        assertThat(guard.get(() -> "ok")).isEqualTo("ok");
        assertThat(breaker.metrics().failures()).isEqualTo(2);
        CompletableFuture<String> pending = new CompletableFuture<>();
        CompletableFuture<String> future = guard.execute(() -> pending);
        pending.completeExceptionally(FAILURE);
        assertThat(future.join()).isEqualTo("else");
    }

    @Test
    void aNullValueIsOneToo() throws Exception {
        TypedGuard<String> guard = breaker.withFallback(Fallback.value(null));
        assertThat(guard.execute(FallbackTest::failed).join()).isNull();
        assertThat(guard.<IOException>call(FallbackTest::fails)).isNull();
    }

    @Test
    void errorsAndWhatNoConditionNamesPass() throws Exception {
        TypedGuard<String> any = breaker.withFallback(Fallback.value("else"));
        AssertionError error = new AssertionError("x");
        assertThat(failureOf(any.execute(() -> CompletableFuture.failedFuture(error))))
                .isSameAs(error);
        TypedGuard<String> named = breaker.withFallback(
                Fallback.on(TimeoutException.class, AssertionError.class).value("else"));
        assertThat(named.execute(() -> CompletableFuture.failedFuture(error)).join())
                .isEqualTo("else");
        assertThat(failureOf(named.execute(FallbackTest::failed))).isSameAs(FAILURE);
        TypedGuard<String> some = breaker.withFallback(
                Fallback.onFailure(e -> "first".equals(e.getMessage())).value("else"));
        assertThat(some.<IOException>call(FallbackTest::fails)).isEqualTo("else");
        assertThatThrownBy(() -> some.call(() -> {
                    throw new IOException("other");
                }))
                .hasMessage("other");
    }

    @Test
    void aRejectionIsOneOfAGuardOrOfTimeThatWasUpBeforeTheCall() {
        TypedGuard<String> guard = breaker.withFallback(Fallback.onRejection().value("else"));
        assertThat(failureOf(guard.execute(FallbackTest::failed))).isSameAs(FAILURE);
        breaker.forceOpen();
        assertThat(guard.execute(FallbackTest::failed).join()).isEqualTo("else");
        assertThat(guard.get(() -> "x")).isEqualTo("else");
    }

    @Test
    void aFunctionGetsTheFailureAndTheOptions() throws Exception {
        TypedGuard<String> guard = breaker.withFallback(
                Fallback.on(IOException.class).fromCall((e, options) -> e.getMessage() + options.get(ID)));
        Function<Long, CompletableFuture<String>> decorated =
                guard.decorate(id -> CallOptions.with(ID, id), id -> failed());
        assertThat(decorated.apply(42L).join()).isEqualTo("first42");
        assertThat(guard.with(CallOptions.with(ID, 7L)).<IOException>call(FallbackTest::fails))
                .isEqualTo("first7");
        TypedGuard<String> from = breaker.withFallback(Fallback.from(Throwable::getMessage));
        assertThat(from.decorateCall(x -> fails()).apply(1)).isEqualTo("first");
    }

    @Test
    void aResultMayBeAsGoodAsAFailure() {
        TypedGuard<Integer> guard = breaker.withFallback(
                Fallback.onResult(Integer.class, result -> result < 0).from(result -> -result));
        assertThat(guard.execute(() -> CompletableFuture.completedFuture(-3)).join())
                .isEqualTo(3);
        assertThat(guard.get(() -> -4)).isEqualTo(4);
        assertThat(guard.get(() -> 4)).isEqualTo(4);
        CompletableFuture<Integer> pending = new CompletableFuture<>();
        CompletableFuture<Integer> future = guard.execute(() -> pending);
        pending.complete(-5);
        assertThat(future.join()).isEqualTo(5);
        assertThat(failureOf(guard.execute(() -> CompletableFuture.failedFuture(FAILURE))))
                .isSameAs(FAILURE);
    }

    @Test
    void aStageStandsInWhenItCompletes() throws Exception {
        CompletableFuture<String> other = new CompletableFuture<>();
        TypedGuard<String> guard =
                breaker.withFallback(Fallback.on(IOException.class).fromStage(e -> other));
        CompletableFuture<String> future = guard.execute(FallbackTest::failed);
        assertThat(future).isNotDone();
        assertThat(breaker.metrics().failures()).isEqualTo(1);
        other.complete("else");
        assertThat(future.join()).isEqualTo("else");
        assertThat(guard.<IOException>call(FallbackTest::fails)).isEqualTo("else");
    }

    @Test
    void itsOwnFailureIsTheCallsWithTheFirstSuppressed() {
        IllegalStateException own = new IllegalStateException("own");
        TypedGuard<String> thrown = breaker.withFallback(Fallback.from(e -> {
            throw own;
        }));
        assertThat(failureOf(thrown.execute(FallbackTest::failed)))
                .isSameAs(own)
                .hasSuppressedException(FAILURE);
        TypedGuard<String> staged = breaker.withFallback(Fallback.on(IOException.class)
                .fromStage(e -> CompletableFuture.failedFuture(new IllegalStateException("stage"))));
        assertThat(failureOf(staged.execute(FallbackTest::failed)))
                .hasMessage("stage")
                .hasSuppressedException(FAILURE);
        assertThatThrownBy(() -> staged.<IOException>call(FallbackTest::fails))
                .hasMessage("stage")
                .hasSuppressedException(FAILURE);
        TypedGuard<String> none =
                breaker.withFallback(Fallback.on(IOException.class).fromStage(e -> null));
        assertThat(failureOf(none.execute(FallbackTest::failed)))
                .hasMessage("the fallback returned null, not a stage")
                .hasSuppressedException(FAILURE);
        TypedGuard<String> same =
                breaker.withFallback(Fallback.on(IOException.class).fromStage(e -> CompletableFuture.failedFuture(e)));
        assertThat(failureOf(same.execute(FallbackTest::failed))).isSameAs(FAILURE);
    }

    @Test
    void aGuardOutsideHearsTheFallbacksEnd() {
        AtomicInteger attempts = new AtomicInteger();
        TypedGuard<String> guard = retry(2).around(breaker.withFallback(Fallback.from(e -> {
            if (attempts.incrementAndGet() < 3) {
                throw new IllegalStateException("not yet");
            }
            return "third";
        })));
        assertThat(guard.execute(FallbackTest::failed).join()).isEqualTo("third");
        assertThat(attempts).hasValue(3);
        attempts.set(0);
        assertThat(guard.get(() -> {
                    throw new IllegalStateException("blocking");
                }))
                .isEqualTo("third");
    }

    @Test
    void aCancelReachesTheFallbacksStageAndAsksNoFallback() {
        CompletableFuture<String> other = new CompletableFuture<>();
        TypedGuard<String> guard =
                breaker.withFallback(Fallback.on(Exception.class).fromStage(e -> {
                    asked.incrementAndGet();
                    return other;
                }));
        CompletableFuture<String> future = guard.execute(FallbackTest::failed);
        future.cancel(true);
        assertThat(other).isCancelled();
        CompletableFuture<String> before = guard.execute(CompletableFuture::new);
        before.cancel(true);
        assertThat(asked).hasValue(1);
    }

    @Test
    void outsideOfAllGuardsItAnswersForTheDeadlineAndTakesItsTime() {
        CompletableFuture<String> other = new CompletableFuture<>();
        TypedGuard<String> guard =
                breaker.withFallback(Fallback.on(CallTimeoutException.class).fromStage(e -> other));
        CompletableFuture<String> future = guard.execute(TENTH, CompletableFuture::new);
        time.advance(Duration.ofMillis(100));
        assertThat(future).isNotDone();
        assertThat(breaker.metrics().failures()).isEqualTo(1);
        time.advance(Duration.ofSeconds(1));
        other.complete("late");
        assertThat(future.join()).isEqualTo("late");
        assertThat(guard.get(TENTH, () -> {
                    time.advance(Duration.ofMillis(100));
                    return "dropped";
                }))
                .isEqualTo("late");
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void aCancelAfterTheDeadlineStillReachesTheFallbacksStage() {
        CompletableFuture<String> other = new CompletableFuture<>();
        CompletableFuture<String> future = breaker.<String>withFallback(
                        Fallback.on(CallTimeoutException.class).fromStage(e -> other))
                .execute(TENTH, CompletableFuture::new);
        time.advance(Duration.ofMillis(100));
        future.cancel(true);
        assertThat(other).isCancelled();
    }

    @Test
    void insideAGuardItIsCutShortAndNotAskedByTheDeadlineOrATimeoutFurtherOut() {
        CompletableFuture<String> other = new CompletableFuture<>();
        TypedGuard<String> inner =
                breaker.withFallback(Fallback.on(Exception.class).fromStage(e -> {
                    asked.incrementAndGet();
                    return other;
                }));
        TypedGuard<String> guard = timeout(200).around(inner);
        CompletableFuture<String> inFlight = guard.execute(FallbackTest::failed);
        assertThat(asked).hasValue(1);
        time.advance(Duration.ofMillis(200));
        assertThat(failureOf(inFlight)).isInstanceOf(CallTimeoutException.class).hasNoSuppressedExceptions();
        assertThat(other).isCancelled();
        CompletableFuture<String> byDeadline = guard.execute(TENTH, CompletableFuture::new);
        CompletableFuture<String> byTimeout = guard.execute(CompletableFuture::new);
        time.advance(Duration.ofMillis(200));
        assertThat(failureOf(byDeadline)).isInstanceOf(CallTimeoutException.class);
        assertThat(failureOf(byTimeout)).isInstanceOf(CallTimeoutException.class);
        assertThatThrownBy(() -> guard.get(() -> {
                    time.advance(Duration.ofMillis(200));
                    return "x";
                }))
                .isInstanceOf(CallTimeoutException.class);
        assertThat(asked).hasValue(1);
    }

    @Test
    void anInterruptedThreadAsksNoFallback() {
        TypedGuard<String> guard = breaker.withFallback(Fallback.value("else"));
        assertThatThrownBy(() -> guard.call(() -> {
                    throw new InterruptedException();
                }))
                .isInstanceOf(InterruptedException.class);
        CompletableFuture<String> never = new CompletableFuture<>();
        TypedGuard<String> stage =
                breaker.withFallback(Fallback.on(IOException.class).fromStage(e -> never));
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> stage.<IOException>call(FallbackTest::fails))
                .isInstanceOf(CallInterruptedException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    /** The types as they are inferred where one would write them. */
    @Test
    void theTypesFit() {
        Guard g = breaker;
        List<TypedGuard<?>> all = new ArrayList<>();
        TypedGuard<List<String>> list = g.withFallback(Fallback.from(e -> List.of()));
        var optional = g.withFallback(Fallback.value(Optional.<String>empty()));
        TypedGuard<Number> number = g.withFallback(Fallback.value(1));
        TypedGuard<String> pipeline = Pipeline.of(Fallback.value("x"), g, retry(0));
        TypedGuard<List<String>> condition =
                g.withFallback(Fallback.on(TimeoutException.class).from(e -> List.of()));
        var inferred = Fallback.from(e -> "y");
        TypedGuard<CharSequence> wider = g.withFallback(inferred);
        TypedGuard<String> twice = pipeline.withFallback(Fallback.value("z"));
        all.addAll(List.of(list, optional, number, pipeline, condition, wider, twice));
        assertThat(all).allMatch(guard -> guard.name().startsWith("b"));
        assertThat(pipeline.execute(FallbackTest::failed).join()).isEqualTo("x");
        assertThat(g.with(TENTH).withFallback(Fallback.value("v")).get(() -> "w"))
                .isEqualTo("w");
    }
}
