package io.weir;

import java.time.Duration;

/**
 * A call was cut short because its time was up: by its deadline after it had been invoked, or by a {@link io.weir.guard.Timeout}, also while
 * it still waited. If it was invoked, it may have had its effect.
 */
public final class CallTimeoutException extends WeirException {
    private static final long serialVersionUID = 1L;

    private final String guard;
    private final Duration after;

    /**
     * Makes a timeout.
     *
     * @param guard the guard that enforced the limit
     * @param after how long the call had been given
     * @param stackTrace whether to fill in the stack
     */
    public CallTimeoutException(String guard, Duration after, boolean stackTrace) {
        super("'" + guard + "' cut the call short after " + after, null, stackTrace);
        this.guard = guard;
        this.after = after;
    }

    /** The name of the guard that enforced the limit. */
    public String guard() {
        return guard;
    }

    /** How long the call had been given. */
    public Duration after() {
        return after;
    }
}
