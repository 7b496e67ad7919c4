package io.weir.ratelimit;

import java.util.concurrent.atomic.LongAdder;

/** What a limiter counts: those whom it refuses. To count a grant would cost more than a prepaid token itself. */
final class TokenCounts {
    final LongAdder refused = new LongAdder();

    /** Counts an answer, and hands it on. */
    boolean counted(boolean isGranted) {
        if (!isGranted) {
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
