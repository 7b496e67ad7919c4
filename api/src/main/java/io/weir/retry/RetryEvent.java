package io.weir.retry;

import io.weir.event.WeirEvent;
import java.time.Duration;
import java.util.Optional;

/** A retry was decided upon, or given up. */
public interface RetryEvent extends WeirEvent {

    /** The number of the attempt that ended, from 1. */
    int attempt();

    /** How long until the next attempt; empty if there will be none. */
    Optional<Duration> delay();

    /** What the attempt failed with; empty if it ended with a result that is to be retried. */
    Optional<Throwable> failure();

    /** Why there will be no other attempt; empty if there will be one. */
    Optional<GiveUp> reason();

    /** Whether this was the last attempt, though its end is one to be retried. */
    default boolean gaveUp() {
        return delay().isEmpty();
    }
}
