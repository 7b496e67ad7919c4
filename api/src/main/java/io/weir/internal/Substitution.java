package io.weir.internal;

import io.weir.CallOptions;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A stage that may put another end in the place of the one it hears. It holds nothing, and is asked in place of being told: not for a call
 * that the user cancelled, nor for a part of one that is cut short by a stage further out, as nobody would take the answer.
 *
 * <p>The call's deadline is a limit on what the outermost guard does. Substitutions that stand further out than any guard are therefore
 * asked when it passes, and take the time they take; those further in are within it like everything else.
 */
public abstract class Substitution extends Stage {
    /** The answer: the end stays. */
    protected static final Object KEEP = new Object();

    /** The answer: what this stage ends with. */
    public record Later(CompletionStage<?> stage) {}

    /**
     * Asks for another end. Throws nothing.
     *
     * @param result the result, if {@code failed} is null
     * @param failed the failure, or null
     * @param options the call's
     * @return {@link #KEEP}, another result, a {@link Failed}, or a {@link Later}
     */
    protected abstract @Nullable Object instead(@Nullable Object result, @Nullable Failed failed, CallOptions options);

    @Override
    public final boolean keepsToken() {
        return false;
    }

    @Override
    public final long admit(CallOptions options, long now) {
        return 0;
    }

    @Override
    public final @Nullable Again onEnd(
            long token,
            long start,
            @Nullable Object result,
            @Nullable Failed failed,
            @Nullable Again before,
            CallInfo call) {
        throw new AssertionError(name() + " is asked, not told");
    }

    /** The substitute's own failure, with the one that it was to make good hung into it. */
    protected static Failed failedInstead(Throwable thrown, @Nullable Failed first) {
        Failed failed = Chain.failedCall(thrown);
        if (first != null) {
            Throwable failure = failed.failure();
            if (failure != first.failure() && !Suppressed.reaches(first.failure(), failure)) {
                failure.addSuppressed(first.failure());
            }
        }
        return failed;
    }
}
