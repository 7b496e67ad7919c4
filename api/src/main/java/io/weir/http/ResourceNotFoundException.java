package io.weir.http;

import java.util.List;
import java.util.Map;

/** 404: there is no such thing. The service itself works. */
public final class ResourceNotFoundException extends ApiException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes a failure.
     *
     * @param message what happened
     * @param headers the response's headers
     * @param body the response's body
     */
    public ResourceNotFoundException(String message, Map<String, ? extends List<String>> headers, byte[] body) {
        super(message, 404, headers, body, null);
    }
}
