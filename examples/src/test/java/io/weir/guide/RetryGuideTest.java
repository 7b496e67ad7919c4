package io.weir.guide;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.Failures;
import io.weir.RetryAfterHint;
import io.weir.guide.Orders.NotFound;
import io.weir.guide.Orders.Order;
import io.weir.retry.Backoff;
import io.weir.retry.Retry;
import io.weir.retry.RetryBudget;
import io.weir.retry.RetryConfig;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RetryGuideTest {
    private final VirtualTime time = new VirtualTime();
    private final Orders orders = new Orders();

    // guide:config
    static final RetryConfig HTTP = RetryConfig.builder()
            .maxRetries(4)
            .baseDelay(ofMillis(200))
            .maxDelay(ofSeconds(10))
            .retryOn(IOException.class)
            .retryIf(Failures::isTimeout)
            .excluding(NotFound.class)
            .attemptTimeout(ofSeconds(2))
            .budget(RetryBudget.of(0.1, 5)) // at most 10 % more calls, and 5 a second besides
            .build();
    // guide:end

    // guide:hint
    static final class Busy extends RuntimeException implements RetryAfterHint {
        private static final long serialVersionUID = 1;

        @Override
        public Optional<Duration> retryAfter() {
            return Optional.of(ofSeconds(3)); // what the service said
        }
    }
    // guide:end

    @Test
    void callsAreTriedAgain() {
        orders.failingWith(new IOException("reset"), new IOException("reset"));
        var retry = Retry.of("orders", HTTP, time.runtimeBuilder().build());
        // guide:use
        CompletableFuture<Order> order = retry.execute(() -> orders.findAsync(7));
        // guide:end
        assertThat(order).isNotDone();
        time.advance(ofSeconds(2));
        assertThat(order.join().id()).isEqualTo(7);
        assertThat(retry.metrics().retries()).isEqualTo(2);
    }

    @Test
    void aHintIsHonoured() {
        orders.failingWith(new Busy());
        var retry =
                Retry.of("orders", RetryConfig.DEFAULT, time.runtimeBuilder().build());
        var order = retry.execute(() -> orders.findAsync(7));
        time.advance(ofMillis(2_999));
        assertThat(order).isNotDone();
        time.advance(ofSeconds(1));
        assertThat(order).isCompleted();
    }

    @Test
    void backOffsAreFunctions() {
        // guide:backoff
        var decorrelated = Backoff.decorrelated(ofMillis(50), ofSeconds(5));
        var linear = Backoff.linear(ofMillis(100), ofSeconds(2)).fullJitter();
        Backoff own =
                attempt -> Failures.isTimeout(attempt.failure()) ? ofMillis(10) : ofMillis(100L * attempt.number());
        // guide:end
        var config = RetryConfig.builder().backoff(own).build();
        assertThat(config.toBuilder().backoff(linear).build()).isNotEqualTo(config);
        assertThat(decorrelated).isNotNull();
    }
}
