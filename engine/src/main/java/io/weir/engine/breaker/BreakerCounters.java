package io.weir.engine.breaker;

import java.util.concurrent.atomic.LongAdder;

/** What a breaker counts, striped, so that counting a success costs its callers no shared cache line. */
final class BreakerCounters {
    final LongAdder successes = new LongAdder();
    final LongAdder failures = new LongAdder();
    final LongAdder excluded = new LongAdder();
    final LongAdder cancelled = new LongAdder();
    final LongAdder released = new LongAdder();
    final LongAdder rejected = new LongAdder();
    final LongAdder slow = new LongAdder();
    final LongAdder late = new LongAdder();

    /** At and above this a call is slow. */
    private final long slowNanos;

    BreakerCounters(long slowNanos) {
        this.slowNanos = slowNanos;
    }

    void count(Outcome outcome, long durationNanos) {
        switch (outcome) {
            case SUCCESS -> success(durationNanos);
            case FAILURE -> failure(durationNanos);
            case EXCLUDED -> excluded.increment();
            case CANCELLED -> cancelled.increment();
            case RELEASED -> released.increment();
        }
    }

    void success(long durationNanos) {
        successes.increment();
        if (durationNanos >= slowNanos) {
            slow.increment();
        }
    }

    void failure(long durationNanos) {
        failures.increment();
        if (durationNanos >= slowNanos) {
            slow.increment();
        }
    }
}
