package io.weir.internal;

import io.weir.AsyncCall;
import io.weir.CallOptions;
import org.jspecify.annotations.Nullable;

/**
 * A stage that starts what is further in by itself: several times at once, or by way of a guard that isn't Weir's. It splits the chain: the
 * stages further in become a chain of their own, each run of which is a call of its own with tokens of its own; for the stages further out
 * such a {@link Run} stands where the call stood.
 */
public abstract class Enclosing extends Stage {

    /** A run in the asynchronous form. */
    abstract Run newRun(Chain inner, CallOptions options, AsyncCall<?> call);

    /**
     * The first walk of the asynchronous form: the result if there is one at once; or null in {@link #adopt}'s favour.
     *
     * @return what the inner chain's links returned; {@link Chain#PENDING} to have {@link #newRun} do it
     */
    abstract @Nullable Object walk(Chain inner, CallOptions options, AsyncCall<?> call, long now);

    /** A run that begins with an attempt which {@link #walk} has made and nobody has started. */
    Run adopt(Chain inner, CallOptions options, AsyncCall<?> call, PipelineCall<?> first) {
        throw new AssertionError(name() + " walks nothing");
    }

    /** A run in the blocking form: the result, or a {@link Failed}. */
    abstract @Nullable Object block(Chain inner, CallOptions options, BlockingCall call);

    @Override
    public final long admit(CallOptions options, long now) {
        throw new AssertionError(name() + " encloses, and isn't asked");
    }

    @Override
    public final @Nullable Again onEnd(
            long token,
            long start,
            @Nullable Object result,
            @Nullable Failed failed,
            @Nullable Again before,
            CallInfo call) {
        throw new AssertionError(name() + " encloses, and isn't told");
    }
}
