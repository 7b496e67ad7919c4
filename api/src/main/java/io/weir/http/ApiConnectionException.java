package io.weir.http;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The service could not be reached, or the connection broke before the response was complete. The request may have had its effect. */
public final class ApiConnectionException extends ApiException {
    private static final long serialVersionUID = 1L;

    private final boolean refused;

    /**
     * Makes a failure.
     *
     * @param message what happened
     * @param cause what the transport said
     */
    public ApiConnectionException(String message, @Nullable Throwable cause) {
        this(message, cause, Resend.isRefused(cause));
    }

    /** A failure whose cause may be a stand-in. */
    ApiConnectionException(String message, @Nullable Throwable cause, boolean refused) {
        super(message, 0, Map.of(), new byte[0], cause);
        this.refused = refused;
    }

    /** Whether there was no connection to begin with; then the request was not sent, and has had no effect. */
    public boolean isRefused() {
        return refused;
    }
}
