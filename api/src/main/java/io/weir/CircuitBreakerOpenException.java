package io.weir;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A circuit breaker refused a call because it is open, or because its trial calls are all in flight. */
public final class CircuitBreakerOpenException extends CallRejectedException {
    private static final long serialVersionUID = 1L;

    private final String state;

    /**
     * Makes a rejection.
     *
     * @param guard the breaker's name
     * @param state the breaker's state, as its enum constant is spelled
     * @param retryAfter when to come back, or null if unknown (forced open)
     * @param stackTrace whether to fill in the stack
     */
    public CircuitBreakerOpenException(String guard, String state, @Nullable Duration retryAfter, boolean stackTrace) {
        super(
                guard,
                "circuit breaker '" + guard + "' is " + state
                        + (retryAfter == null ? "" : ", retry after " + retryAfter),
                retryAfter,
                stackTrace);
        this.state = state;
    }

    /** The breaker's state when it refused: OPEN, HALF_OPEN or FORCED_OPEN. */
    public String state() {
        return state;
    }
}
