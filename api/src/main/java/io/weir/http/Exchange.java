package io.weir.http;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response, as a future that is to be completed by its maker. Whoever cancels or fails it from outside aborts the
 * exchange on the wire, which a future that merely depends on the transport's would not.
 *
 * @param <T> the result
 */
final class Exchange<T extends @Nullable Object> extends CompletableFuture<T> {
    private final CompletableFuture<HttpResponse<byte[]>> flight;

    private Exchange(CompletableFuture<HttpResponse<byte[]>> flight) {
        this.flight = flight;
    }

    /** How the response, or the failure, becomes the result. */
    @FunctionalInterface
    interface Landing<T extends @Nullable Object> {
        T land(@Nullable HttpResponse<byte[]> response, @Nullable Throwable failure) throws Throwable;
    }

    /**
     * Sends a request.
     *
     * @param http sends it
     * @param request what to send
     * @param body reads the response
     * @param executor where the landing runs
     * @param landing makes the result; what it throws is the failure
     */
    static <T extends @Nullable Object> Exchange<T> send(
            HttpClient http,
            HttpRequest request,
            HttpResponse.BodyHandler<byte[]> body,
            Executor executor,
            Landing<? extends T> landing) {
        Exchange<T> exchange = new Exchange<>(http.sendAsync(request, body));
        exchange.flight.whenCompleteAsync(
                (response, failure) -> {
                    try {
                        exchange.complete(landing.land(response, failure));
                    } catch (Throwable e) {
                        exchange.completeExceptionally(e);
                    }
                },
                executor);
        return exchange;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        flight.cancel(true);
        return cancelled;
    }

    @Override
    public boolean completeExceptionally(Throwable failure) {
        boolean failed = super.completeExceptionally(failure);
        flight.cancel(true); // if it has landed, this does nothing
        return failed;
    }
}
