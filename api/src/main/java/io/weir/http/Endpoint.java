package io.weir.http;

import io.weir.CallOptions;
import io.weir.Guard;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.executor.AsyncExecutor;
import io.weir.executor.RateLimitedExecutor;
import io.weir.guard.Bulkhead;
import io.weir.internal.AbstractGuard;
import io.weir.internal.Durations;
import io.weir.internal.Stage;
import io.weir.ratelimit.AdaptiveRateLimiter;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One operation of a provider, {@code POST /v1/{model}/chat} say, that is called with ever new requests: an {@link ApiClient} for one
 * {@link EndpointConfig}, with the same guards, failures and ends. Thread-safe.
 *
 * <p>Its requests count as idempotent, whatever the method: the retry sends them again after 429 and 5xx, a failed connection and a timeout,
 * but never after another 4xx. What the retry's configuration says narrows that.
 *
 * <p>A request is written as the configuration's content type has it: JSON by the codec; a map as a form; text and bytes as they are.
 */
public final class Endpoint implements AutoCloseable {
    private final EndpointConfig config;
    private final ApiClient client;

    private Endpoint(EndpointConfig config, ApiClient client) {
        this.config = config;
        this.client = client;
    }

    /**
     * Begins an endpoint.
     *
     * @param config where it is
     */
    public static Builder builder(EndpointConfig config) {
        return new Builder(config);
    }

    /** An endpoint without guards. */
    public static Endpoint of(EndpointConfig config) {
        return builder(config).build();
    }

    public String name() {
        return config.name();
    }

    public EndpointConfig config() {
        return config;
    }

    /**
     * Calls the endpoint.
     *
     * @param request what the content type can hold; null for no body
     * @return completes with the response, or fails as {@link ApiClient} says
     * @throws IllegalArgumentException if a path parameter is missing, or the request can't be written
     */
    public CompletableFuture<ApiResponse> call(@Nullable Object request) {
        return call(request, Map.of());
    }

    /**
     * Calls the endpoint.
     *
     * @param request what the content type can hold; null for no body
     * @param pathParameters for this call, before those of the configuration
     * @return completes with the response, or fails as {@link ApiClient} says
     * @throws IllegalArgumentException if a path parameter is missing, unknown or not allowed, or the request can't be written
     */
    public CompletableFuture<ApiResponse> call(@Nullable Object request, Map<String, ?> pathParameters) {
        return call(request, pathParameters, CallOptions.NONE);
    }

    /**
     * Calls the endpoint.
     *
     * @param request what the content type can hold; null for no body
     * @param pathParameters for this call, before those of the configuration
     * @param options what the guards get to hear: tokens, key (the endpoint's name, if they have none), deadline
     * @return completes with the response, or fails as {@link ApiClient} says
     * @throws IllegalArgumentException if a path parameter is missing, unknown or not allowed, or the request can't be written
     */
    public CompletableFuture<ApiResponse> call(
            @Nullable Object request, Map<String, ?> pathParameters, CallOptions options) {
        return client.send(request(request, pathParameters, options));
    }

    /**
     * Calls the endpoint, and takes the answer as a value.
     *
     * @param request what the content type can hold; null for no body
     * @param type {@code String}, {@code byte[]}, {@code Void} (null), {@code ApiResponse}, or what the codec can read
     * @param <T> the type of the value
     * @return completes with the value, or fails as {@link ApiClient} says
     * @throws IllegalArgumentException if a path parameter is missing, or the request can't be written
     */
    public <T> CompletableFuture<T> call(@Nullable Object request, Class<T> type) {
        return client.send(request(request, Map.of(), CallOptions.NONE), type);
    }

    /**
     * Calls the endpoint, and holds the thread until it has answered.
     *
     * @param request what the content type can hold; null for no body
     * @throws IllegalArgumentException if a path parameter is missing, or the request can't be written
     */
    public ApiResponse callBlocking(@Nullable Object request) {
        return callBlocking(request, Map.of(), CallOptions.NONE);
    }

