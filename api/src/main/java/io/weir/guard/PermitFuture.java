package io.weir.guard;

import io.weir.engine.bucket.Waiter;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The future of one acquire. Whoever completes it from outside (cancel, complete, orTimeout) takes it out of the line; if the grant came
 * first, the permit goes back. The permit is the caller's exactly if the grant completes the future.
 */
final class PermitFuture extends CompletableFuture<@Nullable Void> {
    private final BulkheadStage stage;
    private final InLine waiter;

    PermitFuture(BulkheadStage stage) {
        this.stage = stage;
        this.waiter = new InLine(this);
    }

    void start(long timeoutNanos) {
        boolean stands;
        try {
            stands = waiter.stand(timeoutNanos);
        } catch (IllegalStateException closed) {
            super.completeExceptionally(closed);
            return;
        }
        if (!stands) {
            super.completeExceptionally(stage.full());
        } else if (waiter.end() == Waiter.End.GRANTED) {
            ended(); // at once; or by another thread meanwhile, and then the first of the two completes
        }
    }

    private static final class InLine extends PermitWaiter {
        private final PermitFuture future;

        InLine(PermitFuture future) {
            super(future.stage.permits());
            this.future = future;
        }

        @Override
        void ended() {
            future.stage.runtime().callbackExecutor().execute(future::ended);
        }
    }

    private void ended() {
        Waiter.End how = waiter.end();
        if (how == Waiter.End.GRANTED) {
            super.complete(null);
        } else if (how != null) {
            super.completeExceptionally(stage.failure(how));
        }
    }

    /** Whoever completes it first decides; a permit that comes all the same goes back. */
    private boolean leave(boolean won) {
        if (won) {
            waiter.leave();
        }
        return won;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        return leave(super.cancel(mayInterruptIfRunning)) || isCancelled();
    }

    @Override
    public boolean complete(@Nullable Void value) {
        return leave(super.complete(value));
    }

    @Override
    public boolean completeExceptionally(Throwable failure) {
        return leave(super.completeExceptionally(Objects.requireNonNull(failure, "failure")));
    }
}
