package io.weir.engine.breaker;

import org.jspecify.annotations.Nullable;

/**
 * A snapshot of a breaker's counters, taken one after the other: while calls go on, they need not agree with each other
 * to the last call. All counts are 0 if the breaker was made without metrics. Immutable, thread-safe.
 */
public final class BreakerMetrics {
    private final long successes;
    private final long failures;
    private final long excluded;
    private final long cancelled;
    private final long released;
    private final long rejected;
    private final long slow;
    private final long late;
    private final BreakerState state;
    private final Transition latest;

    BreakerMetrics(@Nullable BreakerCounters counters, Transition latest) {
        this.successes = counters == null ? 0 : counters.successes.sum();
        this.failures = counters == null ? 0 : counters.failures.sum();
        this.excluded = counters == null ? 0 : counters.excluded.sum();
        this.cancelled = counters == null ? 0 : counters.cancelled.sum();
        this.released = counters == null ? 0 : counters.released.sum();
        this.rejected = counters == null ? 0 : counters.rejected.sum();
        this.slow = counters == null ? 0 : counters.slow.sum();
        this.late = counters == null ? 0 : counters.late.sum();
        this.state = latest.to();
        this.latest = latest;
    }

    /** Successes in their own generation. */
    public long successes() {
        return successes;
    }

    /**
     * Failures in their own generation; a trial that expired is not one of them (its result, if one comes, is late).
     */
    public long failures() {
        return failures;
    }

    /** Calls that ended in an excluded way, in their own generation. */
    public long excluded() {
        return excluded;
    }

    /** Calls that the user cancelled, in their own generation. */
    public long cancelled() {
        return cancelled;
    }

    /** Permits given back unused: calls that never began, or were rejected further in. */
    public long released() {
        return released;
    }

    /** Calls refused, and trials that came to begin too late. */
    public long rejected() {
        return rejected;
    }

    /** Those of the successes and failures that took at least the detector's slow-call duration. */
    public long slow() {
        return slow;
    }

    /** Results of an older generation or an expired trial, and those reported twice. */
    public long late() {
        return late;
    }

    public BreakerState state() {
        return state;
    }

    /** When the last transition was, on the breaker's clock, in nanoseconds; before any, when the breaker was made. */
    public long lastTransitionNanos() {
        return latest.atNanos();
    }

    /** How many transitions there were. */
    public long transitions() {
        return latest.number();
    }

    @Override
    public String toString() {
        return state + "[successes=" + successes + ", failures=" + failures + ", excluded=" + excluded + ", cancelled="
                + cancelled + ", released=" + released + ", rejected=" + rejected + ", slow=" + slow + ", late=" + late
                + ", transitions=" + transitions() + "]";
    }
}
