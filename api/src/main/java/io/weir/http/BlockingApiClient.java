package io.weir.http;

import static io.weir.http.ApiClient.bare;
import static io.weir.http.ApiClient.json;
import static io.weir.http.ApiClient.with;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A client's calls for a thread that waits, a plain or a virtual one. Failures are thrown as they are, also those of the guards; a closed
 * client throws {@link IllegalStateException}; an interrupt ends the call with {@link io.weir.CallInterruptedException} and the flag set
 * again. Thread-safe.
 */
public final class BlockingApiClient {
    private final ApiClient client;
    private final Dispatcher dispatcher;

    BlockingApiClient(ApiClient client, Dispatcher dispatcher) {
        this.client = client;
        this.dispatcher = dispatcher;
    }

    /**
     * Sends a request.
     *
     * @param request what to send
     * @throws IllegalArgumentException if its path isn't one, or it needs a codec and there is none
     */
    public ApiResponse send(ApiRequest request) {
        return dispatcher.sendBlocking(request, ApiResponse.class);
    }

    /**
     * Sends a request, and takes the answer as a value.
     *
     * @param request what to send
     * @param type {@code String}, {@code byte[]}, {@code Void} (null), {@code ApiResponse}, or what the codec can read
     * @param <T> the type of the value
     * @throws IllegalArgumentException if its path isn't one, or it needs a codec and there is none
     */
    public <T> T send(ApiRequest request, Class<T> type) {
        return dispatcher.sendBlocking(request, type);
    }

    /**
     * Sends a request, and takes the answer as a value of a type with type arguments.
     *
     * @param request what to send
     * @param type what the codec is to read
     * @param <T> the type of the value
     * @throws IllegalArgumentException if its path isn't one, or it needs a codec and there is none
     */
    public <T extends @Nullable Object> T send(ApiRequest request, TypeRef<T> type) {
        return dispatcher.sendBlocking(request, type.type());
    }

    /**
     * Gets a resource.
     *
     * @param path below the base URL; may have a query
     * @throws IllegalArgumentException if the path isn't one
     */
    public ApiResponse get(String path) {
        return send(bare("GET", path));
    }

    /**
     * Gets a resource, and takes the answer as a value.
     *
     * @param path below the base URL; may have a query
     * @param type {@code String}, {@code byte[]}, {@code Void} (null), {@code ApiResponse}, or what the codec can read
     * @param <T> the type of the value
     * @throws IllegalArgumentException if the path isn't one, or the client has no codec for what needs one
     */
    public <T> T get(String path, Class<T> type) {
        return send(bare("GET", path), type);
    }

    /**
     * Gets a resource, and takes the answer as a value of a type with type arguments.
     *
     * @param path below the base URL; may have a query
     * @param type what the codec is to read
     * @param <T> the type of the value
     * @throws IllegalArgumentException if the path isn't one, or the client has no codec for what needs one
     */
    public <T extends @Nullable Object> T get(String path, TypeRef<T> type) {
        return send(bare("GET", path), type);
    }

    /**
     * Gets a resource.
     *
     * @param path below the base URL
     * @param query parameters, to be encoded; an {@link Iterable} value gives one for each element
     * @throws IllegalArgumentException if the path isn't one
     */
    public ApiResponse get(String path, Map<String, ?> query) {
        return send(with(ApiRequest.of("GET", path), query));
    }

    /**
     * Posts a body. Sent again only as {@link ApiRequest} says.
     *
     * @param path below the base URL; may have a query
     * @param body written as JSON; for text, bytes, forms and streams there is {@link ApiRequest}
     * @throws IllegalArgumentException if the path isn't one, or the client has no codec for what needs one
     */
    public ApiResponse post(String path, Object body) {
        return send(json("POST", path, body));
    }

    /**
     * Posts a body. Sent again only as {@link ApiRequest} says, and takes the answer as a value.
     *
     * @param path below the base URL; may have a query
     * @param body written as JSON; for text, bytes, forms and streams there is {@link ApiRequest}
     * @param type {@code String}, {@code byte[]}, {@code Void} (null), {@code ApiResponse}, or what the codec can read
     * @param <T> the type of the value
     * @throws IllegalArgumentException if the path isn't one, or the client has no codec for what needs one
     */
    public <T> T post(String path, Object body, Class<T> type) {
        return send(json("POST", path, body), type);
    }

