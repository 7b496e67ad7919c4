package io.weir.guide;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.AsyncCall;
import io.weir.Call;
import io.weir.CallOptions;
import io.weir.CircuitBreakerOpenException;
import io.weir.Failures;
import io.weir.Guard;
import io.weir.Pipeline;
import io.weir.breaker.CircuitBreaker;
import io.weir.guard.Bulkhead;
import io.weir.guard.Timeout;
import io.weir.guide.Orders.Order;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CompositionGuideTest {
    private final Orders orders = new Orders();

    @Test
    void theRecommendedOrder() throws Exception {
        // guide:order
        Guard guard = Pipeline.of( // outermost first
                Timeout.of("orders", ofSeconds(10)), // all of it: waits, retries and back-off
                CircuitBreaker.of("orders"), // sees one outcome a call
                Retry.of("orders"),
                Timeout.of("orders-attempt", ofSeconds(2)), // each attempt
                TokenBucketRateLimiter.of("orders", 50), // each attempt pays
                Bulkhead.of("orders", 25)); // held only while the call runs
        // guide:end
        assertThat(guard.call(() -> orders.find(7)).id()).isEqualTo(7);

        // guide:forms
        Order order = guard.call(() -> orders.find(7)); // blocking; IOException comes out as it is
        CompletableFuture<Order> later = guard.execute(() -> orders.findAsync(7));
        Function<Long, CompletableFuture<Order>> find = guard.decorate(orders::findAsync); // wrap once, call often
        CompletableFuture<Order> limited = guard.execute(CallOptions.within(ofMillis(800)), () -> orders.findAsync(7));
        // guide:end
        assertThat(List.of(later.join(), find.apply(7L).join(), limited.join())).containsOnly(order);
    }

    @Test
    void aDependentFutureSeesAWrapper() {
        var breaker = CircuitBreaker.of("orders");
        breaker.forceOpen();
        // guide:failures
        CompletableFuture<String> status = breaker.execute(() -> orders.findAsync(7))
                .thenApply(Order::status)
                .exceptionally(Failures.on(CircuitBreakerOpenException.class, e -> "unknown"));
        // guide:end
        assertThat(status.join()).isEqualTo("unknown");
    }

    // guide:own
    /** Tells how long each call took, from where it stands inward. */
    record Stopwatch(String name, Consumer<Duration> told) implements Guard {
        @Override
        public <T extends @Nullable Object> CompletableFuture<T> execute(
                CallOptions options, AsyncCall<? extends T> call) {
            long start = System.nanoTime();
            return Guard.none().<T>execute(options, call).whenComplete((result, failure) -> tell(start));
        }

        @Override
        public <T extends @Nullable Object, E extends Exception> T call(
                CallOptions options, Call<? extends T, ? extends E> call) throws E {
            long start = System.nanoTime();
            try {
                return call.call();
            } finally {
                tell(start);
            }
        }

        private void tell(long start) {
            told.accept(Duration.ofNanos(System.nanoTime() - start));
        }
    }
    // guide:end

    @Test
    void aGuardOfYourOwnStandsAnywhere() throws Exception {
        List<Duration> took = new ArrayList<>();
        var breaker = CircuitBreaker.of("orders");
        var retry = Retry.of("orders", RetryConfig.builder().maxRetries(0).build());
        Guard guard = Pipeline.of(retry, new Stopwatch("orders", took::add), breaker);
        assertThat(guard.call(() -> orders.find(7)).id()).isEqualTo(7);
        assertThat(guard.execute(() -> orders.findAsync(7)).join().id()).isEqualTo(7);
        orders.failingWith(new IOException("down"));
        assertThatThrownBy(() -> guard.execute(() -> orders.findAsync(7)).join())
                .as("not a wrapper in a wrapper")
                .hasCauseInstanceOf(IOException.class);
        var stage = new CompletableFuture<Order>();
        guard.execute(() -> stage).cancel(true);
        assertThat(stage).as("cancels go through it").isCancelled();
        assertThat(took).hasSize(4);
        assertThat(breaker.metrics().cancelled()).isEqualTo(1);
    }

    @Test
    void aStageInABlockingCallIsRefused() {
        Guard guard = CircuitBreaker.of("orders");
        assertThatThrownBy(() -> guard.call(() -> orders.findAsync(7)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("execute");
    }

    @Test
    void whoIsOutsideDecidesWhatIsCounted() {
        var time = new VirtualTime();
        var runtime = time.runtimeBuilder().build();
        var config = RetryConfig.builder().jitter(false).build();
        var outside = CircuitBreaker.builder("outside").runtime(runtime).build();
        var inside = CircuitBreaker.builder("inside").runtime(runtime).build();
        var retry = Retry.of("retry", config, runtime);
        Guard guard = Pipeline.of(outside, retry, inside);
        orders.failingWith(new IOException(), new IOException());
        var order = guard.execute(() -> orders.findAsync(7));
        time.advance(Duration.ofSeconds(3));
        assertThat(order.join().id()).isEqualTo(7);
        assertThat(outside.metrics().failures()).isZero();
        assertThat(inside.metrics().failures()).isEqualTo(2);
    }
}
