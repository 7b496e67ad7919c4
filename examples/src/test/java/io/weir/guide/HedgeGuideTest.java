package io.weir.guide;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.CallOptions;
import io.weir.Pipeline;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.guard.Hedge;
import io.weir.guard.HedgeEvent;
import io.weir.guide.Orders.Order;
import io.weir.testkit.RecordedEvents;
import io.weir.testkit.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class HedgeGuideTest {
    private final VirtualTime time = new VirtualTime();
    private final RecordedEvents events = new RecordedEvents();
    private final WeirRuntime runtime = time.runtimeBuilder().listener(events).build();

    /** Answers when the test says so. */
    private static final class Replica {
        final List<CompletableFuture<Order>> asked = new ArrayList<>();

        CompletableFuture<Order> findAsync(long id) {
            assertThat(id).isEqualTo(7);
            CompletableFuture<Order> answer = new CompletableFuture<>();
            asked.add(answer);
            return answer;
        }
    }

    private final List<Replica> replicas = List.of(new Replica(), new Replica());

    @Test
    void aSlowReplicaIsNotWaitedFor() {
        // guide:hedge
        var hedge = Hedge.builder("orders")
                .delayPercentile(0.95) // hedges about one call in twenty
                .delay(ofMillis(100)) // until enough latencies are known
                // guide:hide
                .runtime(runtime)
                // guide:show
                .build();

        var order = hedge.executeWith(CallOptions.within(ofMillis(500)), context -> {
            var replica = replicas.get((context.attempt() - 1) % replicas.size()); // a hedge asks another one
            return replica.findAsync(7);
        });
        // guide:end
        time.advance(ofMillis(99));
        assertThat(replicas.get(1).asked).isEmpty();
        time.advance(ofMillis(1));
        replicas.get(1).asked.get(0).complete(new Order(7, "shipped"));
        assertThat(order).isCompletedWithValue(new Order(7, "shipped"));
        assertThat(replicas.get(0).asked.get(0)).as("the loser").isCancelled();
        assertThat(hedge.metrics().won()).isEqualTo(1);
        assertThat(events.of(HedgeEvent.class))
                .singleElement()
                .satisfies(e -> assertThat(e.after()).isEqualTo(ofMillis(100)));
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void theBreakerOutsideSeesOneCall() {
        var breaker = CircuitBreaker.builder("orders").runtime(runtime).build();
        var hedge =
                Hedge.builder("orders").delay(ofMillis(100)).runtime(runtime).build();
        var guard = Pipeline.of(breaker, hedge);
        var order = guard.execute(() -> replicas.get(0).findAsync(7));
        time.advance(ofMillis(100));
        assertThat(replicas.get(0).asked).hasSize(2);
        replicas.get(0).asked.get(0).completeExceptionally(new IllegalStateException("down"));
        assertThat(order).as("the hedge is waited for").isNotDone();
        replicas.get(0).asked.get(1).complete(new Order(7, "shipped"));
        assertThat(order).isCompleted();
        assertThat(breaker.metrics().successes()).isEqualTo(1);
        assertThat(breaker.metrics().failures()).isZero();
    }
}
