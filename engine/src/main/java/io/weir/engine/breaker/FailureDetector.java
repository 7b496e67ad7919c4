package io.weir.engine.breaker;

import org.agrona.concurrent.NanoClock;

/**
 * Judges the outcomes of one CLOSED generation. Each generation has a detector of its own, so nothing is ever reset or
 * shared: a thread that stalls while it records reaches the detector of its permit's generation, which nobody asks any
 * more.
 *
 * <p>D1: once a detector has said that it tripped, it says so after every later outcome. Whoever hears it opens the
 * breaker, so a thread that trips it and stalls before the transition can neither delay the opening beyond the next
 * outcome, nor have it taken back by a success.
 */
abstract class FailureDetector {
    /**
     * Records a success that took {@code durationNanos} (negative: unknown).
     *
     * @param clock read by those who need the time
     * @return whether the breaker must open
     */
    abstract boolean onSuccess(long durationNanos, NanoClock clock);

    /**
     * Records a failure that took {@code durationNanos} (negative: unknown).
     *
     * @param clock read by those who need the time
     * @return whether the breaker must open
     */
    abstract boolean onFailure(long durationNanos, NanoClock clock);
}
