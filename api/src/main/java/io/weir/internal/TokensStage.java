package io.weir.internal;

import io.weir.CallOptions;
import io.weir.engine.bucket.Waiter;

/** A limiter in a pipeline, as an executor sees it whose calls pay with its tokens and hold a slot besides. */
public abstract class TokensStage extends Stage {

    /** Where tokens are had and waited for. */
    public interface Line {

        /** Takes tokens, and a slot if the line pays one, or stands in line: 0 if granted at once, less if queued, else the known wait of a refusal. */
        long acquire(Waiter waiter, long timeoutNanos);

        /** Takes a waiter out of the line; false if it has ended. */
        boolean cancel(Waiter waiter);

        /** Gives back the tokens that a waiter was granted; nothing if it wasn't. */
        void handBack(Waiter waiter);

        long estimatedWaitNanos(double tokens);

        /** A refusal; the wait is unknown if it is {@link Long#MAX_VALUE}. */
        RuntimeException exceeded(double tokens, long waitNanos);

        /** The failure of a waiter that wasn't granted. */
        RuntimeException failure(Waiter waiter, Waiter.End end);
    }

    /** What a call costs. */
    public abstract double cost(CallOptions options);

    /** Where a call's tokens are; throws if its options don't tell. */
    public abstract Line lineOf(CallOptions options);
}
