package io.weir.guide;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.CircuitBreakerOpenException;
import io.weir.annotation.GuardedProxy;
import io.weir.annotation.LimitKey;
import io.weir.annotation.WithCircuitBreaker;
import io.weir.annotation.WithRateLimit;
import io.weir.annotation.WithRetry;
import io.weir.annotation.WithTimeout;
import io.weir.breaker.CircuitBreaker;
import io.weir.guide.Orders.Order;
import io.weir.registry.WeirRegistry;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class AnnotationsGuideTest {
    // guide:interface
    interface Shop {
        @WithCircuitBreaker(failureThreshold = 3, recoveryTime = "10s")
        @WithRetry(
                maxRetries = 5,
                baseDelay = "500ms",
                retryOn = {ConnectException.class, TimeoutException.class})
        CompletableFuture<Order> order(long id);

        @WithRateLimit(name = "tenants")
        @WithTimeout("800ms")
        List<Order> search(@LimitKey String tenant, String query) throws IOException;
    }
    // guide:end

    /** Fails as told. */
    private static final class Remote implements Shop {
        final List<CompletableFuture<Order>> answers = new ArrayList<>();
        int asked;

        @Override
        public CompletableFuture<Order> order(long id) {
            asked++;
            return answers.isEmpty() ? CompletableFuture.completedFuture(new Order(id, "shipped")) : answers.remove(0);
        }

        @Override
        public List<Order> search(String tenant, String query) throws IOException {
            if (query.isEmpty()) {
                throw new IOException("no query");
            }
            return List.of(new Order(1, tenant));
        }
    }

    @Test
    void anImplementationIsGuarded() throws Exception {
        var remote = new Remote();
        // guide:proxy
        Shop shop = GuardedProxy.of(Shop.class, remote);
        // guide:end
        assertThat(shop.order(7)).isCompletedWithValue(new Order(7, "shipped"));
        assertThat(shop.search("acme", "shoes")).hasSize(1);
        assertThatThrownBy(() -> shop.search("acme", "")).hasMessage("no query");
        assertThatThrownBy(() -> GuardedProxy.of(Remote.class, remote)).hasMessageContaining("interface");
    }

    @Test
    void namedGuardsAreTheRegistrys() throws Exception {
        var time = new VirtualTime();
        var remote = new Remote();
        // guide:registry
        var registry = WeirRegistry.builder()
                .settings(Map.of("weir.keyed-limiter.tenants.default-rate", "50/1s")) // the limiter that Shop names
                // guide:hide
                .runtime(time.runtimeBuilder().build())
                // guide:show
                .build();
        Shop shop = GuardedProxy.of(Shop.class, remote, registry);
        // guide:end
        shop.search("acme", "shoes");
        assertThat(registry.keyedLimiter("tenants").availableTokens("acme")).isEqualTo(49);

        remote.answers.add(CompletableFuture.failedFuture(new ConnectException("refused")));
        var order = shop.order(7);
        time.advance(ofMillis(600)); // 500 ms, a fifth more at most
        assertThat(order).isCompleted();
        assertThat(remote.asked).isEqualTo(2);
        assertThat(registry.guards(CircuitBreaker.class)).as("a method's own").isEmpty();
        registry.close();
    }

    @Test
    void theBreakerIsOutsideOfTheRetryAndOpensAfterThreeCalls() {
        var time = new VirtualTime();
        var remote = new Remote();
        var registry =
                WeirRegistry.builder().runtime(time.runtimeBuilder().build()).build();
        var refused = new ConnectException("refused");
        assertThatThrownBy(() -> GuardedProxy.of(Shop.class, remote, registry))
                .as("what is named must be known to the registry, or be described")
                .hasMessageContaining("tenants");
        registry.keyedLimiter("tenants");
        Shop shop = GuardedProxy.of(Shop.class, remote, registry);
        for (int call = 0; call < 3; call++) {
            for (int attempt = 0; attempt < 6; attempt++) {
                remote.answers.add(CompletableFuture.failedFuture(refused));
            }
            var order = shop.order(7);
            time.advance(ofSeconds(20)); // five retries take 15.5 s, a fifth more at most
            assertThat(order).isCompletedExceptionally();
        }
        assertThat(remote.asked).isEqualTo(18);
        assertThatThrownBy(() -> shop.order(7).join()).hasCauseInstanceOf(CircuitBreakerOpenException.class);
        registry.close();
    }
}
