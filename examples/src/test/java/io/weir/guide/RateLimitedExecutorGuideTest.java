package io.weir.guide;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.CallOptions;
import io.weir.WeirRuntime;
import io.weir.executor.RateLimitedExecutor;
import io.weir.guide.Orders.Order;
import io.weir.testkit.VirtualTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RateLimitedExecutorGuideTest {
    private final VirtualTime time = new VirtualTime();
    private final WeirRuntime runtime = time.runtimeBuilder().build();
    private final Orders orders = new Orders();

    /** An answer that brings its headers along. */
    private record Page(Map<String, List<String>> headers) {}

    @Test
    void eachEndpointHasItsRateAndAllShareTheSlots() throws Exception {
        // guide:executor
        try (var executor = RateLimitedExecutor.builder("orders")
                .rate(10) // a second, of each endpoint
                .maxConcurrency(5) // of all endpoints together
                .endpointRateLimiting(true)
                // guide:hide
                .runtime(runtime)
                // guide:show
                .build()) {
            CompletableFuture<Order> order = executor.execute("api/v1/orders", () -> orders.findAsync(7));
            // costs 2.5 of its endpoint's tokens
            var found = executor.execute(CallOptions.key("api/v1/search").andTokens(2.5), () -> orders.search("shoes"));
            // blocking: holds this thread, while it waits too
            Order now = executor.call("api/v1/orders", () -> orders.find(7));
            // a new rate while in use, and back to the default
            executor.updateRateLimit("api/v1/search", u -> u.rate(5));
            executor.removeRateLimit("api/v1/search");
            // guide:hide
            assertThat(order).isCompletedWithValue(now);
            assertThat(found).isCompleted();
            assertThat(executor.metrics().started()).isEqualTo(3);
            // guide:show
        } // admits no more, waits for what runs and for the line, at most 30 s
        // guide:end
    }

    @Test
    void theLimitIsOneOfStartsAlsoAfterAllHaveHung() {
        var executor = RateLimitedExecutor.builder("orders")
                .rate(10)
                .maxConcurrency(5)
                .runtime(runtime)
                .build();
        var service = new CompletableFuture<Void>();
        var calls = IntStream.range(0, 30)
                .mapToObj(i -> executor.execute(() -> service))
                .toList();
        time.advance(ofSeconds(60)); // the bucket is full again, and all slots are taken
        assertThat(executor.metrics().started()).isEqualTo(5);
        service.complete(null);
        time.runPending();
        assertThat(executor.metrics().started())
                .as("those who waited start no faster than the burst")
                .isEqualTo(5 + 10);
        time.advance(ofSeconds(2));
        assertThat(calls).allMatch(CompletableFuture::isDone);
    }

    @Test
    void anAdaptiveLimitFollowsTheHeadersOfResults() {
        // guide:adaptive
        var executor = RateLimitedExecutor.builder("github")
                .rate(10) // to begin with, and the most it climbs back to
                .adaptiveRateLimiting(true)
                .responseHeaders(Page.class, Page::headers) // a result tells them by itself
                // guide:hide
                .runtime(runtime)
                // guide:show
                .build();
        CompletableFuture<Page> page = executor.execute(this::firstPage);
        // a failure's by hand, where you have them; an ApiClient that has this executor tells both
        executor.updateFromHeaders(429, Map.of("Retry-After", "30"));
        // guide:end
        assertThat(page).isCompleted();
        CompletableFuture<Page> next = executor.execute(this::firstPage);
        time.advance(ofSeconds(29));
        assertThat(next).as("the pause").isNotDone();
        time.advance(ofSeconds(2));
        assertThat(next).isCompleted();
    }

    private CompletableFuture<Page> firstPage() {
        return CompletableFuture.completedFuture(
                new Page(Map.of("X-RateLimit-Remaining", List.of("50"), "X-RateLimit-Reset", List.of("10"))));
    }

    @Test
    void eachKindOfLimitIsChangedByItsOwnMethod() {
        var builder = RateLimitedExecutor.builder("orders").runtime(runtime);
        try (var one = builder.build();
                var each = builder.endpointRateLimiting(true).build()) {
            assertThatThrownBy(() -> one.updateRateLimit("a", u -> u.rate(5)))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> each.updateRate(u -> u.rate(5))).isInstanceOf(IllegalStateException.class);
        }
        assertThatThrownBy(() -> builder.adaptiveRateLimiting(true).build())
                .isInstanceOf(IllegalArgumentException.class);
    }
}
