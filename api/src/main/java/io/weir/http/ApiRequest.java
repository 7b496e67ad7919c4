package io.weir.http;

import io.weir.CallOptions;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A request for {@link ApiClient#send}: what the short forms ({@code client.post(path, body)}) can't say. Immutable and thread-safe, and may
 * be sent any number of times, unless its body is a stream, which can be sent once.
 *
 * <p><b>Sending again.</b> A client's retry sends a request again if a second effect is the same as one: an idempotent method (GET, HEAD, PUT,
 * DELETE, OPTIONS, TRACE; RFC 9110, section 9.2.2), a header {@code Idempotency-Key}, or {@link Builder#idempotent}. Any other is sent again
 * only when the service did nothing with it: after 429, 503, or a refused connection. A stream is never sent again.
 */
public final class ApiRequest {
    private static final Set<String> IDEMPOTENT = Set.of("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE");

    private final String method;
    private final String path;
    private final Map<String, Object> query;
    private final Map<String, String> headers;
    private final RequestBody body;
    private final @Nullable Duration timeout;
    private final Resend resend;
    private final CallOptions options;

    private ApiRequest(Builder builder) {
        this.method = builder.method;
        this.path = builder.path;
        this.query = Collections.unmodifiableMap(new LinkedHashMap<>(builder.query));
        TreeMap<String, String> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        if (builder.body.contentType() != null) {
            all.put("Content-Type", builder.body.contentType());
        }
        all.putAll(builder.headers);
        this.headers = Collections.unmodifiableMap(all);
        this.body = builder.body;
        this.timeout = builder.timeout;
        this.options = builder.options;
        boolean idempotent = builder.idempotent != null
                ? builder.idempotent
                : IDEMPOTENT.contains(method) || headers.containsKey("Idempotency-Key");
        this.resend = !body.isRepeatable() ? Resend.NEVER : idempotent ? Resend.ALWAYS : Resend.IF_UNTOUCHED;
    }

    /**
     * Begins a request.
     *
     * @param method {@code GET}, {@code POST}, or any other but {@code CONNECT}; in capitals, as HTTP has them
     * @param path below the client's base URL; may have a query
     */
    public static Builder of(String method, String path) {
        return new Builder(method, path);
    }

    public String method() {
        return method;
    }

    /** The path as it was given. */
    public String path() {
        return path;
    }

    /** How long one attempt may take, if that isn't the client's own timeout. */
    public Optional<Duration> timeout() {
        return Optional.ofNullable(timeout);
    }

    /** What the client's guards get to hear. */
    public CallOptions options() {
        return options;
    }

    Map<String, Object> query() {
        return query;
    }

    Map<String, String> headers() {
        return headers;
    }

    RequestBody body() {
        return body;
    }

    Resend resend() {
        return resend;
    }

    /** Method and path for messages: the query, the headers and the body may hold what is nobody's business. */
    String label() {
        return method + " " + BaseUrl.printable(BaseUrl.pathOnly(path));
    }

    @Override
    public String toString() {
        return "ApiRequest(" + label() + ")";
    }

    /** Builds requests. Not thread-safe. */
    public static final class Builder {
        private final String method;
        private final String path;
        private final Map<String, Object> query = new LinkedHashMap<>();
        private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        private RequestBody body = RequestBody.NONE;
        private @Nullable Duration timeout;
        private @Nullable Boolean idempotent;
        private CallOptions options = CallOptions.NONE;

        private Builder(String method, String path) {
            this.method = Headers.requireMethod(method);
            this.path = Objects.requireNonNull(path, "path");
        }

        /**
         * A parameter of the query, in the place of an earlier one of this name.
         *
         * @param name will be encoded
         * @param value will be encoded; an {@link Iterable} gives a parameter for each element
         */
        public Builder query(String name, Object value) {
            query.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
            return this;
        }

        /**
         * A header, in the place of an earlier one of this name and of the client's default.
         *
         * @param name any case; none that the transport sets itself, as {@code Host}, nor that of the client's {@link Auth}
         * @param value never shown
         */
        public Builder header(String name, String value) {
            Headers.requireName(name);
            Headers.requireValue(name, value);
            headers.put(name, value);
            return this;
        }

        /**
         * A JSON body, written by the client's codec when the request is sent.
         *
         * @param value what the codec can write
         */
        public Builder body(Object value) {
            this.body = RequestBody.json(Objects.requireNonNull(value, "body"));
            return this;
        }

        /**
         * A body of plain text, in UTF-8.
         *
         * @param text as it is
         */
        public Builder text(String text) {
            return bytes("text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
        }

        /**
         * A body of bytes.
         *
         * @param contentType what they are
         * @param bytes are copied
         */
        public Builder bytes(String contentType, byte[] bytes) {
            Headers.requireValue("Content-Type", contentType);
            this.body = RequestBody.bytes(contentType, bytes);
            return this;
        }

        /**
         * A body as HTML forms have it, {@code application/x-www-form-urlencoded}.
         *
         * @param fields will be encoded; an {@link Iterable} value gives a field for each element
         */
        public Builder form(Map<String, ?> fields) {
            this.body = RequestBody.form(fields);
            return this;
        }

        /**
         * A body that is read from a stream while it is sent, in chunks. The request can be sent once only, and no retry sends it again.
         *
         * @param contentType what the stream holds
         * @param stream read on one of the HTTP client's threads, and closed at its end
         */
        public Builder stream(String contentType, InputStream stream) {
            Headers.requireValue("Content-Type", contentType);
            this.body = RequestBody.stream(contentType, Objects.requireNonNull(stream, "stream"), -1);
            return this;
        }

        /**
         * A body that is read from a stream while it is sent. The request can be sent once only, and no retry sends it again.
         *
         * @param contentType what the stream holds
         * @param stream read on one of the HTTP client's threads, and closed at its end
         * @param length how many bytes it has, at least 1
         */
        public Builder stream(String contentType, InputStream stream, long length) {
            Headers.requireValue("Content-Type", contentType);
            if (length < 1) {
                throw new IllegalArgumentException("length = " + length + ": allowed is 1 or more");
            }
            this.body = RequestBody.stream(contentType, Objects.requireNonNull(stream, "stream"), length);
            return this;
        }

        /**
         * How long one attempt may take, from the connection to the end of the body. For all attempts together see {@link
         * CallOptions#within}.
         *
         * @param timeout more than 0, at most 1 day; the client's by default
         */
        public Builder timeout(Duration timeout) {
            this.timeout = Headers.requireTimeout("timeout", timeout);
            return this;
        }

        /**
         * Whether a second effect of this request is the same as one, so that it may be sent again whatever went wrong.
         *
         * @param idempotent by default, what the method says, or that there is a header {@code Idempotency-Key}
         */
        public Builder idempotent(boolean idempotent) {
            this.idempotent = idempotent;
            return this;
        }

        /**
         * What the client's guards get to hear: tokens, key, deadline.
         *
         * @param options none by default
         */
        public Builder options(CallOptions options) {
            this.options = Objects.requireNonNull(options, "options");
            return this;
        }

        public ApiRequest build() {
            return new ApiRequest(this);
        }

        @Override
        public String toString() {
            return "ApiRequest.Builder(" + method + " " + BaseUrl.printable(BaseUrl.pathOnly(path)) + ")";
        }
    }
}
