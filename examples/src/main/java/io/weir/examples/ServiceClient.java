package io.weir.examples;

import io.weir.CallOptions;
import io.weir.CircuitBreakerOpenException;
import io.weir.DeadlinePassedException;
import io.weir.Failures;
import io.weir.Pipeline;
import io.weir.RateLimitExceededException;
import io.weir.RetryAfterHint;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The client under test: GET through breaker, retry and limiter, in this order from the outside. Nothing else knows of HTTP. */
final class ServiceClient implements AutoCloseable {
    private final CircuitBreaker breaker;
    private final Retry retry;
    private final TokenBucketRateLimiter limiter;
    private final Pipeline guard;
    private final CallOptions options;
    private final ExecutorService executor;
    private final HttpClient http;
    private final HttpRequest request;
    private final LongAdder sent = new LongAdder();

    /** The service answered with something else than 2xx or 3xx. */
    static final class StatusException extends IOException implements RetryAfterHint {
        private static final long serialVersionUID = 1L;

        private final int status;
        private final @Nullable Duration retryAfter;

        StatusException(int status, @Nullable Duration retryAfter) {
            super("HTTP " + status);
            this.status = status;
            this.retryAfter = retryAfter;
        }

        int status() {
            return status;
        }

        @Override
        public Optional<Duration> retryAfter() {
            return Optional.ofNullable(retryAfter);
        }
    }

    ServiceClient(URI uri, Tuning tuning, WeirRuntime runtime) {
        breaker = CircuitBreaker.builder("service")
                .failureThreshold(tuning.failureThreshold())
                .recoveryTime(tuning.recoveryTime())
                // 4xx says that the service works, and 429 that it works and we are too many.
                .excludeIf(failure -> status(failure) >= 400 && status(failure) < 500)
                .runtime(runtime)
                .build();
        retry = Retry.of(
                "service",
                RetryConfig.builder()
                        .maxRetries(tuning.maxRetries())
                        .baseDelay(tuning.baseDelay())
                        .honourRetryAfter(tuning.retryAfterCap())
                        .excludeIf(failure -> status(failure) >= 400 && status(failure) < 500 && status(failure) != 429)
                        .build(),
                runtime);
        limiter = TokenBucketRateLimiter.builder("service")
                .rate(tuning.limit())
                .maxTokens(tuning.burst())
                .runtime(runtime)
                .build();
        guard = Pipeline.of(breaker, retry, limiter);
        options = CallOptions.within(tuning.deadline());
        executor = Executors.newFixedThreadPool(2, Threads.daemons("demo-client"));
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(tuning.requestTimeout())
                .executor(executor)
                .build();
        request = HttpRequest.newBuilder(uri).timeout(tuning.requestTimeout()).build();
    }

    private static int status(Throwable failure) {
        return failure instanceof StatusException answer ? answer.status() : 0;
    }

    /** Calls the service. */
    CompletableFuture<Integer> call() {
        return guard.execute(options, this::send);
    }

    /** One attempt, which the limiter has let through. */
    private CompletionStage<Integer> send() {
        sent.increment();
        CompletableFuture<HttpResponse<Void>> exchange = http.sendAsync(request, BodyHandlers.discarding());
        CompletableFuture<Integer> answer = exchange.thenCompose(response -> response.statusCode() < 400
                ? CompletableFuture.completedFuture(response.statusCode())
                : CompletableFuture.failedFuture(new StatusException(response.statusCode(), retryAfter(response))));
        // A cancelled dependent doesn't reach up by itself.
        answer.whenComplete((status, failure) -> {
            if (answer.isCancelled()) {
                exchange.cancel(true);
            }
        });
        return answer;
    }

    private static @Nullable Duration retryAfter(HttpResponse<?> response) {
        String value = response.headers().firstValue("Retry-After").orElse("");
        return value.matches("\\d{1,9}") ? Duration.ofSeconds(Long.parseLong(value)) : null;
    }

    /** Why a call failed or was rejected, in a word or two. */
    static String reason(Throwable failure) {
        if (failure instanceof StatusException answer) {
            return "HTTP " + answer.status();
        }
        return failure instanceof CircuitBreakerOpenException
                ? "breaker open"
                : failure instanceof RateLimitExceededException
                        ? "no token in time"
                        : failure instanceof DeadlinePassedException
                                ? "deadline before it began"
                                : Failures.isTimeout(failure)
                                        ? "timeout"
                                        : Failures.isConnection(failure)
                                                ? "connection"
                                                : failure.getClass().getSimpleName();
    }

    CircuitBreaker breaker() {
        return breaker;
    }

    double availableTokens() {
        return limiter.availableTokens();
    }

    /** How often an attempt was followed by another. */
    long retries() {
        return retry.metrics().retries();
    }

    /** How many requests the limiter has let through. */
    long sent() {
        return sent.sum();
    }

    @Override
    public void close() {
        limiter.close();
        executor.shutdown();
    }
}
