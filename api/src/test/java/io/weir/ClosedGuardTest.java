package io.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.weir.guard.AdaptiveBulkhead;
import io.weir.guard.Bulkhead;
import io.weir.ratelimit.AdaptiveRateLimiter;
import io.weir.ratelimit.EndpointRateLimiter;
import io.weir.ratelimit.RateLimiter;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.testkit.VirtualTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Whoever comes to a closed guard hears which, by its name, whatever he comes for; as those hear who were in its line. */
class ClosedGuardTest {
    private final VirtualTime time = new VirtualTime();
    private final WeirRuntime runtime = time.runtimeBuilder().build();

    @Test
    void aClosedLimiterSaysItsName() {
        TokenBucketRateLimiter limiter = TokenBucketRateLimiter.builder("mine")
                .rate(1)
                .maxTokens(1)
                .runtime(runtime)
                .build();
        limiter.tryAcquire();
        CompletableFuture<Void> inLine = limiter.acquire();
        limiter.close();
        limiter.close();
        time.runPending();
        String message = "rate limiter 'mine' was closed";
        hears(message, inLine::join);
        refuses(message, limiter);
        hears(message, () -> limiter.updateRate(u -> u.rate(2)));
    }

    @Test
    void aClosedAdaptiveLimiterSaysItsName() {
        AdaptiveRateLimiter limiter = AdaptiveRateLimiter.builder("mine")
                .initialRate(10)
                .runtime(runtime)
                .build();
        limiter.close();
        String message = "rate limiter 'mine' was closed";
        refuses(message, limiter);
        for (Map<String, List<String>> headers : List.of(
                Map.of("x-ratelimit-remaining", List.of("5"), "x-ratelimit-limit", List.of("10")),
                Map.<String, List<String>>of())) {
            hears(message, () -> limiter.updateFromHeaders(headers));
        }
    }

    /** A key that is new, one in the table, one kept apart with somebody in its line, one kept apart with a rate of its own. */
    @Test
    void aClosedKeyedLimiterSaysItsNameWhereverTheKeyIsKept() {
        EndpointRateLimiter limiter = EndpointRateLimiter.builder("mine")
                .defaultRate(1)
                .defaultMaxTokens(1)
                .runtime(runtime)
                .build();
        limiter.tryAcquire("in the table", 1);
        limiter.tryAcquire("with a line", 1);
        CompletableFuture<Void> inLine = limiter.acquire("with a line", 1);
        limiter.updateRateLimit("with a rate", u -> u.rate(5));
        limiter.close();
        time.runPending();
        String message = "rate limiter 'mine' was closed";
        hears(message, inLine::join);
        for (String key : List.of("new", "in the table", "with a line", "with a rate")) {
            refuses(message, limiter.limiter(key));
            hears(message, () -> limiter.tryAcquire(key, 1));
            hears(message, () -> limiter.call(key, () -> 1));
            hears(
                    message,
                    () -> limiter.execute(key, () -> CompletableFuture.completedFuture(1))
                            .join());
            hears(message, () -> limiter.updateRateLimit(key, u -> u.rate(2)));
            hears(message, () -> limiter.remove(key));
        }
    }

    private static void refuses(String message, RateLimiter limiter) {
        hears(message, limiter::tryAcquire);
        hears(message, () -> limiter.tryAcquire(1));
        hears(message, () -> limiter.tryAcquireNanos(1));
        hears(message, () -> limiter.acquire().join());
        hears(message, () -> limiter.acquireBlocking(1));
        hears(message, () -> limiter.reserve(1));
        hears(message, () -> limiter.call(() -> 1));
        hears(message, () -> limiter.failFast().call(() -> 1));
        hears(message, () -> limiter.costing(0.5).call(() -> 1));
        hears(
                message,
                () -> limiter.execute(() -> CompletableFuture.completedFuture(1))
                        .join());
        hears(message, () -> Pipeline.of(limiter).call(() -> 1));
    }

    @Test
    void aClosedBulkheadSaysItsName() {
        Bulkhead bulkhead = Bulkhead.builder("mine")
                .maxConcurrent(1)
                .maxWaiters(1)
                .runtime(runtime)
                .build();
        bulkhead.tryAcquire();
        CompletableFuture<?> inLine = bulkhead.acquire();
        bulkhead.close();
        bulkhead.close();
        time.runPending();
        String message = "bulkhead 'mine' was closed";
        hears(message, inLine::join);
        hears(message, bulkhead::tryAcquire);
        hears(message, () -> bulkhead.acquire().join());
        hears(message, bulkhead::acquireBlocking);
        hears(message, () -> bulkhead.call(() -> 1));
        hears(
                message,
                () -> bulkhead.execute(() -> CompletableFuture.completedFuture(1))
                        .join());
    }

    @Test
    void aClosedAdaptiveBulkheadSaysItsName() {
        AdaptiveBulkhead bulkhead =
                AdaptiveBulkhead.builder("mine").runtime(runtime).build();
        bulkhead.close();
        String message = "bulkhead 'mine' was closed";
        hears(message, () -> bulkhead.call(() -> 1));
        hears(
                message,
                () -> bulkhead.execute(() -> CompletableFuture.completedFuture(1))
                        .join());
    }

    private static void hears(String message, ThrowingCallable call) {
        Throwable failure = catchThrowable(call);
        assertThat(failure instanceof CompletionException ? failure.getCause() : failure)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(message);
    }
}
