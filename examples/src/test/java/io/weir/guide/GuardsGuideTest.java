package io.weir.guide;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.BulkheadFullException;
import io.weir.CallKey;
import io.weir.CallOptions;
import io.weir.CircuitBreakerOpenException;
import io.weir.Fallback;
import io.weir.TypedGuard;
import io.weir.breaker.CircuitBreaker;
import io.weir.executor.AsyncExecutor;
import io.weir.executor.WorkQueue;
import io.weir.guard.AdaptiveBulkhead;
import io.weir.guard.Bulkhead;
import io.weir.guard.LimitAlgorithm;
import io.weir.guard.Timeout;
import io.weir.guide.Orders.Order;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class GuardsGuideTest {
    private final Orders orders = new Orders();

    @Test
    void timeouts() throws Exception {
        // guide:timeout
        var timeout = Timeout.of("orders", ofSeconds(2));

        Order order = timeout.call(() -> orders.find(7)); // interrupts this thread after 2 s
        var later = timeout.execute(() -> orders.findAsync(7)); // cancels the stage after 2 s

        // a limit of this one call: waits, retries and all; works with every guard
        var soon = timeout.execute(CallOptions.within(ofMillis(500)), () -> orders.findAsync(7));
        // guide:end
        assertThat(later.join()).isEqualTo(order).isEqualTo(soon.join());
    }

    @Test
    void theContext() throws Exception {
        var timeout = Timeout.of("orders", ofSeconds(2));
        // guide:context
        Order order = timeout.callWith(CallOptions.NONE, context -> {
            var statement = new Statement(context.remaining().orElse(ofSeconds(30)));
            context.onCancel(statement::cancel); // if a deadline, a timeout or the user cuts it short
            return statement.query(orders);
        });
        // guide:end
        assertThat(order.id()).isEqualTo(7);
    }

    /** Something that knows nothing of futures or interrupts. */
    private record Statement(java.time.Duration timeout) {
        void cancel() {}

        Order query(Orders orders) throws IOException {
            assertThat(timeout).isLessThanOrEqualTo(ofSeconds(2));
            return orders.find(7);
        }
    }

    @Test
    void bulkheads() throws Exception {
        // guide:bulkhead
        var bulkhead = Bulkhead.builder("orders")
                .maxConcurrent(10)
                .maxWaiters(50) // 0 by default: refuse at once
                .maxWait(ofSeconds(1))
                .build();

        Order order;
        try {
            order = bulkhead.call(() -> orders.find(7));
        } catch (BulkheadFullException e) {
            order = new Order(7, "unknown");
        }
        bulkhead.resize(20); // while in use
        // guide:end
        assertThat(order.status()).isEqualTo("shipped");
        // guide:adaptive
        var adaptive = AdaptiveBulkhead.builder("orders")
                .algorithm(LimitAlgorithm.gradient())
                .initial(20)
                .max(500)
                .build();
        CompletableFuture<Order> later = adaptive.execute(() -> orders.findAsync(7));
        int limit = adaptive.limit(); // where it is now
        // guide:end
        assertThat(later.join()).isEqualTo(order);
        assertThat(limit).isEqualTo(20);
    }

    @Test
    void fallbacks() throws Exception {
        var breaker = CircuitBreaker.of("orders");
        Map<Long, Order> cache = new ConcurrentHashMap<>(Map.of(7L, new Order(7, "cached")));
        breaker.forceOpen();
        // guide:fallback
        CallKey<Long> id = CallKey.of("id");
        TypedGuard<Order> safe =
                breaker.withFallback(Fallback.on(CircuitBreakerOpenException.class, TimeoutException.class)
                        .fromCall((failure, options) -> cache.get(options.get(id))));
        CompletableFuture<Order> order = safe.execute(CallOptions.with(id, 7L), () -> orders.findAsync(7));

        TypedGuard<Order> simple = breaker.withFallback(Fallback.value(new Order(0, "unknown")));
        TypedGuard<List<Order>> empty =
                breaker.withFallback(Fallback.onRejection().from(e -> List.of()));
        // guide:end
        assertThat(order.join().status()).isEqualTo("cached");
        assertThat(simple.call(() -> orders.find(7)).status()).isEqualTo("unknown");
        assertThat(empty.execute(() -> orders.search("x")).join()).isEmpty();
    }

    @Test
    void anExecutor() {
        // guide:executor
        try (var executor = AsyncExecutor.of("orders", 10)) {
            CompletableFuture<Order> one = executor.execute(() -> orders.findAsync(7));
            // at most ten at once; the first failure cancels the rest
            CompletableFuture<List<Order>> all = executor.map(List.of(1L, 2L, 3L), orders::findAsync);
            // guide:hide
            assertThat(one.join().id()).isEqualTo(7);
            assertThat(all.join()).hasSize(3);
            // guide:show
        } // admits no more, waits for what runs, at most 30 s
        // guide:end
    }

    @Test
    void aQueue() throws Exception {
        List<Order> shipped = new ArrayList<>();
        // guide:queue
        try (var queue = WorkQueue.<Order>builder("shipping")
                .capacity(1_000)
                .offerTimeout(ofMillis(50))
                .build()) {
            queue.startBlockingWorkers(1, shipped::add, (order, failure) -> System.err.println(order + ": " + failure));
            if (!queue.putBlocking(new Order(7, "paid"))) {
                // backpressure: full for 50 ms; tell the one who wants it, or drop it
            }
            queue.join().join(); // everything accepted is done
        }
        // guide:end
        assertThat(shipped).hasSize(1);
        // guide:all
        WorkQueue<Long> ids = WorkQueue.of("ids");
        ids.processAll(List.of(1L, 2L, 3L), 2, orders::findAsync).join();
        // guide:end
        assertThat(orders.asked).isEqualTo(3);
    }
}
