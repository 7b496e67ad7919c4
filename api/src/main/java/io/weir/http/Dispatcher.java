package io.weir.http;

import io.weir.CallInterruptedException;
import io.weir.WeirRuntime;
import io.weir.executor.RateLimitedExecutor;
import io.weir.ratelimit.AdaptiveRateLimiter;
import io.weir.retry.Retry;
import java.io.IOException;
import java.lang.reflect.Type;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Sends a client's requests through its guards, and knows which are under way. */
final class Dispatcher implements AutoCloseable {
    final String name;
    private final BaseUrl baseUrl;
    private final Duration timeout;
    private final Map<String, String> headers;
    private final Auth auth;
    private final @Nullable JsonCodec codec;
    private final WeirRuntime runtime;
    private final ClientGuards guards;
    private final List<Listener> listening = new ArrayList<>();
    private final Transport transport;
    private final ApiFailures failures;
    /** What close() has to fail: the futures of asynchronous calls, the exchanges of blocking ones. */
    private final Set<CompletableFuture<?>> pending = ConcurrentHashMap.newKeySet();

    Dispatcher(
            String name,
            ApiClient.Builder builder,
            @Nullable Retry retry,
            @Nullable JsonCodec codec,
            WeirRuntime runtime) {
        this.name = name;
        this.baseUrl = builder.baseUrl;
        this.timeout = builder.timeout;
        this.headers = Map.copyOf(builder.headers);
        this.auth = builder.auth;
        this.codec = codec;
        this.runtime = runtime;
        this.guards = new ClientGuards(name, runtime, builder, retry);
        AdaptiveRateLimiter limiter = builder.listening;
        if (limiter != null) {
            listening.add(limiter::updateFromHeaders);
        }
        if (builder.executor instanceof RateLimitedExecutor executor && executor.isAdaptive()) {
            listening.add(executor::updateFromHeaders);
        }
        this.transport = new Transport(name, builder.httpClient, baseUrl.isSecure());
        this.failures = new ApiFailures(auth, runtime.wallClock());
    }

    /** Whoever's limit follows what the service says of it. */
    private interface Listener {
        void hear(int status, HttpHeaders headers);
    }

    /** A request that is ready to be sent. */
    private record Ready(HttpRequest http, String label, Duration timeout) {}

    <T extends @Nullable Object> CompletableFuture<T> send(ApiRequest request, Type type) {
        BodyReader<T> reader = reader(type);
        Ready ready = ready(request);
        if (transport.isClosed()) {
            return CompletableFuture.failedFuture(closed());
        }
        CompletableFuture<T> call = guards.of(request.resend()).execute(request.options(), () -> start(ready, reader));
        if (!call.isDone()) {
            pending.add(call);
            call.whenComplete((result, failure) -> forget(call));
            failIfClosed(call);
        }
        return call;
    }

    /** One attempt. */
    private <T extends @Nullable Object> Exchange<T> start(Ready request, BodyReader<T> reader) {
        long sent = System.nanoTime();
        return Exchange.send(
                transport.http(),
                request.http,
                bodyHandler(request),
                runtime.callbackExecutor(),
                (response, failure) -> land(request, sent, reader, response, failure));
    }

    <T extends @Nullable Object> T sendBlocking(ApiRequest request, Type type) {
        BodyReader<T> reader = reader(type);
        Ready ready = ready(request);
        if (transport.isClosed()) {
            throw closed();
        }
        try {
            return guards.of(request.resend())
                    .<T, InterruptedException>call(request.options(), () -> attempt(ready, reader));
        } catch (InterruptedException e) { // inside, the guards must see it as what it is
            Thread.currentThread().interrupt();
            throw new CallInterruptedException(name, e);
        }
    }

    /** One attempt. The landing is done by the caller, so that the failure's stack shows who called. */
    private <T extends @Nullable Object> T attempt(Ready request, BodyReader<T> reader) throws InterruptedException {
        long sent = System.nanoTime();
        Exchange<HttpResponse<byte[]>> exchange = Exchange.send(
                transport.http(), request.http, bodyHandler(request), Runnable::run, (response, failure) -> {
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
        return land(request, sent, reader, response, failure);
    }

    // ---- what both have in common

    private Ready ready(ApiRequest request) {
        Objects.requireNonNull(request, "request");
        Duration limit = request.timeout().orElse(timeout);
        HttpRequest.Builder http = HttpRequest.newBuilder(baseUrl.resolve(request.path(), request.query()))
                .method(request.method(), request.body().publisher(codec))
                .timeout(limit);
        headers.forEach(http::setHeader);
        request.headers().forEach((header, value) -> {
            if (auth.owns(header)) { // only the client's own key is kept out of failures
                throw new IllegalArgumentException(
                        "header = '" + header + "': allowed is none that the client's " + auth + " sets");
            }
            http.setHeader(header, value);
        });
        auth.apply(http);
        return new Ready(http.build(), request.label(), limit);
    }

    private <T extends @Nullable Object> BodyReader<T> reader(Type type) {
        return BodyReader.of(Objects.requireNonNull(type, "type"), codec);
    }

    private HttpResponse.BodyHandler<byte[]> bodyHandler(Ready request) {
        long deadline = runtime.nanoTime() + request.timeout.toNanos();
        return info -> {
            hear(info.statusCode(), info.headers());
            return isSuccess(info.statusCode())
                    ? new BodyCollector(runtime, deadline, Integer.MAX_VALUE - 8, false)
                    : new BodyCollector(runtime, deadline, ApiException.MAX_BODY_BYTES, true);
        };
    }

    /** As soon as the headers are there: what they say of the limits is true however the body ends. */
    private void hear(int status, HttpHeaders said) {
        for (Listener listener : listening) {
            try {
                listener.hear(status, said);
            } catch (IllegalStateException closed) {
                // nobody is limited by it any more
            }
        }
    }

    private static boolean isSuccess(int status) {
        return status >= 200 && status < 300;
    }

    private <T extends @Nullable Object> T land(
            Ready request,
            long sent,
            BodyReader<T> reader,
            @Nullable HttpResponse<byte[]> response,
            @Nullable Throwable failure) {
        if (response == null || failure != null) {
            if (transport.isClosed()) {
                throw closed(); // whatever the transport says of it
            }
            Throwable thrown = failure == null ? new IOException("no response") : failure;
            throw failures.ofTransport(request.label, request.timeout, isLate(request, sent), thrown);
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

    /**
     * Whether an attempt's time is up. On the system's clock, as the JDK's timeout is: when that comes just as the body begins, all it says is
     * that the connection was closed. A millisecond less, as it counts on another clock, in milliseconds.
     */
    private static boolean isLate(Ready request, long sent) {
        return System.nanoTime() - sent >= request.timeout.toNanos() - 1_000_000;
    }

    // ---- the end

    private IllegalStateException closed() {
        return new ClientClosedException(name);
    }

    boolean isClosed() {
        return transport.isClosed();
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

    /** Base URL and the kind of authentication; no header, no key. */
    @Override
    public String toString() {
        return name + ", " + baseUrl + ", " + auth + (transport.isClosed() ? ", closed" : "");
    }
}
