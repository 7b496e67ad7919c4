package io.weir.guide;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.CircuitBreakerOpenException;
import io.weir.breaker.CircuitBreaker;
import io.weir.breaker.FailureDetection;
import io.weir.breaker.OpenBackoff;
import io.weir.guide.Orders.NotFound;
import io.weir.guide.Orders.Order;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

class CircuitBreakerGuideTest {
    private final Orders orders = new Orders();
    private final Map<Long, Order> cache = new ConcurrentHashMap<>();

    // guide:build
    private final CircuitBreaker breaker = CircuitBreaker.builder("orders")
            .failureDetection(
                    FailureDetection.countWindow(100, 0.5).minimumCalls(20).slowCalls(ofSeconds(2), 0.8))
            .recoveryTime(ofSeconds(10))
            .openBackoff(OpenBackoff.exponential(2, ofMinutes(5)))
            .excluding(NotFound.class)
            .build();

    Order order(long id) throws IOException {
        try {
            return breaker.call(() -> orders.find(id));
        } catch (CircuitBreakerOpenException e) {
            return cache.get(id); // e.retryAfter(): when it makes sense to ask again
        }
    }
    // guide:end

    // guide:low
    Order orderByHand(long id) throws IOException {
        long permit = breaker.acquire(); // throws CircuitBreakerOpenException
        try {
            Order order = orders.find(id);
            breaker.onSuccess(permit);
            return order;
        } catch (Throwable e) {
            breaker.onFailure(permit, e); // each permit is reported once, whatever the end
            throw e;
        }
    }
    // guide:end

    @Test
    void anOpenBreakerIsAnsweredFromTheCache() throws Exception {
        cache.put(7L, new Order(7, "cached"));
        assertThat(order(7).status()).isEqualTo("shipped");
        orders.failingWith(new NotFound());
        assertThatThrownBy(() -> order(7)).isInstanceOf(NotFound.class);
        breaker.forceOpen();
        assertThat(order(7).status()).isEqualTo("cached");
        assertThat(breaker.metrics().excluded()).isEqualTo(1);
    }

    @Test
    void aPermitByHandIsReported() throws Exception {
        assertThat(orderByHand(7).id()).isEqualTo(7);
        orders.failingWith(new IOException());
        assertThatThrownBy(() -> orderByHand(7)).isInstanceOf(IOException.class);
        assertThat(breaker.metrics().successes()).isEqualTo(1);
        assertThat(breaker.metrics().failures()).isEqualTo(1);
    }
}
