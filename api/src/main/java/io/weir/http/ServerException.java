package io.weir.http;

import io.weir.RetryAfterHint;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** 5xx: the service failed. With 503 it may say when to come back. */
public final class ServerException extends ApiException implements RetryAfterHint {
    private static final long serialVersionUID = 1L;

    private final @Nullable Duration retryAfter;

    /**
     * Makes a failure.
     *
     * @param message what happened
     * @param status 500 to 599
     * @param headers the response's headers
     * @param body the response's body
     * @param retryAfter when to come back, not negative, or null if unknown
     */
    public ServerException(
            String message,
            int status,
            Map<String, ? extends List<String>> headers,
            byte[] body,
            @Nullable Duration retryAfter) {
        super(message, status, headers, body, null);
        this.retryAfter = retryAfter;
    }

    /** What the {@code Retry-After} header of a 503 said, counted from the response. */
    @Override
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
