package io.weir.jmh;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeExecutor;
import dev.failsafe.RetryPolicy;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.retry.RetryConfig;
import io.weir.Guard;
import io.weir.Pipeline;
import io.weir.breaker.CircuitBreaker;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.Retry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The same stack three times, outermost first: a breaker that opens at five failures in a row, a retry (up to 3, after 1 ms), a limiter of
 * 10<sup>9</sup> a second that would wait for a token, and a bulkhead of 64. Metrics are on where they can be turned off.
 *
 * <p>Resilience4j's and Failsafe's are composed once, which is the cheapest way that they offer. Resilience4j's breaker judges "all of the last
 * five" and its limiter counts in periods, as in the benchmarks of the single objects.
 */
@State(Scope.Benchmark)
public class Stacks {
    /** Whether a bulkhead is the innermost guard: of all three or of none. To be true as soon as the api has one; {@link #weir()} adds it. */
    static final boolean BULKHEAD = true;

    private static final int CONCURRENCY = 64;
    private static final int RATE = 1_000_000_000;
    private static final Duration RETRY_DELAY = Duration.ofMillis(1);
    private static final Duration LIMIT_WAIT = Duration.ofSeconds(5);

    final CircuitBreaker breaker = CircuitBreaker.of("breaker");
    final Guard weir = weir();

    final io.github.resilience4j.circuitbreaker.CircuitBreaker resilience4jBreaker =
            io.github.resilience4j.circuitbreaker.CircuitBreaker.of(
                    "breaker",
                    CircuitBreakerConfig.custom()
                            .slidingWindow(5, 5, SlidingWindowType.COUNT_BASED)
                            .failureRateThreshold(100)
                            .build());
    private final io.github.resilience4j.retry.Retry resilience4jRetry = io.github.resilience4j.retry.Retry.of(
            "retry",
            RetryConfig.custom()
                    .maxAttempts(4)
                    .waitDuration(RETRY_DELAY)
                    .retryOnException(Exception.class::isInstance)
                    .build());
    private final RateLimiter resilience4jLimiter = RateLimiter.of(
            "limiter",
            RateLimiterConfig.custom()
                    .limitForPeriod(RATE)
                    .limitRefreshPeriod(Duration.ofSeconds(1))
                    .timeoutDuration(LIMIT_WAIT)
                    .build());
    private final Bulkhead resilience4jBulkhead = Bulkhead.of(
            "bulkhead", BulkheadConfig.custom().maxConcurrentCalls(CONCURRENCY).build());
    private final ScheduledExecutorService resilience4jScheduler = new ScheduledThreadPoolExecutor(1);

    final dev.failsafe.CircuitBreaker<Object> failsafeBreaker =
            dev.failsafe.CircuitBreaker.builder().withFailureThreshold(5).build();
    final FailsafeExecutor<Object> failsafe = Failsafe.with(failsafePolicies());

    private final InlineScheduler inline = new InlineScheduler();
    final FailsafeExecutor<Object> failsafeAsync =
            Failsafe.with(failsafePolicies()).with(inline);

    /** For the report: whether the stacks have a bulkhead. */
    public static boolean hasBulkhead() {
        return BULKHEAD;
    }

    private Guard weir() {
        List<Guard> guards = new ArrayList<>();
        guards.add(breaker);
        guards.add(Retry.of(
                "retry",
                io.weir.retry.RetryConfig.builder().baseDelay(RETRY_DELAY).build()));
        guards.add(TokenBucketRateLimiter.of("limiter", RATE));
        if (BULKHEAD) {
            guards.add(io.weir.guard.Bulkhead.of("bulkhead", CONCURRENCY));
        }
        return Pipeline.of(guards);
    }

    private List<dev.failsafe.Policy<Object>> failsafePolicies() {
        List<dev.failsafe.Policy<Object>> policies = new ArrayList<>();
        policies.add(failsafeBreaker);
        policies.add(RetryPolicy.builder()
                .handle(Exception.class)
                .withMaxRetries(3)
                .withDelay(RETRY_DELAY)
                .build());
        policies.add(dev.failsafe.RateLimiter.burstyBuilder(RATE, Duration.ofSeconds(1))
                .withMaxWaitTime(LIMIT_WAIT)
                .build());
        if (BULKHEAD) {
            policies.add(dev.failsafe.Bulkhead.of(CONCURRENCY));
        }
        return policies;
    }

    <T> Supplier<T> resilience4j(Supplier<T> call) {
        Supplier<T> limited = RateLimiter.decorateSupplier(
                resilience4jLimiter, BULKHEAD ? Bulkhead.decorateSupplier(resilience4jBulkhead, call) : call);
        return io.github.resilience4j.circuitbreaker.CircuitBreaker.decorateSupplier(
                resilience4jBreaker, io.github.resilience4j.retry.Retry.decorateSupplier(resilience4jRetry, limited));
    }

    <T> Supplier<CompletionStage<T>> resilience4jAsync(Supplier<CompletionStage<T>> call) {
        Supplier<CompletionStage<T>> limited = RateLimiter.decorateCompletionStage(
                resilience4jLimiter, BULKHEAD ? Bulkhead.decorateCompletionStage(resilience4jBulkhead, call) : call);
        return io.github.resilience4j.circuitbreaker.CircuitBreaker.decorateCompletionStage(
                resilience4jBreaker,
                io.github.resilience4j.retry.Retry.decorateCompletionStage(
                        resilience4jRetry, resilience4jScheduler, limited));
    }

    /** Closes all breakers. */
    void reset() {
        breaker.reset();
        resilience4jBreaker.reset();
        failsafeBreaker.close();
    }

    /** Opens all breakers. */
    void refuse() {
        breaker.forceOpen();
        resilience4jBreaker.transitionToForcedOpenState();
        failsafeBreaker.open();
    }

    /** Ends the schedulers' threads. */
    @TearDown(Level.Trial)
    public void close() {
        resilience4jScheduler.shutdownNow();
        inline.close();
    }
}
