package io.weir.guide;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.Guard;
import io.weir.breaker.CircuitBreaker;
import io.weir.guide.Orders.Order;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.registry.WeirRegistry;
import io.weir.retry.Retry;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class RegistryGuideTest {
    private final Orders orders = new Orders();

    @Test
    void aFile() throws Exception {
        // guide:file
        var settings = new Properties(); // or any map: values are texts, numbers, booleans, lists of texts
        settings.setProperty("weir.breaker.default.failure-threshold", "10");
        settings.setProperty("weir.breaker.billing.recovery-time", "10s");
        settings.setProperty("weir.limiter.billing.rate", "100/1s");
        settings.setProperty("weir.pipeline.billing", "breaker, retry, limiter"); // outermost first

        try (var registry = WeirRegistry.of(settings)) {
            Guard guard = registry.pipeline("billing");
            Order order = guard.call(() -> orders.find(7));

            settings.setProperty("weir.limiter.billing.rate", "50/1s");
            registry.reload(settings); // checks all, then changes all; or changes nothing
            // guide:hide
            assertThat(order.id()).isEqualTo(7);
            assertThat(registry.limiter("billing").availableTokens()).isLessThanOrEqualTo(50);
            settings.setProperty("weir.breaker.billing.recovery-tme", "10s");
            assertThatThrownBy(() -> registry.reload(settings))
                    .hasMessageContaining("weir.breaker.billing.recovery-tme")
                    .hasMessageContaining("did you mean 'recovery-time'?");
            // guide:show
        }
        // guide:end
    }

    @Test
    void code() {
        List<String> report = new ArrayList<>();
        var settings = Map.of("weir.breaker.search.recovery-time", "10s");
        // guide:code
        var registry = WeirRegistry.builder()
                .breakers(b -> b.failureThreshold(7)) // of all that nobody says more of
                .retries(r -> r.baseDelay(ofMillis(50)))
                .settings(settings)
                .build();
        // made when it is first asked for; all who ask get the same
        CircuitBreaker search = registry.breaker("search", b -> b.halfOpenMaxCalls(3));
        TokenBucketRateLimiter mine = registry.add(TokenBucketRateLimiter.of("mine", 5));
        for (CircuitBreaker breaker : registry.guards(CircuitBreaker.class)) {
            report.add(breaker.name() + ": " + breaker.metrics().failures());
        }
        // guide:end
        assertThat(report).containsExactly("search: 0");
        assertThat(registry.breaker("search")).isSameAs(search);
        registry.close();
        assertThat(mine.tryAcquire()).as("added, and so not closed").isTrue();
        assertThatThrownBy(() -> registry.breaker("search")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whatIsLastDescribedWinsAndWhatCantChangeIsRefused() {
        var time = new VirtualTime();
        var builder =
                WeirRegistry.builder().runtime(time.runtimeBuilder().build()).retries(r -> r.baseDelay(ofMillis(50)));
        try (var registry =
                builder.settings(Map.of("weir.retry.default.jitter", false)).build()) {
            Retry retry = registry.retry("orders");
            orders.failingWith(new IOException());
            var order = retry.execute(() -> orders.findAsync(7));
            time.advance(ofMillis(50));
            assertThat(order).isCompleted();
            assertThatThrownBy(() -> registry.reload(Map.of("weir.retry.orders.overall-timeout", "2s")))
                    .as("a part can't come")
                    .hasMessageContaining("can't");
            registry.bulkhead("orders");
            assertThatThrownBy(() -> registry.reload(Map.of("weir.bulkhead.orders.max-waiters", 5)))
                    .hasMessageContaining("maxWaiters");
        }
        var timed = Map.of("weir.breaker.orders.failure-detection", "time-window(10s, 50%, 20, 2s, 80%)");
        try (var registry = WeirRegistry.of(timed)) {
            assertThatThrownBy(() -> registry.reload(
                            Map.of("weir.breaker.orders.failure-detection", "time-window(10s, 50%, 20, 3s, 80%)")))
                    .hasMessageContaining("slow");
            registry.reload(Map.of("weir.breaker.orders.failure-detection", "count-window(100, 50%, 20, 2s, 80%)"));
        }
    }
}
