package io.weir.guide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.failsafe.CircuitBreaker;
import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import io.weir.guide.OrdersToo.Order;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FromFailsafeGuideTest {
    private final OrdersToo orders = new OrdersToo();

    @Test
    void before() {
        // guide:before
        CircuitBreaker<Order> breaker = CircuitBreaker.<Order>builder()
                .withFailureThreshold(5)
                .withDelay(Duration.ofSeconds(10))
                .build();
        RetryPolicy<Order> retry = RetryPolicy.<Order>builder()
                .handle(IOException.class)
                .withBackoff(Duration.ofMillis(200), Duration.ofSeconds(10))
                .withJitter(0.2)
                .build();
        Order order = Failsafe.with(breaker, retry).get(() -> orders.find(7)); // IOException comes wrapped
        // guide:end
        assertThat(order.id()).isEqualTo(7);
    }
}
