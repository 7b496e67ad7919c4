package io.weir.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.AsyncCall;
import io.weir.CircuitBreakerOpenException;
import io.weir.Pipeline;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.breaker.CircuitBreaker.State;
import io.weir.breaker.CircuitBreakerTransition;
import io.weir.guard.Bulkhead;
import io.weir.testkit.RecordedEvents;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What the contract promises of a breaker and no other test looks at from outside. */
class BreakerPromisesTest {
    private final VirtualTime time = new VirtualTime();
    private final RecordedEvents events = new RecordedEvents();
    private final WeirRuntime runtime = time.runtimeBuilder().listener(events).build();

    private CircuitBreaker.Builder builder() {
        return CircuitBreaker.builder("b").runtime(runtime);
    }

    private static void failOnce(CircuitBreaker breaker) {
        assertThat(breaker.execute(() -> CompletableFuture.failedFuture(new IOException())))
                .isCompletedExceptionally();
    }

    private static CircuitBreakerOpenException refusal(CircuitBreaker breaker) {
        try {
            breaker.run(() -> {});
        } catch (CircuitBreakerOpenException e) {
            return e;
        }
        throw new AssertionError("not refused: " + breaker);
    }

    @Test
    void theDefaultsAreThoseOfTheContract() {
        CircuitBreaker breaker = builder().build();
        for (int i = 0; i < 4; i++) {
            failOnce(breaker);
        }
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
        failOnce(breaker);
        assertThat(breaker.state()).isEqualTo(State.OPEN);
        assertThat(refusal(breaker).retryAfter()).contains(Duration.ofSeconds(30));
        time.advance(Duration.ofSeconds(30));
        var hangs = new CompletableFuture<String>();
        var trial = breaker.execute(() -> hangs);
        assertThat(refusal(breaker).state()).as("one trial at once").isEqualTo("HALF_OPEN");
        hangs.complete("well");
        assertThat(trial).isCompletedWithValue("well");
        assertThat(breaker.state()).as("one success closes").isEqualTo(State.CLOSED);

        for (int i = 0; i < 5; i++) {
            failOnce(breaker);
        }
        time.advance(Duration.ofSeconds(30));
        breaker.execute(CompletableFuture<String>::new);
        time.advance(Duration.ofSeconds(60).minusNanos(1));
        assertThat(breaker.state()).isEqualTo(State.HALF_OPEN);
        time.advance(Duration.ofNanos(1));
        assertThat(breaker.state())
                .as("a trial that never reports is a failure")
                .isEqualTo(State.OPEN);
    }

    @Test
    void aRefusalSaysWhoInWhichStateAndWhenToComeBack() {
        CircuitBreaker breaker = builder()
                .failureThreshold(1)
                .trialTimeout(Duration.ofSeconds(40))
                .build();
        failOnce(breaker);
        time.advance(Duration.ofSeconds(29));
        assertThat(refusal(breaker).retryAfter()).contains(Duration.ofSeconds(1));
        time.advance(Duration.ofSeconds(5));
        breaker.execute(CompletableFuture<String>::new);
        assertThat(refusal(breaker)).satisfies(e -> {
            assertThat(e.guard()).isEqualTo("b");
            assertThat(e.state()).isEqualTo("HALF_OPEN");
            assertThat(e.retryAfter()).as("at most the recovery time").contains(Duration.ofSeconds(30));
        });
        time.advance(Duration.ofSeconds(25));
        assertThat(refusal(breaker).retryAfter()).contains(Duration.ofSeconds(15));
        breaker.forceOpen();
        assertThat(refusal(breaker).state()).isEqualTo("FORCED_OPEN");
        assertThat(refusal(breaker).retryAfter()).isEmpty();
    }

    @Test
    void everyEndOfATrialGivesItsSlotBackInBothForms() {
        Map<String, AsyncCall<Object>> ends = new LinkedHashMap<>();
        ends.put("success", () -> CompletableFuture.completedFuture(1));
        ends.put("failure", () -> CompletableFuture.failedFuture(new IOException()));
        ends.put("excluded", () -> CompletableFuture.failedFuture(new IllegalArgumentException()));
        ends.put("cancelled", () -> CompletableFuture.failedFuture(new CancellationException()));
        ends.put("interrupt", () -> CompletableFuture.failedFuture(new InterruptedException()));
        ends.put("error", () -> CompletableFuture.failedFuture(new AssertionError()));
        ends.put("throws", () -> {
            throw new IOException();
        });
        ends.put("throws an error", () -> {
            throw new AssertionError();
        });
        ends.put("null stage", () -> null);
        ends.forEach((end, call) -> {
            CircuitBreaker breaker = builder()
                    .failureThreshold(1)
                    .excluding(IllegalArgumentException.class)
                    .build();
            failOnce(breaker);
            for (int i = 0; i < 3; i++) {
                time.advance(Duration.ofSeconds(30));
                if (breaker.state() == State.CLOSED) {
                    failOnce(breaker);
                    time.advance(Duration.ofSeconds(30));
                }
                assertThat(breaker.execute(call)).as(end).isDone();
                time.advance(Duration.ofSeconds(30));
                if (breaker.state() == State.CLOSED) {
                    failOnce(breaker);
                    time.advance(Duration.ofSeconds(30));
                }
                assertThatThrownBy(() -> breaker.call(() -> {
                            var stage = call.start();
                            if (stage == null) {
                                throw new IOException();
                            }
                            return blockingly(stage.toCompletableFuture());
                        }))
                        .as(end)
                        .isNotInstanceOf(CircuitBreakerOpenException.class);
            }
            time.advance(Duration.ofSeconds(30));
            assertThat(breaker.get(() -> "admitted")).as(end).isEqualTo("admitted");
            Thread.interrupted();
        });
    }

