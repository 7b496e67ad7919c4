package io.weir.http;

import java.util.List;
import java.util.Map;

/** 401: the service doesn't know the caller, or its key. To try again is of no use; the service itself works. */
public final class AuthenticationException extends ApiException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes a failure.
     *
     * @param message what happened
     * @param headers the response's headers
     * @param body the response's body
     */
    public AuthenticationException(String message, Map<String, ? extends List<String>> headers, byte[] body) {
        super(message, 401, headers, body, null);
    }
}
