package io.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.breaker.CircuitBreaker;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the blocking form hands through: wrappers, interrupts. */
class BlockingCallTest {
    private final VirtualTime time = new VirtualTime();
    private final WeirRuntime runtime = time.runtimeBuilder().build();
    private final CircuitBreaker breaker =
            CircuitBreaker.builder("b").runtime(runtime).build();

    @AfterEach
    void noInterruptIsLeft() {
        Thread.interrupted();
    }

    @Test
    void aWrapperThatTheCallThrowsComesOutAsItIs() {
        ExecutionException checked = new ExecutionException(new IOException("x"));
        assertThatThrownBy(() -> breaker.call(() -> {
                    throw checked;
                }))
                .isSameAs(checked);
        CompletionException unchecked = new CompletionException(new IOException("y"));
        assertThatThrownBy(() -> breaker.get(() -> {
                    throw unchecked;
                }))
                .isSameAs(unchecked);
    }

    @Test
    void guardsJudgeWhatIsInTheWrapper() {
        RetryConfig once = RetryConfig.builder()
                .maxRetries(1)
                .backoff(attempt -> Duration.ZERO)
                .retryOn(IOException.class)
                .build();
        AtomicInteger attempts = new AtomicInteger();
        assertThatThrownBy(() -> Retry.of("r", once, runtime).call(() -> {
                    attempts.incrementAndGet();
                    throw new ExecutionException(new IOException("x"));
                }))
                .isInstanceOf(ExecutionException.class);
        assertThat(attempts).hasValue(2);
    }

    @Test
    void theDeadlinesInterruptIsTakenBack() {
        assertThatThrownBy(() -> breaker.get(CallOptions.within(Duration.ofSeconds(1)), () -> {
                    time.advance(Duration.ofSeconds(1));
                    return Thread.currentThread().isInterrupted();
                }))
                .isInstanceOf(CallTimeoutException.class);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void somebodyElsesInterruptOutlivesTheDeadline() {
        assertThatThrownBy(() -> breaker.run(CallOptions.within(Duration.ofSeconds(1)), () -> {
                    Thread.currentThread().interrupt();
                    time.advance(Duration.ofSeconds(1));
                }))
                .isInstanceOf(CallTimeoutException.class);
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
    }
}
