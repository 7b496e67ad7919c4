package io.weir;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A guard refused a call: it was not invoked. Says who refused, and when to come back if that is known. Has no stack trace unless the
 * runtime is told to fill it in.
 */
public abstract class CallRejectedException extends WeirException implements RetryAfterHint {
    private static final long serialVersionUID = 1L;

    private final String guard;
    private final @Nullable Duration retryAfter;

    /**
     * Makes a rejection.
     *
     * @param guard the name of the guard that refused
     * @param message what happened
     * @param retryAfter when to come back, not negative, or null if unknown
     * @param stackTrace whether to fill in the stack
     */
    protected CallRejectedException(String guard, String message, @Nullable Duration retryAfter, boolean stackTrace) {
        super(message, null, stackTrace);
        this.guard = guard;
        this.retryAfter = retryAfter;
    }

    /** The name of the guard that refused. */
    public String guard() {
        return guard;
    }

    @Override
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
