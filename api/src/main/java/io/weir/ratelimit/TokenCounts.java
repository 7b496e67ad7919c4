package io.weir.ratelimit;

import java.util.concurrent.atomic.LongAdder;

/** What a limiter counts, striped, so that counting costs its callers no shared cache line. */
final class TokenCounts {
    final LongAdder granted = new LongAdder();
    final LongAdder refused = new LongAdder();

    /** Counts an answer, and hands it on. */
    boolean counted(boolean isGranted) {
        if (isGranted) {
            granted.increment();
        } else {
            refused.increment();
        }
        return isGranted;
    }

    /** Counts an answer, the wait or 0 if there is none, and hands it on. */
    long counted(long waitNanos) {
        counted(waitNanos == 0);
        return waitNanos;
    }
}
