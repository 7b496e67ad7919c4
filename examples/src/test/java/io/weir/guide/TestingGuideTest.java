package io.weir.guide;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.Pipeline;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.breaker.CircuitBreakerTransition;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import io.weir.testkit.RecordedEvents;
import io.weir.testkit.ScriptedCall;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class TestingGuideTest {
    // guide:test
    private final VirtualTime time = new VirtualTime();
    private final RecordedEvents events = new RecordedEvents();
    private final WeirRuntime runtime = time.runtimeBuilder().listener(events).build();

    @Test
    void aMinuteOfRecoveryTakesAMillisecond() {
        var breaker = CircuitBreaker.builder("orders")
                .failureThreshold(2)
                .recoveryTime(ofSeconds(30))
                .runtime(runtime) // everything under test gets the same runtime
                .build();
        var guard = Pipeline.of(
                Retry.of("orders", RetryConfig.builder().jitter(false).build(), runtime), breaker);
        var call = ScriptedCall.<String>create()
                .thenFail(new IOException("reset"))
                .thenFail(new IOException("reset"))
                .thenReturn("shipped");

        var refused = guard.execute(call); // fails, waits 1 s, fails again: open
        time.advance(ofSeconds(10));
        assertThat(refused).isCompletedExceptionally();
        assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.OPEN);

        time.advance(ofSeconds(30));
        assertThat(guard.execute(call)).isCompletedWithValue("shipped");
        assertThat(call.invocations()).isEqualTo(3);
        assertThat(events.of(CircuitBreakerTransition.class))
                .extracting(CircuitBreakerTransition::to)
                .containsExactly(
                        CircuitBreaker.State.OPEN, CircuitBreaker.State.HALF_OPEN, CircuitBreaker.State.CLOSED);
    }
    // guide:end
}
