package io.weir;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A rate limiter refused a call: no token now, or none before the call's deadline, or the line of waiters is full. */
public final class RateLimitExceededException extends CallRejectedException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes a rejection.
     *
     * @param guard the limiter's name
     * @param tokens how many tokens were asked for
     * @param retryAfter the known wait, or null if unknown
     * @param stackTrace whether to fill in the stack
     */
    public RateLimitExceededException(String guard, double tokens, @Nullable Duration retryAfter, boolean stackTrace) {
        super(
                guard,
                "rate limiter '" + guard + "' has no " + tokens + " token(s) to give"
                        + (retryAfter == null ? "" : ", retry after " + retryAfter),
                retryAfter,
                stackTrace);
    }
}
