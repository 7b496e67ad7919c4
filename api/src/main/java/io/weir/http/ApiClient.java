package io.weir.http;

import io.weir.CallInterruptedException;
import io.weir.CallOptions;
import io.weir.Guard;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.internal.AbstractGuard;
import io.weir.ratelimit.RateLimiter;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import java.io.IOException;
import java.lang.reflect.Type;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A client of one HTTP service, on {@code java.net.http}, that wears guards: breaker, then retry, then limiter, then the request, each
 * attempt of which has its own timeout. Thread-safe.
 *
 * <p><b>Failures</b> are typed, {@link ApiException} and its kinds: {@link AuthenticationException} 401, {@link ResourceNotFoundException}
 * 404, {@link TooManyRequestsException} 429, {@link ServerException} 5xx, {@link ApiConnectionException}, {@link ApiTimeoutException}, and
 * {@code ApiException} itself for any other status but 2xx (redirects aren't followed) and for a body that can't be read. What guards
 * say comes as it is, a {@link io.weir.WeirException}.
 *
 * <p><b>What the guards see.</b> The breaker takes connection failures, timeouts and 5xx for failures; every other answer says that the
 * service works, and is a success to it. The retry tries those again, and 429; {@code Retry-After} of a 429 or 503 is honoured. The
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
    private final BaseUrl baseUrl;
    private final Duration timeout;
    private final long timeoutNanos;
    private final Map<String, String> headers;
    private final Auth auth;
    private final @Nullable JsonCodec codec;
    private final WeirRuntime runtime;
    private final Guard guard;
    private final Transport transport;
    private final ApiFailures failures;
    private final Blocking blocking = new Blocking();
    /** What close() has to fail: the futures of asynchronous calls, the exchanges of blocking ones. */
    private final Set<CompletableFuture<?>> pending = ConcurrentHashMap.newKeySet();

    private ApiClient(Builder builder, WeirRuntime runtime) {
        String name = builder.name == null ? builder.baseUrl.authority() : builder.name;
        this.baseUrl = builder.baseUrl;
        this.timeout = builder.timeout;
        this.timeoutNanos = builder.timeout.toNanos();
        this.headers = Map.copyOf(builder.headers);
        this.auth = builder.auth;
        this.codec = builder.codec;
        this.runtime = runtime;
        Retry retry = builder.retryConfig == null ? builder.retry : Retry.of(name, builder.retryConfig, runtime);
        this.guard = ClientGuard.of(name, runtime, builder.circuitBreaker, retry, builder.limiter);
        this.transport = new Transport(name, builder.httpClient, baseUrl.isSecure());
        this.failures = new ApiFailures(auth, runtime.wallClock(), timeout);
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
        return guard.name();
    }

    // ---- asynchronous calls

    /**
     * Gets a resource.
     *
     * @param path below the base URL; may have a query
     * @return completes with the response, or fails as the class says; with {@link IllegalStateException} if the client is closed
     * @throws IllegalArgumentException if the path isn't one
     */
    public CompletableFuture<ApiResponse> get(String path) {
        return execute(request("GET", path, Map.of()), response -> response);
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
        return execute(request("GET", path, query), response -> response);
    }

    /**
     * Gets a resource as a value.
     *
     * @param path below the base URL; may have a query
     * @param type {@code String}, {@code byte[]}, {@code Void} (null), {@code ApiResponse}, or what the codec can read
     * @param <T> the type of the value
     * @return completes with the value, or fails as the class says
     * @throws IllegalArgumentException if the path isn't one, or the type needs a codec and there is none
     */
    public <T> CompletableFuture<T> get(String path, Class<T> type) {
        return execute(request("GET", path, Map.of()), this.<T>reader(type));
    }

    /**
     * Gets a resource as a value of a type with type arguments.
     *
     * @param path below the base URL; may have a query
     * @param type what the codec is to read
     * @param <T> the type of the value
     * @return completes with the value, or fails as the class says
     * @throws IllegalArgumentException if the path isn't one, or the type needs a codec and there is none
     */
    public <T extends @Nullable Object> CompletableFuture<T> get(String path, TypeRef<T> type) {
        return execute(request("GET", path, Map.of()), this.<T>reader(type.type()));
    }

    private <T extends @Nullable Object> CompletableFuture<T> execute(Request request, BodyReader<T> reader) {
        if (transport.isClosed()) {
            return CompletableFuture.failedFuture(closed());
        }
        CompletableFuture<T> call = guard.execute(CallOptions.NONE, () -> start(request, reader));
        if (!call.isDone()) {
            pending.add(call);
            call.whenComplete((result, failure) -> forget(call));
            failIfClosed(call);
        }
        return call;
    }

    /** One attempt. */
    private <T extends @Nullable Object> Exchange<T> start(Request request, BodyReader<T> reader) {
        return Exchange.send(
                transport.http(),
                request.http,
                bodyHandler(),
                runtime.callbackExecutor(),
                (response, failure) -> land(request, reader, response, failure));
    }

    // ---- blocking calls

    /** The same calls for a thread that waits, a plain or a virtual one. */
    public Blocking blocking() {
        return blocking;
    }

    /**
     * A client's calls for a thread that waits. Failures are thrown as they are, also those of the guards; a closed client throws {@link
     * IllegalStateException}; an interrupt ends the call with {@link CallInterruptedException} and the flag set again.
     */
    public final class Blocking {
        private Blocking() {}

        /**
         * Gets a resource.
         *
         * @param path below the base URL; may have a query
         */
        public ApiResponse get(String path) {
            return call(request("GET", path, Map.of()), response -> response);
        }

        /**
         * Gets a resource.
         *
         * @param path below the base URL
         * @param query parameters, to be encoded; an {@link Iterable} value gives one for each element
         */
        public ApiResponse get(String path, Map<String, ?> query) {
            return call(request("GET", path, query), response -> response);
        }

        /**
         * Gets a resource as a value.
         *
         * @param path below the base URL; may have a query
         * @param type {@code String}, {@code byte[]}, {@code Void} (null), {@code ApiResponse}, or what the codec can read
         * @param <T> the type of the value
         */
        public <T> T get(String path, Class<T> type) {
            return call(request("GET", path, Map.of()), ApiClient.this.<T>reader(type));
        }

        /**
         * Gets a resource as a value of a type with type arguments.
         *
         * @param path below the base URL; may have a query
         * @param type what the codec is to read
         * @param <T> the type of the value
         */
        public <T extends @Nullable Object> T get(String path, TypeRef<T> type) {
            return call(request("GET", path, Map.of()), ApiClient.this.<T>reader(type.type()));
        }

        @Override
        public String toString() {
            return ApiClient.this + ".blocking()";
        }
    }

    private <T extends @Nullable Object> T call(Request request, BodyReader<T> reader) {
        if (transport.isClosed()) {
            throw closed();
        }
        try {
            return guard.<T, InterruptedException>call(CallOptions.NONE, () -> attempt(request, reader));
        } catch (InterruptedException e) { // inside, the guards must see it as what it is
            Thread.currentThread().interrupt();
            throw new CallInterruptedException(name(), e);
        }
    }

    /** One attempt. The landing is done by the caller, so that the failure's stack shows who called. */
    private <T extends @Nullable Object> T attempt(Request request, BodyReader<T> reader) throws InterruptedException {
        Exchange<HttpResponse<byte[]>> exchange =
                Exchange.send(transport.http(), request.http, bodyHandler(), Runnable::run, (response, failure) -> {
                    if (failure != null || response == null) {
                        throw failure == null ? new IOException("no response") : failure;
                    }
                    return response;
                });
        pending.add(exchange);
        HttpResponse<byte[]> response = null;
        Throwable failure = null;
        try {
            failIfClosed(exchange);
            response = exchange.get();
        } catch (InterruptedException e) {
            exchange.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            failure = e.getCause();
        } catch (CancellationException e) {
            failure = e;
        } finally {
            forget(exchange);
        }
        return land(request, reader, response, failure);
    }

    // ---- what both have in common

    /** A request that is ready to be sent, any number of times. */
    private record Request(HttpRequest http, String label) {}

    private Request request(String method, String path, Map<String, ?> query) {
        HttpRequest.Builder request = HttpRequest.newBuilder(baseUrl.resolve(path, query))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(timeout);
        headers.forEach(request::setHeader);
        auth.apply(request);
        return new Request(request.build(), method + " " + BaseUrl.printable(BaseUrl.pathOnly(path)));
    }

    private <T extends @Nullable Object> BodyReader<T> reader(Type type) {
        return BodyReader.of(Objects.requireNonNull(type, "type"), codec);
    }

    private HttpResponse.BodyHandler<byte[]> bodyHandler() {
        long deadline = runtime.nanoTime() + timeoutNanos;
        return info -> isSuccess(info.statusCode())
                ? new BodyCollector(runtime, deadline, Integer.MAX_VALUE - 8, false)
                : new BodyCollector(runtime, deadline, ApiException.MAX_BODY_BYTES, true);
    }

    private static boolean isSuccess(int status) {
        return status >= 200 && status < 300;
    }

    private <T extends @Nullable Object> T land(
            Request request,
            BodyReader<T> reader,
            @Nullable HttpResponse<byte[]> response,
            @Nullable Throwable failure) {
        if (response == null || failure != null) {
            if (transport.isClosed()) {
                throw closed(); // whatever the transport says of it
            }
            throw failures.ofTransport(request.label, failure == null ? new IOException("no response") : failure);
        }
        if (!isSuccess(response.statusCode())) {
            throw failures.ofStatus(request.label, response);
        }
        ApiResponse success = new ApiResponse(response.statusCode(), response.headers(), response.body());
        try {
            return reader.read(success);
        } catch (Exception e) {
            throw failures.ofBody(request.label, success, e);
        }
    }

    // ---- the end

    private IllegalStateException closed() {
        return new ClientClosedException(name());
    }

    @SuppressWarnings("UndefinedEquals") // futures are equal by identity, which is what is meant
    private void forget(CompletableFuture<?> call) {
        pending.remove(call);
    }

    /** Looks again after the call was noted as pending: a close that ran meanwhile may have missed it. */
    private void failIfClosed(CompletableFuture<?> call) {
        if (transport.isClosed()) {
            call.completeExceptionally(closed());
        }
    }

    /**
     * Fails the calls that are under way, those that wait in a guard included, and every later one with {@link IllegalStateException}; to
     * the breaker they count as cancelled. A blocking call that waits in a guard ends when it gets to its next attempt. The guards, the
     * runtime and an {@link HttpClient} that was handed in are left alone. Doesn't wait. Idempotent.
     */
    @Override
    public void close() {
        transport.close();
        for (CompletableFuture<?> call : pending) {
            if (call instanceof Exchange) {
                call.completeExceptionally(closed());
            } else { // its dependents are not to run in here
                runtime.callbackExecutor().execute(() -> call.completeExceptionally(closed()));
            }
        }
    }

    /** How many calls {@link #close} would have to fail now. */
    int pendingCalls() {
        return pending.size();
    }

    /** Name, base URL and the kind of authentication; no header, no key. */
    @Override
    public String toString() {
        return "ApiClient(" + name() + ", " + baseUrl + ", " + auth + (transport.isClosed() ? ", closed)" : ")");
    }

    /** Builds clients. Not thread-safe. */
    public static final class Builder {
        private final BaseUrl baseUrl;
        private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        private @Nullable String name;
        private Duration timeout = Duration.ofSeconds(10);
        private Auth auth = Auth.none();
        private @Nullable JsonCodec codec;
        private @Nullable HttpClient httpClient;
        private @Nullable CircuitBreaker circuitBreaker;
        private @Nullable Retry retry;
        private @Nullable RetryConfig retryConfig;
        private @Nullable Guard limiter;
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
            if (timeout.isZero() || timeout.isNegative() || timeout.compareTo(Duration.ofDays(1)) > 0) {
                throw new IllegalArgumentException(
                        "timeout = " + timeout + ": allowed is more than 0 and at most PT24H");
            }
            this.timeout = timeout;
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
         * What reads JSON.
         *
         * @param codec none by default: then only text and bytes can be read
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
         * @param breaker sees one call, whatever the retry does inside
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
         * The innermost guard: each attempt pays it.
         *
         * @param limiter a {@link RateLimiter}, or a view of one ({@link RateLimiter#failFast()})
         */
        public Builder limiter(Guard limiter) {
            this.limiter = Objects.requireNonNull(limiter, "limiter");
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
         * @throws IllegalArgumentException if the guards have different runtimes, or one isn't Weir's own
         */
        public ApiClient build() {
            return new ApiClient(this, oneRuntime());
        }

        private WeirRuntime oneRuntime() {
            WeirRuntime one = runtime;
            for (Guard guard : new Guard[] {circuitBreaker, retry, limiter}) {
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
