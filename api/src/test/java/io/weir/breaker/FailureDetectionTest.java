package io.weir.breaker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.CallOptions;
import io.weir.Guard;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker.State;
import io.weir.testkit.ScriptedCall;
import io.weir.testkit.VirtualTime;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/** Windows and slow calls through the guard, and what counts as what. */
class FailureDetectionTest {
    private final VirtualTime time = new VirtualTime();
    private final WeirRuntime runtime = time.runtimeBuilder().build();

    private CircuitBreaker breaker(FailureDetection detection) {
        return builder().failureDetection(detection).build();
    }

    private CircuitBreaker.Builder builder() {
        return CircuitBreaker.builder("b").runtime(runtime);
    }

    private static void fail(Guard guard, Throwable failure) {
        assertThatThrownBy(() -> guard.call(ScriptedCall.create().thenFail(failure)))
                .isSameAs(failure);
    }

    private int slowly(Guard guard, Duration duration) {
        return guard.get(() -> {
            time.advance(duration);
            return 1;
        });
    }

    @Test
    void aCountWindowOpensAtTheShareOfTheLastCalls() {
        CircuitBreaker breaker = breaker(FailureDetection.countWindow(10, 0.3).minimumCalls(1));
        for (int i = 0; i < 10; i++) {
            breaker.get(() -> 1);
        }
        for (int i = 0; i < 5; i++) {
            fail(breaker, new IOException());
            fail(breaker, new IOException());
            for (int j = 0; j < 8; j++) {
                breaker.get(() -> 1);
            }
        }
        assertThat(breaker.state()).as("always 2 of the last 10").isEqualTo(State.CLOSED);
        fail(breaker, new IOException());
        fail(breaker, new IOException());
        assertThat(breaker.state()).as("2 of the last 10").isEqualTo(State.CLOSED);
        fail(breaker, new IOException());
        assertThat(breaker.state()).as("3 of the last 10").isEqualTo(State.OPEN);
    }

    @Test
    void aWindowIsNotJudgedBeforeTwentyCallsUnlessToldOtherwise() {
        for (FailureDetection detection : new FailureDetection[] {
            FailureDetection.countWindow(100, 0.5), FailureDetection.timeWindow(Duration.ofSeconds(10), 0.5)
        }) {
            CircuitBreaker breaker = breaker(detection);
            for (int i = 0; i < 19; i++) {
                fail(breaker, new IOException());
            }
            assertThat(breaker.state()).isEqualTo(State.CLOSED);
            breaker.get(() -> 1);
            assertThat(breaker.state()).as("judged after a success too").isEqualTo(State.OPEN);
        }
        CircuitBreaker small = breaker(FailureDetection.countWindow(2, 1.0));
        fail(small, new IOException());
        fail(small, new IOException());
        assertThat(small.state()).as("fewer, if the window holds fewer").isEqualTo(State.OPEN);
    }

    @Test
    void aTimeWindowForgetsWhatIsOlder() {
        CircuitBreaker breaker =
                breaker(FailureDetection.timeWindow(Duration.ofSeconds(10), 0.5).minimumCalls(2));
        fail(breaker, new IOException());
        time.advance(Duration.ofSeconds(10));
        fail(breaker, new IOException());
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
        time.advance(Duration.ofSeconds(8));
        fail(breaker, new IOException());
        assertThat(breaker.state()).isEqualTo(State.OPEN);
    }

    @Test
    void slowCallsOpenItWhetherTheySucceedOrFailAndAreCounted() {
        for (FailureDetection detection : new FailureDetection[] {
            FailureDetection.countWindow(4, 1.0).minimumCalls(4).slowCalls(Duration.ofSeconds(1), 0.5),
            FailureDetection.timeWindow(Duration.ofMinutes(1), 1.0)
                    .slowCalls(Duration.ofSeconds(1), 0.5)
                    .minimumCalls(4)
        }) {
            CircuitBreaker breaker = breaker(detection);
            slowly(breaker, Duration.ofMillis(999));
            slowly(breaker, Duration.ofSeconds(1));
            CompletableFuture<Integer> pending = new CompletableFuture<>();
            CompletableFuture<Integer> call = breaker.execute(() -> pending);
            time.advance(Duration.ofSeconds(2));
            pending.completeExceptionally(new IOException());
            assertThat(call).isCompletedExceptionally();
            assertThat(breaker.state()).isEqualTo(State.CLOSED);
            breaker.get(() -> 1);
            assertThat(breaker.state()).isEqualTo(State.OPEN);
            assertThat(breaker.metrics().slow()).isEqualTo(2);
            assertThat(breaker.metrics().failures()).isEqualTo(1);
            assertThat(breaker.metrics().successes()).isEqualTo(3);
        }
    }

    @Test
    void theLowLevelFormIsJudgedByTheDurationItIsTold() {
        CircuitBreaker breaker = breaker(FailureDetection.countWindow(2, 1.0).slowCalls(Duration.ofNanos(500), 1.0));
        breaker.onSuccess(breaker.acquire(), 500);
        breaker.onSuccess(breaker.acquire());
        breaker.onSuccess(breaker.acquire(), 600);
        assertThat(breaker.state()).as("of unknown duration: not slow").isEqualTo(State.CLOSED);
        breaker.onFailure(breaker.acquire(), new IOException(), 600);
        assertThat(breaker.state()).isEqualTo(State.OPEN);
        assertThat(breaker.metrics().slow()).isEqualTo(3);
    }

