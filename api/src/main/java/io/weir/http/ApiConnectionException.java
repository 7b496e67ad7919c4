package io.weir.http;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The service could not be reached, or the connection broke before the response was complete. The request may have had its effect. */
public final class ApiConnectionException extends ApiException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes a failure.
     *
     * @param message what happened
     * @param cause what the transport said
     */
    public ApiConnectionException(String message, @Nullable Throwable cause) {
        super(message, 0, Map.of(), new byte[0], cause);
    }
}
