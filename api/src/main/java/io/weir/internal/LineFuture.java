package io.weir.internal;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The future of a place in line. Whoever completes it from outside (cancel, complete, orTimeout) leaves the line; what was granted is the
 * caller's exactly if the grant completes the future.
 */
public abstract class LineFuture extends CompletableFuture<@Nullable Void> {

    /** Called once, if the future was completed from outside: takes the place out of the line, or gives back what was granted. */
    protected abstract void leave();

    /** Completes with the grant; false if the future was completed from outside before. */
    protected final boolean granted() {
        return super.complete(null);
    }

    /** Completes with the refusal, unless the future was completed from outside before. */
    protected final void refused(Throwable failure) {
        super.completeExceptionally(failure);
    }

    private boolean left(boolean won) {
        if (won) {
            leave();
        }
        return won;
    }

    @Override
    public final boolean cancel(boolean mayInterruptIfRunning) {
        return left(super.cancel(mayInterruptIfRunning)) || isCancelled();
    }

    @Override
    public final boolean complete(@Nullable Void value) {
        return left(super.complete(value));
    }

    @Override
    public final boolean completeExceptionally(Throwable failure) {
        return left(super.completeExceptionally(failure));
    }
}
