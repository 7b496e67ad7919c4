package io.weir.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.CallOptions;
import io.weir.Pipeline;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.retry.Backoff;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import io.weir.retry.RetryEvent;
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
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/** What the contract promises of a retry and no other test looks at. */
class RetryPromisesTest {
    private final VirtualTime time = new VirtualTime();
    private final RecordedEvents events = new RecordedEvents();
    private final WeirRuntime runtime = time.runtimeBuilder().listener(events).build();

    private Retry retry(RetryConfig.Builder config) {
        return Retry.of("r", config.build(), runtime);
    }

    private static RetryConfig.Builder exact() {
        return RetryConfig.builder().jitter(false);
    }

    private List<Duration> delays(RetryConfig.Builder config, ScriptedCall<?> call) {
        events.clear();
        retry(config).execute(call);
        time.advance(Duration.ofHours(1));
        return events.of(RetryEvent.class).stream()
                .map(RetryEvent::delay)
                .flatMap(Optional::stream)
                .toList();
    }

    @Test
    void wrappersAreUnwrappedBeforeMatching() {
        var call = ScriptedCall.<Integer>create()
                .thenFail(new CompletionException(new IOException()))
                .thenFail(new ExecutionException(new CompletionException(new IOException())))
                .thenReturn(3);
        var result = retry(exact().retryOn(IOException.class)).execute(call);
        time.advance(Duration.ofSeconds(3));
        assertThat(result).isCompletedWithValue(3);

        var excluded = ScriptedCall.<Integer>create().thenFail(new CompletionException(new FileNotFoundException()));
        assertThat(retry(exact().retryOn(IOException.class).excluding(FileNotFoundException.class))
                        .execute(excluded))
                .isCompletedExceptionally();
        assertThat(excluded.invocations()).isEqualTo(1);
    }

    @Test
    void eachRetryAndTheGivingUpIsToldCountedAndLogged() {
        var failure = new IOException("gone");
        Retry retry = retry(exact().maxRetries(2));
        try (var log = new CapturedLog("io.weir.retry")) {
            retry.execute(ScriptedCall.create().thenFail(failure));
            time.advance(Duration.ofSeconds(10));
            assertThat(log.lines())
                    .hasSize(3)
                    .allSatisfy(line -> assertThat(line).startsWith("FINE retry 'r'"))
                    .last()
                    .asString()
                    .contains("giving up");
        }
        assertThat(retry.metrics().retries()).isEqualTo(2);
        assertThat(retry.metrics().givenUp()).isEqualTo(1);
        assertThat(events.of(RetryEvent.class))
                .allSatisfy(e -> assertThat(e.failure()).containsSame(failure))
                .extracting(e -> e.guard() + e.attempt() + e.delay())
                .containsExactly("r1Optional[PT1S]", "r2Optional[PT2S]", "r3Optional.empty");
    }

    @Test
    void aRejectionIsTriedAgainNoSoonerThanItSays() throws Exception {
        CircuitBreaker breaker =
                CircuitBreaker.builder("b").failureThreshold(1).runtime(runtime).build();
        assertThat(breaker.execute(() -> CompletableFuture.failedFuture(new IOException())))
                .isCompletedExceptionally();
        var call = ScriptedCall.<Integer>create().thenReturn(1);
        var result = Pipeline.of(retry(exact().retryRejections(true)), breaker).execute(call);
        time.advance(Duration.ofSeconds(30).minusNanos(1));
        assertThat(result).isNotDone();
        assertThat(events.of(RetryEvent.class)).as("one wait, not many").hasSize(1);
        time.advance(Duration.ofSeconds(7));
        assertThat(result).as("30 s, jittered upwards if at all").isCompletedWithValue(1);
    }

    @Test
    void aFailureOfWeirsOwnCollectsNone() {
        CircuitBreaker breaker =
                CircuitBreaker.builder("b").failureThreshold(1).runtime(runtime).build();
        var call = ScriptedCall.<Integer>create().thenFail(new IOException("first"));
        var guard = Pipeline.of(retry(exact().retryRejections(true).maxRetries(1)), breaker);
        var result = guard.execute(CallOptions.within(Duration.ofSeconds(40)), call);
        time.advance(Duration.ofSeconds(40));
        assertThatThrownBy(result::join)
                .cause()
                .satisfies(e -> assertThat(e.getSuppressed()).isEmpty());
    }

    @Test
    void backOffsGrowAsTheirNamesSayAndMayLookAtTheOutcome() {
        var fails = ScriptedCall.<Integer>create().thenFail(new IOException());
        assertThat(delays(exact().backoff(Backoff.constant(Duration.ofSeconds(2))), fails))
                .containsExactly(Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofSeconds(2));
        assertThat(delays(exact().backoff(Backoff.linear(Duration.ofSeconds(2), Duration.ofSeconds(5))), fails))
                .containsExactly(Duration.ofSeconds(2), Duration.ofSeconds(4), Duration.ofSeconds(5));
        assertThat(delays(exact().backoff(Backoff.exponential(Duration.ofSeconds(1), 3, Duration.ofSeconds(5))), fails))
                .containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(3), Duration.ofSeconds(5));
        List<Object> outcomes = new ArrayList<>();
        var answers = ScriptedCall.<Object>create().thenReturn("busy").thenFail(new IOException());
        delays(
                exact().maxRetries(2)
                        .retryOnResult(String.class, "busy"::equals)
                        .backoff(a -> {
                            outcomes.add(
                                    a.failure() == null
                                            ? a.result()
                                            : a.failure().getClass());
                            return Duration.ofSeconds(a.number());
                        }),
                answers);
        assertThat(outcomes).containsExactly("busy", IOException.class);
    }

    @Test
    void aThousandRetriesThatWaitHoldNoThread() {
        try (var real = WeirRuntime.builder().build()) {
            Retry retry = Retry.of(
                    "r", RetryConfig.builder().baseDelay(Duration.ofMinutes(1)).build(), real);
            int before = Thread.activeCount();
            List<CompletableFuture<Object>> waiting = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                waiting.add(retry.execute(() -> CompletableFuture.failedFuture(new IOException())));
            }
            assertThat(waiting).noneMatch(CompletableFuture::isDone);
            assertThat(Thread.activeCount() - before).as("the timer's, at most").isLessThan(5);
            waiting.forEach(each -> each.cancel(false));
        }
    }
}
