package io.weir.guide;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.CallKey;
import io.weir.CallOptions;
import io.weir.Pipeline;
import io.weir.RateLimitExceededException;
import io.weir.guide.Orders.Order;
import io.weir.ratelimit.AdaptiveRateLimiter;
import io.weir.ratelimit.EndpointRateLimiter;
import io.weir.ratelimit.TokenBucketRateLimiter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LimiterGuideTest {
    private final Orders orders = new Orders();

    @Test
    void aTokenBucket() throws Exception {
        // guide:bucket
        var limiter = TokenBucketRateLimiter.builder("orders")
                .rate(50)
                .period(ofSeconds(1))
                .maxTokens(100) // the burst
                .build();

        // waits in line for its token, holds no thread meanwhile
        CompletableFuture<Order> order = limiter.execute(() -> orders.findAsync(7));
        // costs 2.5 tokens and gives up if that takes longer than 800 ms in all
        var found = limiter.execute(CallOptions.tokens(2.5).andWithin(ofMillis(800)), () -> orders.search("shoes"));
        // now or never
        boolean granted = limiter.tryAcquire();
        // refuses where the limiter would wait; the same bucket
        Order now = limiter.failFast().call(() -> orders.find(7));
        // guide:end
        assertThat(order.join()).isEqualTo(now);
        assertThat(found.join()).hasSize(1);
        assertThat(granted).isTrue();
        // guide:rerate
        limiter.updateRate(u -> u.rate(20).maxTokens(40));
        // guide:end
        assertThat(limiter.availableTokens()).isLessThanOrEqualTo(40);
    }

    @Test
    void twoLimitsInOneCall() {
        // guide:two
        CallKey<Integer> llmTokens = CallKey.of("llmTokens");
        var requests = TokenBucketRateLimiter.of("requests", 10);
        var tokens = TokenBucketRateLimiter.builder("tokens")
                .rate(100_000)
                .period(ofMinutes(1))
                .build();
        var guard = Pipeline.of(requests.costing(1), tokens.costing(llmTokens));

        guard.execute(CallOptions.with(llmTokens, 1_500), () -> orders.search("shoes"));
        // guide:end
        assertThat(requests.availableTokens()).isBetween(9.0, 9.9);
        assertThat(tokens.availableTokens()).isBetween(98_500.0, 99_500.0);
    }

    @Test
    void aBucketAKey() {
        // guide:keyed
        var tenants = EndpointRateLimiter.builder("tenants")
                .defaultRate(10)
                .override("acme", 100, ofSeconds(1))
                .build();

        CompletableFuture<Order> order = tenants.execute("acme", () -> orders.findAsync(7));
        // in a pipeline the key comes with the call
        var guard = Pipeline.of(tenants, TokenBucketRateLimiter.of("all", 1_000).costing(1));
        guard.execute(CallOptions.key("acme"), () -> orders.findAsync(7));
        // now or never: nothing is allocated, also for a key that was never seen
        boolean granted = tenants.tryAcquire("a-stranger", 1);
        // a new rate while in use, and back to the default
        tenants.updateRateLimit("acme", u -> u.rate(200).resetTokens());
        tenants.remove("acme");
        // guide:end
        assertThat(order.join().id()).isEqualTo(7);
        assertThat(granted).isTrue();
    }

    @Test
    void aBucketThatFollowsTheService() {
        // guide:adaptive
        var limiter = AdaptiveRateLimiter.builder("github")
                .initialRate(10)
                .minRate(0.5)
                .build();

        CompletableFuture<Order> order = limiter.execute(() -> orders.findAsync(7));
        // after each response: any map of strings or lists, or java.net.http's HttpHeaders
        limiter.updateFromHeaders(200, Map.of("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", List.of("30")));
        // guide:end
        assertThat(order.join().id()).isEqualTo(7);
        assertThat(limiter.tryAcquire()).as("nothing left for 30 s").isFalse();
        assertThatThrownBy(() -> limiter.failFast().call(() -> orders.find(7)))
                .isInstanceOf(RateLimitExceededException.class);
        assertThat(limiter.metrics().updates()).isEqualTo(1);
    }
}
