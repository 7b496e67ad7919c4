package io.weir;

import io.weir.internal.Failed;
import io.weir.internal.Substitution;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A fallback in a pipeline. */
final class FallbackStage extends Substitution {
    private final Fallback<?> fallback;

    FallbackStage(Fallback<?> fallback) {
        this.fallback = fallback;
    }

    @Override
    public String name() {
        return "fallback";
    }

    @Override
    protected @Nullable Object instead(@Nullable Object result, @Nullable Failed failed, CallOptions options) {
        if (failed == null && !fallback.looksAtResults()) {
            return KEEP;
        }
        try {
            boolean expired = failed != null && failed.origin() == Failed.Origin.EXPIRED;
            Object cause = fallback.cause(result, failed == null ? null : failed.failure(), expired);
            if (cause == null) {
                return KEEP;
            }
            Object answer = fallback.answer(cause, options);
            if (!fallback.isStage()) {
                return answer;
            }
            return answer instanceof CompletionStage<?> stage
                    ? new Later(stage)
                    : failedInstead(new NullPointerException("the fallback returned null, not a stage"), failed);
        } catch (Throwable e) {
            return failedInstead(e, failed);
        }
    }
}