    /**
     * Calls the endpoint, and holds the thread until it has answered.
     *
     * @param request what the content type can hold; null for no body
     * @param pathParameters for this call, before those of the configuration
     * @param options what the guards get to hear: tokens, key (the endpoint's name, if they have none), deadline
     * @throws IllegalArgumentException if a path parameter is missing, unknown or not allowed, or the request can't be written
     */
    public ApiResponse callBlocking(@Nullable Object request, Map<String, ?> pathParameters, CallOptions options) {
        return client.blocking().send(request(request, pathParameters, options));
    }

    private ApiRequest request(@Nullable Object request, Map<String, ?> pathParameters, CallOptions options) {
        String path = config.template().fill(pathParameters, config.pathParameters());
        CallOptions keyed = options.key() == null ? options.andKey(config.name()) : options;
        ApiRequest.Builder http =
                ApiRequest.of(config.method(), path).idempotent(true).options(keyed);
        if (request != null) {
            write(request, http);
        }
        return http.build();
    }

    private void write(Object request, ApiRequest.Builder http) {
        String type = config.contentType();
        if (isOf(RequestBody.JSON, type)) {
            http.body(request).header("Content-Type", type);
        } else if (isOf(RequestBody.FORM, type) && request instanceof Map<?, ?> fields) {
            http.form(byName(fields));
        } else if (request instanceof String text) {
            http.text(text).header("Content-Type", type);
        } else if (request instanceof byte[] bytes) {
            http.bytes(type, bytes);
        } else {
            throw new IllegalArgumentException(
                    "request of type " + request.getClass().getTypeName() + ": allowed for " + type
                            + " are text and bytes, and for forms maps");
        }
    }

    private static boolean isOf(String type, String contentType) {
        int parameters = contentType.indexOf(';');
        return type.equalsIgnoreCase((parameters < 0 ? contentType : contentType.substring(0, parameters)).strip());
    }

    private static Map<String, ?> byName(Map<?, ?> fields) {
        Map<String, Object> named = new LinkedHashMap<>();
        fields.forEach((name, value) -> named.put(String.valueOf(name), value));
        return named;
    }

    /** As {@link ApiClient#close}. */
    @Override
    public void close() {
        client.close();
    }

    /** The configuration, without its key. */
    @Override
    public String toString() {
        return "Endpoint(" + config + ")";
    }

    /** Builds endpoints. Not thread-safe. */
    public static final class Builder {
        private final EndpointConfig config;
        private final ApiClient.Builder client;
        private @Nullable CircuitBreaker circuitBreaker;
        private @Nullable RetryConfig retry;
        private @Nullable Duration overallTimeout;

        private Builder(EndpointConfig config) {
            this.config = Objects.requireNonNull(config, "config");
            this.client = ApiClient.builder(config.baseUrl())
                    .name(config.name())
                    .auth(config.auth())
                    .timeout(config.timeout());
            config.headers().forEach(client::defaultHeader);
        }

        /**
         * The outermost guard.
         *
         * @param breaker sees one call, whatever the retry does inside. Its trialTimeout must be at least the longest that a call can take,
         *     waits at the limiter and the bulkhead apart, or it would take a slow trial for a lost one; a registry's reload
         *     doesn't lower it below that afterwards
         */
        public Builder circuitBreaker(CircuitBreaker breaker) {
            this.circuitBreaker = breaker;
            client.circuitBreaker(breaker);
            return this;
        }

        /**
         * Retries.
         *
         * @param config how often and when; what it says of exceptions can only narrow what is retried
         */
        public Builder retry(RetryConfig config) {
            this.retry = config;
            client.retry(config);
            return this;
        }

        /**
         * Retries.
         *
         * @param retry may be shared; what it says of exceptions can only narrow what is retried
         */
        public Builder retry(Retry retry) {
            this.retry = retry.config();
            client.retry(retry);
            return this;
        }

        /** As {@link ApiClient.Builder#limiter}. */
        public Builder limiter(Guard limiter) {
            client.limiter(limiter);
            return this;
        }

