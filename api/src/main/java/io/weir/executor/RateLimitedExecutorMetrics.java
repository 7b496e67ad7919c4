package io.weir.executor;

/** A rate-limited executor's figures, of one moment. */
public interface RateLimitedExecutorMetrics {

    /** How many calls hold a slot. */
    int inFlight();

    /** How many calls wait for their tokens or a slot. */
    int waiting();

    /** How many calls have begun, those in flight included. */
    long started();
}