    @Test
    void withoutSlowCallsNoneIsSlow() {
        CircuitBreaker breaker = breaker(FailureDetection.countWindow(2, 1.0));
        slowly(breaker, Duration.ofHours(1));
        slowly(breaker, Duration.ofHours(1));
        assertThat(breaker.state()).isEqualTo(State.CLOSED);
        assertThat(breaker.metrics().slow()).isZero();
    }

    @Test
    void aCallThatTimesOutIsAFailureInTheWindow() {
        CircuitBreaker breaker = breaker(FailureDetection.countWindow(1, 1.0));
        CompletableFuture<Integer> call =
                breaker.execute(CallOptions.within(Duration.ofSeconds(1)), () -> new CompletableFuture<>());
        time.advance(Duration.ofSeconds(1));
        assertThat(call).isCompletedExceptionally();
        assertThat(breaker.state()).isEqualTo(State.OPEN);
    }

    @Test
    void wrappedFailuresAreMatchedByWhatIsInside() {
        CircuitBreaker breaker = builder()
                .failureThreshold(1)
                .excluding(FileNotFoundException.class)
                .failureIf(e -> e instanceof IOException)
                .build();
        FileNotFoundException excluded = new FileNotFoundException();
        assertThat(breaker.execute(() ->
                        CompletableFuture.failedFuture(new CompletionException(new ExecutionException(excluded)))))
                .isCompletedExceptionally();
        assertThat(breaker.execute(() -> CompletableFuture.supplyAsync(
                        () -> {
                            throw new CompletionException(excluded);
                        },
                        Runnable::run)))
                .isCompletedExceptionally();
        fail(breaker, new ExecutionException(excluded));
        assertThatThrownBy(() -> breaker.call(ScriptedCall.create().thenFail(new CompletionException(excluded))))
                .isSameAs(excluded);
        breaker.onFailure(breaker.acquire(), new CompletionException(excluded));
        assertThat(breaker.metrics().excluded()).isEqualTo(5);
        fail(breaker, new ExecutionException(new IllegalStateException()));
        assertThat(breaker.metrics().successes()).isEqualTo(1);
        fail(breaker, new ExecutionException(new IOException()));
        assertThat(breaker.state()).isEqualTo(State.OPEN);
    }

    @Test
    void anErrorIsAFailureWhateverThePredicatesSay() {
        CircuitBreaker breaker = builder()
                .failureThreshold(2)
                .failureIf(e -> false)
                .excludeIf(e -> true)
                .build();
        fail(breaker, new AssertionError());
        assertThat(breaker.execute(() -> CompletableFuture.failedFuture(new CompletionException(new AssertionError()))))
                .isCompletedExceptionally();
        assertThat(breaker.state()).isEqualTo(State.OPEN);
    }

    @Test
    void resultsOfSeveralTypesMayBeFailures() {
        CircuitBreaker breaker = builder()
                .failureThreshold(3)
                .failureOnResult(Integer.class, status -> status >= 500)
                .failureOnResult(CharSequence.class, text -> text.length() == 0)
                .build();
        assertThat(breaker.<Object>get(() -> 503)).isEqualTo(503);
        assertThat(breaker.<Object>get(() -> "")).isEqualTo("");
        assertThat(breaker.execute(() -> CompletableFuture.completedFuture(500)))
                .isCompletedWithValue(500);
        assertThat(breaker.state()).isEqualTo(State.OPEN);
        assertThat(breaker.metrics().failures()).isEqualTo(3);
    }

    @Test
    void badValuesAreNamedWithWhatIsAllowed() {
        bad(() -> FailureDetection.countWindow(0, 0.5), "size must be from 1 to 1000000, but was 0");
        bad(
                () -> FailureDetection.countWindow(5, 0),
                "failureRate must be greater than 0.0 and at most 1.0, but was 0.0");
        bad(() -> FailureDetection.countWindow(5, 0.5).minimumCalls(6), "minimumCalls must be from 1 to 5, but was 6");
        bad(
                () -> FailureDetection.timeWindow(Duration.ofMillis(9), 0.5),
                "duration must be from PT0.01S to PT1H, but was PT0.009S");
        bad(() -> FailureDetection.timeWindow(Duration.ofSeconds(Long.MAX_VALUE), 0.5), "duration must be from");
        bad(
                () -> FailureDetection.timeWindow(Duration.ofSeconds(1), 0.5).slowCalls(Duration.ZERO, 0.5),
                "duration must be from PT0.000000001S to PT");
        bad(
                () -> FailureDetection.timeWindow(Duration.ofSeconds(1), 0.5).slowCalls(Duration.ofSeconds(1), 2),
                "slowCallRate must be greater than 0.0 and at most 1.0, but was 2.0");
        bad(() -> builder().recoveryTime(Duration.ofSeconds(Long.MAX_VALUE)), "recoveryTime must be from");
        bad(() -> builder().trialTimeout(Duration.ofSeconds(-1)), "trialTimeout must be from");
        bad(() -> OpenBackoff.exponential(2, Duration.ofSeconds(Long.MAX_VALUE)), "max must be from");
        bad(() -> builder().failureOnResult(int.class, x -> true), "type must be a class of objects");
    }

    private static void bad(Runnable building, String message) {
        assertThatIllegalArgumentException().isThrownBy(building::run).withMessageContaining(message);
    }

    @Test
    void detectionsAreComparedByValue() {
        assertThat(FailureDetection.countWindow(100, 0.5))
                .isEqualTo(FailureDetection.countWindow(100, 0.5).minimumCalls(20))
                .hasSameHashCodeAs(FailureDetection.countWindow(100, 0.5).minimumCalls(20))
                .isNotEqualTo(FailureDetection.consecutive(5));
    }
}