        /** As {@link ApiClient.Builder#listening}. */
        public Builder listening(AdaptiveRateLimiter limiter) {
            client.listening(limiter);
            return this;
        }

        /** As {@link ApiClient.Builder#executor(AsyncExecutor)}. */
        public Builder executor(AsyncExecutor executor) {
            client.executor(executor);
            return this;
        }

        /** As {@link ApiClient.Builder#executor(RateLimitedExecutor)}. */
        public Builder executor(RateLimitedExecutor executor) {
            client.executor(executor);
            return this;
        }

        /** As {@link ApiClient.Builder#bulkhead}. */
        public Builder bulkhead(Bulkhead bulkhead) {
            client.bulkhead(bulkhead);
            return this;
        }

        /** As {@link ApiClient.Builder#overallTimeout}. */
        public Builder overallTimeout(Duration timeout) {
            client.overallTimeout(timeout);
            this.overallTimeout = timeout;
            return this;
        }

        /** As {@link ApiClient.Builder#codec}. */
        public Builder codec(JsonCodec codec) {
            client.codec(codec);
            return this;
        }

        /** As {@link ApiClient.Builder#httpClient}. */
        public Builder httpClient(HttpClient httpClient) {
            client.httpClient(httpClient);
            return this;
        }

        /** As {@link ApiClient.Builder#runtime}. */
        public Builder runtime(WeirRuntime runtime) {
            client.runtime(runtime);
            return this;
        }

        /**
         * The endpoint.
         *
         * @throws IllegalArgumentException if the breaker's trialTimeout is shorter than the longest call, or as {@link
         *     ApiClient.Builder#build}
         */
        public Endpoint build() {
            CircuitBreaker outermost = circuitBreaker;
            if (outermost == null) {
                return new Endpoint(config, client.build());
            }
            Duration longest = longestCall();
            requirePatience(outermost, longest);
            ApiClient made = client.build();
            for (Stage stage : AbstractGuard.stagesOf(outermost)) {
                stage.needsPatience(Durations.waitNanos(longest), "the endpoint '" + config.name() + "'");
            }
            try {
                requirePatience(outermost, longest);
            } catch (IllegalArgumentException changedMeanwhile) {
                made.close();
                throw changedMeanwhile;
            }
            return new Endpoint(config, made);
        }

        private void requirePatience(CircuitBreaker breaker, Duration longest) {
            for (Stage stage : AbstractGuard.stagesOf(breaker)) {
                if (stage.patienceNanos() != Long.MAX_VALUE
                        && longest.compareTo(Duration.ofNanos(stage.patienceNanos())) > 0) {
                    throw new IllegalArgumentException("circuitBreaker '" + breaker.name() + "': trialTimeout = "
                            + Duration.ofNanos(stage.patienceNanos()) + ": allowed is at least " + longest
                            + ", the longest that a call of the endpoint '" + config.name()
                            + "' can take; raise it, or give the endpoint an overallTimeout");
                }
            }
        }

        /** All attempts to their timeouts, and the longest waits in between, unless something ends the call before. */
        private Duration longestCall() {
            Duration longest = config.timeout();
            if (retry != null) {
                Duration attempt = earlier(retry.attemptTimeout().orElse(null), longest);
                double spread = 1 + (retry.jitter() ? retry.jitterFactor() : 0);
                double wait = Math.max(seconds(retry.maxDelay()), seconds(retry.retryAfterCap()) * spread);
                double all = seconds(attempt) * (retry.maxRetries() + 1.0) + wait * retry.maxRetries();
                longest = earlier(retry.overallTimeout().orElse(null), Duration.ofMillis((long)
                        Math.min(Math.ceil(all * 1000), Long.MAX_VALUE / 2.0)));
            }
            return earlier(overallTimeout, longest);
        }

        private static Duration earlier(@Nullable Duration limit, Duration other) {
            return limit == null || limit.compareTo(other) > 0 ? other : limit;
        }

        private static double seconds(Duration duration) {
            return duration.getSeconds() + duration.getNano() / 1e9;
        }
    }
}
