package io.weir.guide;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.Guard;
import io.weir.Pipeline;
import io.weir.breaker.CircuitBreaker;
import io.weir.breaker.FailureDetection;
import io.weir.guide.OrdersToo.Order;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class MigratedGuideTest {
    private final OrdersToo orders = new OrdersToo();

    @Test
    void fromResilience4j() throws IOException {
        // guide:resilience4j
        CircuitBreaker breaker = CircuitBreaker.builder("orders")
                .failureDetection(FailureDetection.countWindow(100, 0.5).minimumCalls(20))
                .recoveryTime(ofSeconds(60))
                .build();
        Guard guard = Pipeline.of(breaker, Retry.of("orders"));
        Order order = guard.call(() -> orders.find(7)); // throws IOException
        // guide:end
        assertThat(order.id()).isEqualTo(7);
    }

    @Test
    void fromFailsafe() throws IOException {
        // guide:failsafe
        CircuitBreaker breaker = CircuitBreaker.builder("orders")
                .failureThreshold(5)
                .recoveryTime(ofSeconds(10))
                .build();
        RetryConfig config = RetryConfig.builder()
                .retryOn(IOException.class)
                .baseDelay(ofMillis(200))
                .maxDelay(ofSeconds(10))
                .build();
        Order order = Pipeline.of(breaker, Retry.of("orders", config)).call(() -> orders.find(7)); // throws IOException
        // guide:end
        assertThat(order.id()).isEqualTo(7);
    }

    @Test
    void fromBucket4j() throws IOException {
        // guide:bucket4j
        TokenBucketRateLimiter limiter =
                TokenBucketRateLimiter.builder("orders").rate(50).maxTokens(100).build();
        Order order = limiter.call(() -> orders.find(7)); // waits for its token, then calls
        // guide:end
        assertThat(order.id()).isEqualTo(7);
    }
}
