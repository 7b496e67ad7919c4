package io.weir;

import io.weir.event.WeirEvent;
import java.time.Duration;
import java.util.Optional;

/** A guard has refused a call, or an acquire by hand; told once for each {@link CallRejectedException}. A {@code tryAcquire} tells nobody. */
public interface CallRejected extends WeirEvent {

    /** What for. */
    enum Reason {
        /** A circuit breaker lets no call, or no further trial call, through. */
        CIRCUIT_OPEN,
        /** A rate limiter's tokens are spent, or its line is full, or would take too long. */
        RATE_LIMIT,
        /** A bulkhead is full, and so is its line, if it has one. */
        BULKHEAD_FULL,
        /** The call's time was over before it was invoked. */
        DEADLINE
    }

    Reason reason();

    /** When to come back, not negative; empty if that is unknown. */
    Optional<Duration> retryAfter();
}
