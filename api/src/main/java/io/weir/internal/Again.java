package io.weir.internal;

import org.jspecify.annotations.Nullable;

/**
 * A stage's wish that its inner part run again, after a while. The stage gets it back with the next end of that part, so it is also where
 * a repeating stage keeps what it knows between the attempts.
 */
public abstract class Again {
    long delayNanos;

    // The call's, which keeps these in a list: the stage it is of, how often the call had been invoked when the last
    // repeat began, and the next.
    int stage;
    int invokedBefore;

    @Nullable
    Again next;

    /** How long the wait is, in nanoseconds; 0 before any was told. */
    protected final long delayNanos() {
        return delayNanos;
    }

    /** Says how long to wait before the next attempt. */
    protected final void delayNanos(long nanos) {
        this.delayNanos = Math.max(0, Math.min(nanos, Long.MAX_VALUE / 2)); // so that a clock reading can be added
    }
}
