package io.weir.http;

/** Tells a closed client's refusal from an {@link IllegalStateException} of anybody else, so that no breaker takes it for the service's. */
final class ClientClosedException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    ClientClosedException(String client) {
        super("the client '" + client + "' is closed");
    }
}
