package io.weir.engine.breaker;

import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.NanoClock;

/** Trips at a number of failures, however many successes lie between them. */
final class CumulativeDetector extends FailureDetector {
    private final int threshold;
    private final AtomicInteger failures = new AtomicInteger();

    CumulativeDetector(int threshold) {
        this.threshold = threshold;
    }

    @Override
    boolean onSuccess(long durationNanos, NanoClock clock) {
        return failures.getOpaque() >= threshold; // a tripped detector is helped by whoever meets it (D1)
    }

    @Override
    boolean onFailure(long durationNanos, NanoClock clock) {
        // The check first, so that a word that is final does not count on, and never wraps.
        return failures.getOpaque() >= threshold || failures.incrementAndGet() >= threshold;
    }
}
