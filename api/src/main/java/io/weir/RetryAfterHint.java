package io.weir;

import java.time.Duration;
import java.util.Optional;

/** A failure that says when to come back. Exceptions of users may implement it too, and {@code Retry} will wait accordingly. */
public interface RetryAfterHint {

    /** How long to wait before trying again, never negative; empty if unknown. */
    Optional<Duration> retryAfter();
}
