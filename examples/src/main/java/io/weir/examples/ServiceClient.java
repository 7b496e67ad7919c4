package io.weir.examples;

import io.weir.BulkheadFullException;
import io.weir.CallOptions;
import io.weir.CallTimeoutException;
import io.weir.CircuitBreakerOpenException;
import io.weir.DeadlinePassedException;
import io.weir.Pipeline;
import io.weir.RateLimitExceededException;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.guard.Bulkhead;
import io.weir.http.ApiClient;
import io.weir.http.ApiConnectionException;
import io.weir.http.ApiException;
import io.weir.http.ApiResponse;
import io.weir.http.ApiTimeoutException;
import io.weir.http.TooManyRequestsException;
import io.weir.ratelimit.AdaptiveRateLimiter;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.Retry;
import io.weir.retry.RetryBudget;
import io.weir.retry.RetryConfig;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;

/**
 * The client under test: GET through breaker, retry with a budget, our own limit, the limit that the service tells, and a bulkhead, in this
 * order from the outside. The guards stand around the {@link ApiClient} and not in it, because each call has a deadline, which is for the
 * outermost guard to enforce; the client has a timeout for each request, and tells the adaptive limiter what the answers' headers say.
 * Nothing else of the demo knows how a call is made.
 */
final class ServiceClient implements AutoCloseable {
    private final CircuitBreaker breaker;
    private final Retry retry;
    private final TokenBucketRateLimiter limiter;
    private final AdaptiveRateLimiter told;
    private final Bulkhead bulkhead;
    private final Pipeline guard;
    private final CallOptions options;
    private final ApiClient client;
    private final String path;
    private final LongAdder sent = new LongAdder();

    ServiceClient(URI uri, Tuning tuning, WeirRuntime runtime) {
        breaker = CircuitBreaker.builder("service")
                .failureThreshold(tuning.failureThreshold())
                .recoveryTime(tuning.recoveryTime())
                .excludeIf(ServiceClient::isOurFault)
                .runtime(runtime)
                .build();
        retry = Retry.of(
                "service",
                RetryConfig.builder()
                        .maxRetries(tuning.maxRetries())
                        .baseDelay(tuning.baseDelay())
                        .honourRetryAfter(tuning.retryAfterCap())
                        .budget(RetryBudget.of(tuning.retryRatio(), tuning.retryMinimum()))
                        .excludeIf(failure -> isOurFault(failure) && !(failure instanceof TooManyRequestsException))
                        .build(),
                runtime);
        limiter = TokenBucketRateLimiter.builder("service")
                .rate(tuning.limit())
                .maxTokens(tuning.burst())
                .runtime(runtime)
                .build();
        told = AdaptiveRateLimiter.builder("service-quota")
                .initialRate(tuning.limit())
                .maxTokens(tuning.burst())
                .runtime(runtime)
                .build();
        bulkhead = Bulkhead.builder("service")
                .maxConcurrent(tuning.maxConcurrent())
                .runtime(runtime)
                .build();
        guard = Pipeline.of(breaker, retry, limiter, told, bulkhead);
        options = CallOptions.within(tuning.deadline());
        client = ApiClient.builder(uri.getScheme() + "://" + uri.getRawAuthority())
                .timeout(tuning.requestTimeout())
                .listening(told)
                .runtime(runtime)
                .build();
        path = uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
    }

    /** 4xx says that the service works; 429, that it works and we are too many. */
    private static boolean isOurFault(Throwable failure) {
        return failure instanceof ApiException answer && answer.status() >= 400 && answer.status() < 500;
    }

    /** Calls the service. */
    CompletableFuture<ApiResponse> call() {
        return guard.execute(options, this::send);
    }

    /** One attempt, which all guards have let through. */
    private CompletableFuture<ApiResponse> send() {
        sent.increment();
        return client.get(path);
    }

    /** Why a call failed or was rejected, in a word or two. */
    static String reason(Throwable failure) {
        if (failure instanceof ApiException answer && answer.status() != 0) {
            return "HTTP " + answer.status();
        } else if (failure instanceof CircuitBreakerOpenException) {
            return "breaker open";
        } else if (failure instanceof RateLimitExceededException) {
            return "no token in time";
        } else if (failure instanceof BulkheadFullException) {
            return "too many at once";
        } else if (failure instanceof DeadlinePassedException) {
            return "deadline before it began";
        } else if (failure instanceof CallTimeoutException) {
            return "deadline while it ran";
        } else if (failure instanceof ApiTimeoutException) {
            return "timeout";
        } else if (failure instanceof ApiConnectionException) {
            return "connection";
        }
        return failure.getClass().getSimpleName();
    }

    CircuitBreaker breaker() {
        return breaker;
    }

    double availableTokens() {
        return limiter.availableTokens();
    }

    /** The rate that the service lets us have, as far as it has told. */
    double toldRate() {
        return told.ratePerSecond();
    }

    /** How often an attempt was followed by another. */
    long retries() {
        return retry.metrics().retries();
    }

    /** How many requests the limiters have let through. */
    long sent() {
        return sent.sum();
    }

    @Override
    public void close() {
        limiter.close();
        told.close();
        bulkhead.close();
        client.close();
    }
}
