package io.weir.http;

import io.weir.RetryAfterHint;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** 429: the service limits the rate of its callers. It works, and may say when to come back. */
public final class TooManyRequestsException extends ApiException implements RetryAfterHint {
    private static final long serialVersionUID = 1L;

    private final @Nullable Duration retryAfter;

    /**
     * Makes a failure.
     *
     * @param message what happened
     * @param headers the response's headers
     * @param body the response's body
     * @param retryAfter when to come back, not negative, or null if unknown
     */
    public TooManyRequestsException(
            String message, Map<String, ? extends List<String>> headers, byte[] body, @Nullable Duration retryAfter) {
        super(message, 429, headers, body, null);
        this.retryAfter = retryAfter;
    }

    /** What the {@code Retry-After} header said, counted from the response. */
    @Override
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
