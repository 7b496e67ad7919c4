package io.weir.guide;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.CallRejected;
import io.weir.CallTimedOut;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.breaker.CircuitBreakerTransition;
import io.weir.event.WeirListener;
import io.weir.guard.Timeout;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.RetryEvent;
import io.weir.testkit.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class EventsGuideTest {
    @Test
    void listeners() {
        List<String> log = new ArrayList<>();
        var time = new VirtualTime();
        WeirRuntime runtime = time.runtimeBuilder().build();
        var breaker = CircuitBreaker.builder("orders").runtime(runtime).build();
        // guide:listen
        var subscription = breaker.onTransition(t -> log.add(t.guard() + ": " + t.from() + " -> " + t.to()));
        // of all guards of a runtime; WeirRuntime.shared() unless you made one
        runtime.listen(WeirListener.on(
                RetryEvent.class,
                e -> log.add(
                        e.guard() + ": attempt " + e.attempt() + ", next in " + e.delay() + ", or " + e.reason())));
        runtime.listen(WeirListener.on(CircuitBreakerTransition.class, t -> log.add("#" + t.number())));
        // guide:end
        breaker.forceOpen();
        time.runPending();
        assertThat(log).containsExactlyInAnyOrder("orders: CLOSED -> FORCED_OPEN", "#1");
        subscription.close();
        breaker.reset();
        time.runPending();
        assertThat(log).hasSize(3);
    }

    @Test
    void refusalsAndTimeouts() {
        List<String> log = new ArrayList<>();
        var time = new VirtualTime();
        WeirRuntime runtime = time.runtimeBuilder().build();
        // guide:refusals
        runtime.listen(WeirListener.on(
                CallRejected.class, e -> log.add(e.guard() + " refused: " + e.reason() + ", " + e.retryAfter())));
        runtime.listen(WeirListener.on(CallTimedOut.class, e -> log.add(e.guard() + " cut short after " + e.after())));
        // guide:end
        var limiter = TokenBucketRateLimiter.builder("orders")
                .rate(1)
                .runtime(runtime)
                .build();
        assertThat(limiter.tryAcquire()).isTrue();
        assertThat(limiter.tryAcquire()).as("tells nobody").isFalse();
        assertThat(limiter.failFast().execute(() -> new CompletableFuture<>())).isCompletedExceptionally();
        var timeout =
                Timeout.builder("slow").duration(ofSeconds(2)).runtime(runtime).build();
        timeout.execute(() -> new CompletableFuture<>());
        time.advance(ofSeconds(2));
        assertThat(log).containsExactly("orders refused: RATE_LIMIT, Optional[PT1S]", "slow cut short after PT2S");
        assertThat(limiter.metrics().refused()).isEqualTo(2);
    }

    @Test
    void metrics() {
        var breaker = CircuitBreaker.of("orders");
        breaker.get(() -> 1);
        // guide:metrics
        var metrics = breaker.metrics(); // a snapshot; counts only grow
        double failureRate = (double) metrics.failures() / Math.max(1, metrics.failures() + metrics.successes());
        // guide:end
        assertThat(failureRate).isZero();
    }
}