    /**
     * Posts a body. Sent again only as {@link ApiRequest} says, and takes the answer as a value of a type with type arguments.
     *
     * @param path below the base URL; may have a query
     * @param body written as JSON; for text, bytes, forms and streams there is {@link ApiRequest}
     * @param type what the codec is to read
     * @param <T> the type of the value
     * @throws IllegalArgumentException if the path isn't one, or the client has no codec for what needs one
     */
    public <T extends @Nullable Object> T post(String path, Object body, TypeRef<T> type) {
        return send(json("POST", path, body), type);
    }

    /**
     * Puts a body in the place of a resource.
     *
     * @param path below the base URL; may have a query
     * @param body written as JSON; for text, bytes, forms and streams there is {@link ApiRequest}
     * @throws IllegalArgumentException if the path isn't one, or the client has no codec for what needs one
     */
    public ApiResponse put(String path, Object body) {
        return send(json("PUT", path, body));
    }

    /**
     * Puts a body in the place of a resource, and takes the answer as a value.
     *
     * @param path below the base URL; may have a query
     * @param body written as JSON; for text, bytes, forms and streams there is {@link ApiRequest}
     * @param type {@code String}, {@code byte[]}, {@code Void} (null), {@code ApiResponse}, or what the codec can read
     * @param <T> the type of the value
     * @throws IllegalArgumentException if the path isn't one, or the client has no codec for what needs one
     */
    public <T> T put(String path, Object body, Class<T> type) {
        return send(json("PUT", path, body), type);
    }

    /**
     * Puts a body in the place of a resource, and takes the answer as a value of a type with type arguments.
     *
     * @param path below the base URL; may have a query
     * @param body written as JSON; for text, bytes, forms and streams there is {@link ApiRequest}
     * @param type what the codec is to read
     * @param <T> the type of the value
     * @throws IllegalArgumentException if the path isn't one, or the client has no codec for what needs one
     */
    public <T extends @Nullable Object> T put(String path, Object body, TypeRef<T> type) {
        return send(json("PUT", path, body), type);
    }

    /**
     * Changes a resource. Sent again only as {@link ApiRequest} says.
     *
     * @param path below the base URL; may have a query
     * @param body written as JSON; for text, bytes, forms and streams there is {@link ApiRequest}
     * @throws IllegalArgumentException if the path isn't one, or the client has no codec for what needs one
     */
    public ApiResponse patch(String path, Object body) {
        return send(json("PATCH", path, body));
    }

    /**
     * Changes a resource. Sent again only as {@link ApiRequest} says, and takes the answer as a value.
     *
     * @param path below the base URL; may have a query
     * @param body written as JSON; for text, bytes, forms and streams there is {@link ApiRequest}
     * @param type {@code String}, {@code byte[]}, {@code Void} (null), {@code ApiResponse}, or what the codec can read
     * @param <T> the type of the value
     * @throws IllegalArgumentException if the path isn't one, or the client has no codec for what needs one
     */
    public <T> T patch(String path, Object body, Class<T> type) {
        return send(json("PATCH", path, body), type);
    }

    /**
     * Changes a resource. Sent again only as {@link ApiRequest} says, and takes the answer as a value of a type with type arguments.
     *
     * @param path below the base URL; may have a query
     * @param body written as JSON; for text, bytes, forms and streams there is {@link ApiRequest}
     * @param type what the codec is to read
     * @param <T> the type of the value
     * @throws IllegalArgumentException if the path isn't one, or the client has no codec for what needs one
     */
    public <T extends @Nullable Object> T patch(String path, Object body, TypeRef<T> type) {
        return send(json("PATCH", path, body), type);
    }

    /**
     * Deletes a resource.
     *
     * @param path below the base URL; may have a query
     * @throws IllegalArgumentException if the path isn't one
     */
    public ApiResponse delete(String path) {
        return send(bare("DELETE", path));
    }

    /**
     * Deletes a resource, and takes the answer as a value.
     *
     * @param path below the base URL; may have a query
     * @param type {@code String}, {@code byte[]}, {@code Void} (null), {@code ApiResponse}, or what the codec can read
     * @param <T> the type of the value
     * @throws IllegalArgumentException if the path isn't one, or the client has no codec for what needs one
     */
    public <T> T delete(String path, Class<T> type) {
        return send(bare("DELETE", path), type);
    }

    /**
     * Makes a request of any method, without a body.
     *
     * @param method {@code HEAD} or {@code OPTIONS}, say
     * @param path below the base URL; may have a query
     * @throws IllegalArgumentException if the path isn't one
     */
    public ApiResponse request(String method, String path) {
        return send(bare(method, path));
    }

    @Override
    public String toString() {
        return client + ".blocking()";
    }
}
