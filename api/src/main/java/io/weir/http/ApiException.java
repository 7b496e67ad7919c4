package io.weir.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A call to a service failed: it answered with a status that is no success, or not at all. The message names the request and what the
 * service said of the failure (the {@code detail} of its JSON body); it never holds the client's key, nor do the headers and the body.
 *
 * <p>Not a {@link io.weir.WeirException}: those are what guards say, this is what the service says. Serialisable; holds at most {@link
 * #MAX_BODY_BYTES} of the body and as many characters of headers.
 */
public class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** As much of a failure's body is kept. */
    public static final int MAX_BODY_BYTES = 64 * 1024;

    private final int status;
    /** A TreeMap keeps its order, and so its disregard of case, when it is copied or serialised. */
    private final TreeMap<String, List<String>> headers;

    private final byte[] body;
    private final @Nullable String detail;

    /**
     * Makes a failure.
     *
     * @param message what happened
     * @param status the HTTP status, or 0 if there was no response
     * @param headers the response's headers
     * @param body the response's body; what is over {@link #MAX_BODY_BYTES} is cut off
     * @param cause why, or null
     */
    public ApiException(
            String message,
            int status,
            Map<String, ? extends List<String>> headers,
            byte[] body,
            @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
        this.headers = new TreeMap<>(kept(headers));
        this.body = Arrays.copyOf(body, Math.min(body.length, MAX_BODY_BYTES));
        this.detail = Detail.of(new String(this.body, StandardCharsets.UTF_8));
    }

    private static SortedMap<String, List<String>> kept(Map<String, ? extends List<String>> headers) {
        SortedMap<String, List<String>> kept = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        int size = 0;
        for (Map.Entry<String, ? extends List<String>> header : headers.entrySet()) {
            size += header.getKey().length();
            for (String value : header.getValue()) {
                size += value.length();
            }
            if (size > MAX_BODY_BYTES) {
                break;
            }
            kept.put(header.getKey(), List.copyOf(header.getValue()));
        }
        return kept;
    }

    /** The HTTP status, or 0 if there was no response. */
    public final int status() {
        return status;
    }

    /** The response's headers; names are looked up without regard to case. Unmodifiable; empty if there was no response. */
    public final Map<String, List<String>> headers() {
        return Collections.unmodifiableMap(headers);
    }

    /** A copy of the response's body, up to {@link #MAX_BODY_BYTES}; empty if there was none. */
    public final byte[] body() {
        return body.clone();
    }

    /** What the service says of the failure: the {@code detail} of its JSON body, cut to a few hundred characters. */
    public final Optional<String> detail() {
        return Optional.ofNullable(detail);
    }
}
