package io.weir.http;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One attempt took longer than the client's timeout: no connection, no response, or no end of it. The request may have had its effect. */
public final class ApiTimeoutException extends ApiException {
    private static final long serialVersionUID = 1L;

    private final Duration after;

    /**
     * Makes a failure.
     *
     * @param message what happened
     * @param after how long the attempt had been given
     * @param cause what the transport said
     */
    public ApiTimeoutException(String message, Duration after, @Nullable Throwable cause) {
        super(message, 0, Map.of(), new byte[0], cause);
        this.after = after;
    }

    /** How long the attempt had been given. */
    public Duration after() {
        return after;
    }
}
