package io.weir.guide;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.functions.CheckedSupplier;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import io.weir.guide.OrdersToo.Order;
import org.junit.jupiter.api.Test;

class FromResilience4jGuideTest {
    private final OrdersToo orders = new OrdersToo();

    @Test
    void before() throws Throwable {
        // guide:before
        CircuitBreaker breaker = CircuitBreaker.of(
                "orders",
                CircuitBreakerConfig.custom()
                        .slidingWindowSize(100)
                        .minimumNumberOfCalls(20)
                        .failureRateThreshold(50)
                        .build());
        Retry retry = Retry.of("orders", RetryConfig.custom().maxAttempts(4).build());
        CheckedSupplier<Order> guarded = CircuitBreaker.decorateCheckedSupplier(
                breaker, Retry.decorateCheckedSupplier(retry, () -> orders.find(7)));
        Order order = guarded.get(); // throws Throwable
        // guide:end
        assertThat(order.id()).isEqualTo(7);
    }
}
