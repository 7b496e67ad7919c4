package io.weir;

import io.weir.breaker.CircuitBreaker;
import io.weir.executor.AsyncExecutor;
import io.weir.guard.AdaptiveBulkhead;
import io.weir.guard.Bulkhead;
import io.weir.guard.Timeout;
import io.weir.ratelimit.EndpointRateLimiter;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Uses every guard in both forms, timers and callbacks included, and closes what it has used. {@link LeavesNothingTest} runs it. */
public final class Lifetime implements Runnable {
    private final WeirRuntime runtime = WeirRuntime.builder().build();
    private final CircuitBreaker breaker =
            CircuitBreaker.builder("breaker").runtime(runtime).build();
    private final TokenBucketRateLimiter limiter = TokenBucketRateLimiter.builder("limiter")
            .rate(1_000)
            .maxTokens(1)
            .runtime(runtime)
            .build();
    private final EndpointRateLimiter keyed = EndpointRateLimiter.builder("keyed")
            .defaultRate(1_000)
            .defaultMaxTokens(1)
            .runtime(runtime)
            .build();
    private final Bulkhead bulkhead = Bulkhead.builder("bulkhead")
            .maxConcurrent(1)
            .maxWaiters(10)
            .runtime(runtime)
            .build();
    private final AdaptiveBulkhead adaptive =
            AdaptiveBulkhead.builder("adaptive").runtime(runtime).build();
    private final Retry retry = Retry.of(
            "retry", RetryConfig.builder().baseDelay(Duration.ofMillis(1)).build(), runtime);
    private final Timeout timeout = Timeout.builder("timeout")
            .duration(Duration.ofSeconds(60))
            .runtime(runtime)
            .build();
    private final AsyncExecutor executor =
            AsyncExecutor.builder("executor").maxConcurrency(1).runtime(runtime).build();

    @Override
    public void run() {
        Pipeline pipeline = Pipeline.of(timeout, breaker, retry, limiter, keyed, bulkhead, adaptive, executor);
        CallOptions options = CallOptions.key("k").andWithin(Duration.ofSeconds(60));
        AtomicInteger failing = new AtomicInteger(2);
        try {
            CompletableFuture<?>[] futures = new CompletableFuture<?>[5];
            for (int i = 0; i < futures.length; i++) {
                futures[i] = pipeline.executeWith(
                        options,
                        context -> CompletableFuture.supplyAsync(() -> {
                            if (failing.getAndDecrement() > 0) {
                                throw new IllegalStateException("the first ones fail");
                            }
                            return context.attempt();
                        }));
            }
            CompletableFuture.allOf(futures).get(60, TimeUnit.SECONDS);
            failing.set(1);
            for (int i = 0; i < 5; i++) {
                pipeline.callWith(options, context -> {
                    if (failing.getAndDecrement() > 0) {
                        throw new IOException("the first one fails");
                    }
                    return context.attempt();
                });
            }
            limiter.acquireBlocking(1);
            limiter.reserve(1).await();
            keyed.acquireBlocking("k", 1);
            bulkhead.acquireBlocking();
            bulkhead.release();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            executor.close();
            limiter.close();
            keyed.close();
            bulkhead.close();
            adaptive.close();
            runtime.close();
        }
    }
}