    /** Always throws, so that one assertion serves all ends. */
    private static Object blockingly(CompletableFuture<?> stage) throws Exception {
        Throwable failure = stage.handle((r, e) -> e).get();
        if (failure instanceof Exception e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
        throw new IOException("a success, but this one fails");
    }

    @Test
    void theStatesByHandAdmitAndRecordAsTheySay() {
        CircuitBreaker breaker = builder().failureThreshold(2).build();
        breaker.disable();
        for (int i = 0; i < 5; i++) {
            failOnce(breaker);
        }
        assertThat(breaker.state()).isEqualTo(State.DISABLED);
        assertThat(breaker.metrics().failures()).as("nothing is recorded").isZero();
        breaker.metricsOnly();
        for (int i = 0; i < 5; i++) {
            failOnce(breaker);
        }
        assertThat(breaker.state()).isEqualTo(State.METRICS_ONLY);
        assertThat(breaker.metrics().failures()).isEqualTo(5);
        breaker.forceOpen();
        time.advance(Duration.ofDays(1));
        assertThat(refusal(breaker).state()).isEqualTo("FORCED_OPEN");
        breaker.reset();
        failOnce(breaker);
        breaker.reset();
        failOnce(breaker);
        assertThat(breaker.state()).as("a reset clears the detection").isEqualTo(State.CLOSED);
        assertThat(breaker.metrics().failures())
                .as("and the metrics go on counting")
                .isEqualTo(7);
    }

    @Test
    void whatIsNoFailureByItselfIsOneIfAPredicateSaysSo() {
        CircuitBreaker breaker =
                builder().failureThreshold(1).failureIf(e -> true).build();
        assertThat(breaker.execute(() -> CompletableFuture.failedFuture(new CancellationException())))
                .isCompletedExceptionally();
        assertThat(breaker.state()).isEqualTo(State.OPEN);
        breaker.reset();
        Bulkhead full =
                Bulkhead.builder("full").maxConcurrent(1).runtime(runtime).build();
        assertThat(full.tryAcquire()).isTrue();
        assertThat(Pipeline.of(breaker, full).execute(() -> CompletableFuture.completedFuture(1)))
                .isCompletedExceptionally();
        assertThat(breaker.state()).isEqualTo(State.OPEN);
    }

    @Test
    void metricsTellWhenTheStateChangedLastAndTheLast32Changes() {
        Instant made = time.wallTime();
        CircuitBreaker breaker = builder()
                .failureThreshold(1)
                .trialTimeout(Duration.ofSeconds(10))
                .build();
        assertThat(breaker.metrics().lastTransitionAt()).isEqualTo(made);
        assertThat(breaker.metrics().lastTransitions()).isEmpty();
        time.advance(Duration.ofSeconds(5));
        failOnce(breaker);
        time.advance(Duration.ofSeconds(7));
        assertThat(breaker.metrics().lastTransitionAt()).isEqualTo(made.plusSeconds(5));
        assertThat(breaker.metrics().lastTransitions())
                .extracting(CircuitBreakerTransition::to)
                .containsExactly(State.OPEN);
        time.advance(Duration.ofSeconds(23));
        breaker.execute(CompletableFuture<String>::new);
        time.advance(Duration.ofSeconds(100));
        assertThat(breaker.metrics().lastTransitionAt())
                .as("the trial was lost after its 10 s, whenever that is noticed")
                .isEqualTo(made.plusSeconds(45));
        assertThat(events.of(CircuitBreakerTransition.class))
                .extracting(CircuitBreakerTransition::at)
                .containsExactly(made.plusSeconds(5), made.plusSeconds(35), made.plusSeconds(45));
        for (int i = 0; i < 50; i++) {
            breaker.forceOpen();
            breaker.reset();
        }
        assertThat(breaker.metrics().lastTransitions())
                .hasSize(32)
                .extracting(CircuitBreakerTransition::number)
                .isSorted()
                .endsWith(breaker.metrics().transitions());
    }

    @Test
    void transitionsAreLoggedForTheOperator() {
        try (var log = new CapturedLog("io.weir.breaker")) {
            failOnce(builder().failureThreshold(1).build());
            assertThat(log.lines()).containsExactly("INFO circuit breaker 'b': CLOSED -> OPEN");
        }
    }
}
