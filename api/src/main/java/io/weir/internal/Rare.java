package io.weir.internal;

import org.jspecify.annotations.Nullable;

/** What few calls need, kept apart from {@link PipelineCall} so that the many are small. The driver's. */
final class Rare {
    static final int NO_CUT = Integer.MAX_VALUE;

    private static final @Nullable Limit[] NO_LIMITS = {};

    /** The limits that stages have put on this call now, by time or by hand; empty if no stage of the chain can. */
    final @Nullable Limit[] limits;

    @Nullable
    Limit deadline;
    /** While the end goes up: the stages further in than this one are cut short. */
    int floor = NO_CUT;
    /** While a substitute is in flight: the failure that it is to make good. */
    @Nullable
    Failed replaced;
    /** The run that this call is an inner call of, and its place there. */
    @Nullable
    Run enclosing;

    int place;
    /** When the call began; of one that has a deadline. */
    long startNanos;

    Rare(Chain chain) {
        limits = chain.hasLimits || chain.hasCuts ? new Limit[chain.stages.length] : NO_LIMITS;
    }

    void cover(@Nullable AttemptContext attempt) {
        if (deadline != null) {
            deadline.covers(attempt);
        }
        for (Limit limit : limits) {
            if (limit != null) {
                limit.covers(attempt);
            }
        }
    }
}
