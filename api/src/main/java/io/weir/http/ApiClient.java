package io.weir.http;

import io.weir.Guard;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.executor.AsyncExecutor;
import io.weir.executor.RateLimitedExecutor;
import io.weir.guard.Bulkhead;
import io.weir.internal.AbstractGuard;
import io.weir.internal.TimeoutStage;
import io.weir.ratelimit.AdaptiveRateLimiter;
import io.weir.ratelimit.RateLimiter;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A client of one HTTP service, on {@code java.net.http}, that wears guards: overall timeout, breaker, retry, limiter, executor, bulkhead, then the
 * request, outermost first; each attempt has a timeout of its own. Thread-safe.
 *
 * <p><b>Failures</b> are typed, {@link ApiException} and its kinds: {@link AuthenticationException} 401, {@link ResourceNotFoundException}
 * 404, {@link TooManyRequestsException} 429, {@link ServerException} 5xx, {@link ApiConnectionException}, {@link ApiTimeoutException}, and
 * {@code ApiException} itself for any other status but 2xx (redirects aren't followed) and for a body that can't be read. What guards
 * say comes as it is, a {@link io.weir.WeirException}.
 *
 * <p><b>What the guards see.</b> The breaker takes connection failures, timeouts and 5xx for failures; every other answer says that the
 * service works, and is a success to it. The retry tries those again, and 429, but a request that isn't idempotent only where it
 * can have had no effect ({@link ApiRequest}); {@code Retry-After} of a 429 or 503 is honoured. The
 * guards' own predicates narrow this further and can't widen it; who wants it otherwise puts the guard around the client: {@code
 * breaker.execute(() -> client.get("/x"))}.
 *
 * <p><b>Asynchronous.</b> The returned future fails with the failure itself. Cancelling it aborts the exchange, and the waits before it.
 * Dependents run on the runtime's callback executor. {@link #blocking()} has the same calls for plain and virtual threads.
 *
 * <p><b>Paths</b> are put behind the base URL and can't lead out of it: another host, {@code ".."}, a line end and the like are an {@link
 * IllegalArgumentException}, thrown at once.
 *
 * <p>Keys are in no {@link #toString}, log or exception.
 */
public final class ApiClient implements AutoCloseable {
    private final Dispatcher dispatcher;
    private final BlockingApiClient blocking;

    private ApiClient(Dispatcher dispatcher) {
        this.dispatcher = dispatcher;
        this.blocking = new BlockingApiClient(this, dispatcher);
    }

    /**
     * Begins a client.
     *
     * @param baseUrl {@code http} or {@code https}, a host, perhaps a port and a path that all requests begin with
     */
    public static Builder builder(String baseUrl) {
        return new Builder(BaseUrl.of(baseUrl));
    }

    /** The name, for messages, events and metrics: the host and port, unless it was given another. */
    public String name() {
        return dispatcher.name;
    }

    /** The same calls for a thread that waits, a plain or a virtual one. */
    public BlockingApiClient blocking() {
        return blocking;
    }

    /**
     * Sends a request.
     *
     * @param request what to send
     * @return completes with the response, or fails as the class says; with {@link IllegalStateException} if the client is closed
     * @throws IllegalArgumentException if its path isn't one, or it needs a codec and there is none
     */
    public CompletableFuture<ApiResponse> send(ApiRequest request) {
        return dispatcher.send(request, ApiResponse.class);
    }

    /**
     * Sends a request, and takes the answer as a value.
     *
     * @param request what to send
     * @param type {@code String}, {@code byte[]}, {@code Void} (null), {@code ApiResponse}, or what the codec can read
     * @param <T> the type of the value
     * @return completes with the value, or fails as the class says; with {@link IllegalStateException} if the client is closed
     * @throws IllegalArgumentException if its path isn't one, or it needs a codec and there is none
     */
    public <T> CompletableFuture<T> send(ApiRequest request, Class<T> type) {
        return dispatcher.send(request, type);
    }

    /**
     * Sends a request, and takes the answer as a value of a type with type arguments.
     *
     * @param request what to send
     * @param type what the codec is to read
     * @param <T> the type of the value
     * @return completes with the value, or fails as the class says; with {@link IllegalStateException} if the client is closed
     * @throws IllegalArgumentException if its path isn't one, or it needs a codec and there is none
     */
    public <T extends @Nullable Object> CompletableFuture<T> send(ApiRequest request, TypeRef<T> type) {
        return dispatcher.send(request, type.type());
    }

    /**
     * Gets a resource.
     *
     * @param path below the base URL; may have a query
     * @return completes with the response, or fails as the class says
     * @throws IllegalArgumentException if the path isn't one
     */
    public CompletableFuture<ApiResponse> get(String path) {
        return send(bare("GET", path));
    }

    /**
     * Gets a resource, and takes the answer as a value.
     *
     * @param path below the base URL; may have a query
     * @param type {@code String}, {@code byte[]}, {@code Void} (null), {@code ApiResponse}, or what the codec can read
     * @param <T> the type of the value
     * @return completes with the value, or fails as the class says
     * @throws IllegalArgumentException if the path isn't one, or the client has no codec for what needs one
     */
    public <T> CompletableFuture<T> get(String path, Class<T> type) {
        return send(bare("GET", path), type);
    }

    /**
     * Gets a resource, and takes the answer as a value of a type with type arguments.
     *
     * @param path below the base URL; may have a query
     * @param type what the codec is to read
     * @param <T> the type of the value
     * @return completes with the value, or fails as the class says
     * @throws IllegalArgumentException if the path isn't one, or the client has no codec for what needs one
     */
    public <T extends @Nullable Object> CompletableFuture<T> get(String path, TypeRef<T> type) {
        return send(bare("GET", path), type);
    }

    /**
     * Gets a resource.
     *
     * @param path below the base URL
     * @param query parameters, to be encoded; an {@link Iterable} value gives one for each element
     * @return completes with the response, or fails as the class says
     * @throws IllegalArgumentException if the path isn't one
     */
    public CompletableFuture<ApiResponse> get(String path, Map<String, ?> query) {
        return send(with(ApiRequest.of("GET", path), query));
    }

    /**
     * Posts a body. Sent again only as {@link ApiRequest} says.
     *
     * @param path below the base URL; may have a query
     * @param body written as JSON; for text, bytes, forms and streams there is {@link ApiRequest}
     * @return completes with the response, or fails as the class says
     * @throws IllegalArgumentException if the path isn't one, or the client has no codec for what needs one
     */
    public CompletableFuture<ApiResponse> post(String path, Object body) {
        return send(json("POST", path, body));
    }

    /**
     * Posts a body. Sent again only as {@link ApiRequest} says, and takes the answer as a value.
     *
     * @param path below the base URL; may have a query
     * @param body written as JSON; for text, bytes, forms and streams there is {@link ApiRequest}
     * @param type {@code String}, {@code byte[]}, {@code Void} (null), {@code ApiResponse}, or what the codec can read
     * @param <T> the type of the value
     * @return completes with the value, or fails as the class says
     * @throws IllegalArgumentException if the path isn't one, or the client has no codec for what needs one
     */
    public <T> CompletableFuture<T> post(String path, Object body, Class<T> type) {
        return send(json("POST", path, body), type);
    }

    /**
     * Posts a body. Sent again only as {@link ApiRequest} says, and takes the answer as a value of a type with type arguments.
     *
     * @param path below the base URL; may have a query
     * @param body written as JSON; for text, bytes, forms and streams there is {@link ApiRequest}
     * @param type what the codec is to read
     * @param <T> the type of the value
     * @return completes with the value, or fails as the class says
     * @throws IllegalArgumentException if the path isn't one, or the client has no codec for what needs one
     */
    public <T extends @Nullable Object> CompletableFuture<T> post(String path, Object body, TypeRef<T> type) {
        return send(json("POST", path, body), type);
    }

    /**
     * Puts a body in the place of a resource.
     *
     * @param path below the base URL; may have a query
     * @param body written as JSON; for text, bytes, forms and streams there is {@link ApiRequest}
     * @return completes with the response, or fails as the class says
     * @throws IllegalArgumentException if the path isn't one, or the client has no codec for what needs one
     */
    public CompletableFuture<ApiResponse> put(String path, Object body) {
        return send(json("PUT", path, body));
    }

    /**
     * Puts a body in the place of a resource, and takes the answer as a value.
     *
     * @param path below the base URL; may have a query
     * @param body written as JSON; for text, bytes, forms and streams there is {@link ApiRequest}
     * @param type {@code String}, {@code byte[]}, {@code Void} (null), {@code ApiResponse}, or what the codec can read
     * @param <T> the type of the value
     * @return completes with the value, or fails as the class says
     * @throws IllegalArgumentException if the path isn't one, or the client has no codec for what needs one
     */
    public <T> CompletableFuture<T> put(String path, Object body, Class<T> type) {
        return send(json("PUT", path, body), type);
    }

    /**
     * Puts a body in the place of a resource, and takes the answer as a value of a type with type arguments.
     *
     * @param path below the base URL; may have a query
     * @param body written as JSON; for text, bytes, forms and streams there is {@link ApiRequest}
     * @param type what the codec is to read
     * @param <T> the type of the value
     * @return completes with the value, or fails as the class says
     * @throws IllegalArgumentException if the path isn't one, or the client has no codec for what needs one
     */
    public <T extends @Nullable Object> CompletableFuture<T> put(String path, Object body, TypeRef<T> type) {
        return send(json("PUT", path, body), type);
    }

    /**
     * Changes a resource. Sent again only as {@link ApiRequest} says.
     *
     * @param path below the base URL; may have a query
     * @param body written as JSON; for text, bytes, forms and streams there is {@link ApiRequest}
     * @return completes with the response, or fails as the class says
     * @throws IllegalArgumentException if the path isn't one, or the client has no codec for what needs one
     */
    public CompletableFuture<ApiResponse> patch(String path, Object body) {
        return send(json("PATCH", path, body));
    }

    /**
     * Changes a resource. Sent again only as {@link ApiRequest} says, and takes the answer as a value.
     *
     * @param path below the base URL; may have a query
     * @param body written as JSON; for text, bytes, forms and streams there is {@link ApiRequest}
     * @param type {@code String}, {@code byte[]}, {@code Void} (null), {@code ApiResponse}, or what the codec can read
     * @param <T> the type of the value
     * @return completes with the value, or fails as the class says
     * @throws IllegalArgumentException if the path isn't one, or the client has no codec for what needs one
     */
    public <T> CompletableFuture<T> patch(String path, Object body, Class<T> type) {
        return send(json("PATCH", path, body), type);
    }

    /**
     * Changes a resource. Sent again only as {@link ApiRequest} says, and takes the answer as a value of a type with type arguments.
     *
     * @param path below the base URL; may have a query
     * @param body written as JSON; for text, bytes, forms and streams there is {@link ApiRequest}
     * @param type what the codec is to read
     * @param <T> the type of the value
     * @return completes with the value, or fails as the class says
     * @throws IllegalArgumentException if the path isn't one, or the client has no codec for what needs one
     */
    public <T extends @Nullable Object> CompletableFuture<T> patch(String path, Object body, TypeRef<T> type) {
        return send(json("PATCH", path, body), type);
    }

    /**
     * Deletes a resource.
     *
     * @param path below the base URL; may have a query
     * @return completes with the response, or fails as the class says
     * @throws IllegalArgumentException if the path isn't one
     */
    public CompletableFuture<ApiResponse> delete(String path) {
        return send(bare("DELETE", path));
    }

    /**
     * Deletes a resource, and takes the answer as a value.
     *
     * @param path below the base URL; may have a query
     * @param type {@code String}, {@code byte[]}, {@code Void} (null), {@code ApiResponse}, or what the codec can read
     * @param <T> the type of the value
     * @return completes with the value, or fails as the class says
     * @throws IllegalArgumentException if the path isn't one, or the client has no codec for what needs one
     */
    public <T> CompletableFuture<T> delete(String path, Class<T> type) {
        return send(bare("DELETE", path), type);
    }

    /**
     * Makes a request of any method, without a body.
     *
     * @param method {@code HEAD} or {@code OPTIONS}, say
     * @param path below the base URL; may have a query
     * @return completes with the response, or fails as the class says
     * @throws IllegalArgumentException if the path isn't one
     */
    public CompletableFuture<ApiResponse> request(String method, String path) {
        return send(bare(method, path));
    }

    static ApiRequest bare(String method, String path) {
        return ApiRequest.of(method, path).build();
    }

    static ApiRequest json(String method, String path, Object body) {
        return ApiRequest.of(method, path).body(body).build();
    }

    static ApiRequest with(ApiRequest.Builder request, Map<String, ?> query) {
        query.forEach(request::query);
        return request.build();
    }

    /**
     * Fails the calls that are under way, those that wait in a guard included, and every later one with {@link IllegalStateException}; to
     * the breaker they count as cancelled. A blocking call that waits in a guard ends when it gets to its next attempt. The guards, the
     * runtime and an {@link HttpClient} that was handed in are left alone. Doesn't wait. Idempotent.
     */
    @Override
    public void close() {
        dispatcher.close();
    }

    /** How many calls {@link #close} would have to fail now. */
    int pendingCalls() {
        return dispatcher.pendingCalls();
    }

    /** Name, base URL and the kind of authentication; no header, no key. */
    @Override
    public String toString() {
        return "ApiClient(" + dispatcher + ")";
    }

    /** Builds clients. Not thread-safe. */
    public static final class Builder {
        final BaseUrl baseUrl;
        final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        private @Nullable String name;
        Duration timeout = Duration.ofSeconds(10);
        Auth auth = Auth.none();
        private @Nullable JsonCodec codec;

        @Nullable
        HttpClient httpClient;

        @Nullable
        CircuitBreaker circuitBreaker;

        @Nullable
        Retry retry;

        private @Nullable RetryConfig retryConfig;

        @Nullable
        Duration overallTimeout;

        @Nullable
        Bulkhead bulkhead;

        @Nullable
        AdaptiveRateLimiter listening;

        @Nullable
        Guard limiter;

        /** An {@link AsyncExecutor} or a {@link RateLimitedExecutor}. */
        @Nullable
        Guard executor;

        private @Nullable WeirRuntime runtime;

        private Builder(BaseUrl baseUrl) {
            this.baseUrl = baseUrl;
        }

        /**
         * The client's name.
         *
         * @param name for messages, events and metrics; the host and port by default
         */
        public Builder name(String name) {
            this.name = Objects.requireNonNull(name, "name");
            return this;
        }

        /**
         * How long one attempt may take, from the connection to the end of the body.
         *
         * @param timeout more than 0, at most 1 day; 10 s by default
         */
        public Builder timeout(Duration timeout) {
            this.timeout = Headers.requireTimeout("timeout", timeout);
            return this;
        }

        /**
         * How long a call may take with all its attempts and the waits in between. When it is over the call fails with {@link
         * io.weir.CallTimeoutException}. {@link io.weir.CallOptions#within} says so for one call.
         *
         * @param timeout positive; without limit by default
         */
        public Builder overallTimeout(Duration timeout) {
            this.overallTimeout = TimeoutStage.requirePositive("overallTimeout", timeout);
            return this;
        }

        /**
         * A header that every request has, in the place of an earlier one of this name.
         *
         * @param name any case; none that the transport sets itself, as {@code Host}
         * @param value never shown
         */
        public Builder defaultHeader(String name, String value) {
            Headers.requireName(name);
            Headers.requireValue(name, value);
            headers.put(name, value);
            return this;
        }

        /**
         * Who the client is. Its header wins over a default header of that name.
         *
         * @param auth none by default
         */
        public Builder auth(Auth auth) {
            this.auth = Objects.requireNonNull(auth, "auth");
            return this;
        }

        /**
         * What reads and writes JSON.
         *
         * @param codec by default the one that {@link ServiceLoader} finds (as with the module {@code io.weir.jackson}); with none, only
         *     text, bytes, forms and streams can be sent, and text and bytes read
         */
        public Builder codec(JsonCodec codec) {
            this.codec = Objects.requireNonNull(codec, "codec");
            return this;
        }

        /**
         * An HTTP client that is there already.
         *
         * @param httpClient isn't closed with this client; it had better follow no redirects, as it would send the key along. By default
         *     this client has one of its own, made on first use
         */
        public Builder httpClient(HttpClient httpClient) {
            this.httpClient = Objects.requireNonNull(httpClient, "httpClient");
            return this;
        }

        /**
         * The outermost guard.
         *
         * @param breaker sees one call, whatever the retry does inside; its trialTimeout had better be longer than a call can take
         */
        public Builder circuitBreaker(CircuitBreaker breaker) {
            this.circuitBreaker = Objects.requireNonNull(breaker, "circuitBreaker");
            return this;
        }

        /**
         * Retries, in the place of an earlier {@link #retry(Retry)}.
         *
         * @param config how often and when; what it says of exceptions can only narrow what is retried
         */
        public Builder retry(RetryConfig config) {
            this.retryConfig = Objects.requireNonNull(config, "retry");
            this.retry = null;
            return this;
        }

        /**
         * Retries, in the place of an earlier {@link #retry(RetryConfig)}.
         *
         * @param retry may be shared; what it says of exceptions can only narrow what is retried
         */
        public Builder retry(Retry retry) {
            this.retry = Objects.requireNonNull(retry, "retry");
            this.retryConfig = null;
            return this;
        }

        /**
         * Inside of the retry: each attempt pays it. An {@link AdaptiveRateLimiter} hears every response's headers.
         *
         * @param limiter a {@link RateLimiter}, or a view of one ({@link RateLimiter#failFast()}); of a view, tell by {@link #listening} whose
         *     it is
         */
        public Builder limiter(Guard limiter) {
            this.limiter = Objects.requireNonNull(limiter, "limiter");
            if (limiter instanceof AdaptiveRateLimiter adaptive) {
                this.listening = adaptive;
            }
            return this;
        }

        /**
         * What hears every response's headers, in the place of an {@link AdaptiveRateLimiter} given before.
         *
         * @param limiter needn't be this client's own limiter; it may be the one of a view, or of a guard around the client
         */
        public Builder listening(AdaptiveRateLimiter limiter) {
            this.listening = Objects.requireNonNull(limiter, "listening");
            return this;
        }

        /**
         * Inside of the retry and the limiter: where requests wait for their turn. Each attempt holds a slot. In the place of an earlier executor.
         *
         * @param executor may be shared, and isn't shut down with this client. With a {@link #limiter} beside it, requests that have paid their tokens
         *     would wait here, and late ones together would break the limit: a {@link RateLimitedExecutor} does both at once
         */
        public Builder executor(AsyncExecutor executor) {
            this.executor = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /**
         * Inside of the retry: where requests wait for their tokens and a slot. Each attempt pays, and holds a slot. If it is adaptive, it hears every
         * response's headers; if it has a limit for each endpoint, a request's {@link io.weir.CallOptions#key} tells which. In the place of an earlier executor.
         *
         * @param executor may be shared, and isn't shut down with this client. It is a limiter itself, so there may be none beside it
         */
        public Builder executor(RateLimitedExecutor executor) {
            this.executor = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /**
         * The innermost guard: how many requests may be in flight at once.
         *
         * @param bulkhead with a limiter, one without a line: a call that has paid its tokens would wait there, and late calls together
         *     would break the limit
         */
        public Builder bulkhead(Bulkhead bulkhead) {
            this.bulkhead = Objects.requireNonNull(bulkhead, "bulkhead");
            return this;
        }

        /**
         * Where time and callbacks come from.
         *
         * @param runtime by default that of the guards, or the shared one if there is none
         */
        public Builder runtime(WeirRuntime runtime) {
            this.runtime = Objects.requireNonNull(runtime, "runtime");
            return this;
        }

        /**
         * The client.
         *
         * @throws IllegalArgumentException if the guards have different runtimes, or one isn't Weir's own, or if there are a limiter and a {@link
         *     RateLimitedExecutor}
         */
        public ApiClient build() {
            if (limiter != null && executor instanceof RateLimitedExecutor) {
                throw new IllegalArgumentException(
                        "limiter = '" + limiter.name() + "' beside executor '" + executor.name()
                                + "', which limits too: allowed is one of them, as each request would pay twice");
            }
            WeirRuntime one = oneRuntime();
            String its = name == null ? baseUrl.authority() : name;
            Retry own = retryConfig == null ? retry : Retry.of(its, retryConfig, one);
            JsonCodec json = codec != null
                    ? codec
                    : ServiceLoader.load(JsonCodec.class).findFirst().orElse(null);
            return new ApiClient(new Dispatcher(its, this, own, json, one));
        }

        private WeirRuntime oneRuntime() {
            WeirRuntime one = runtime;
            for (Guard guard : new Guard[] {circuitBreaker, retry, limiter, executor, bulkhead}) {
                WeirRuntime its = guard == null ? null : AbstractGuard.runtimeOf(guard);
                if (its != null) {
                    if (one != null && one != its) {
                        throw new IllegalArgumentException(
                                "runtime: '" + Objects.requireNonNull(guard).name()
                                        + "' has another than the client or its other guards; allowed is one runtime a client");
                    }
                    one = its;
                }
            }
            return one == null ? WeirRuntime.shared() : one;
        }
    }
}
