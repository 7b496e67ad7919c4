package io.weir.ratelimit;

import io.weir.engine.bucket.Waiter;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The future of one acquire. Whoever completes it from outside (cancel, complete, orTimeout) takes it out of the line; if the grant came
 * first, the tokens go back unused. The tokens are the caller's exactly if the grant completes the future.
 */
final class AcquireFuture extends CompletableFuture<@Nullable Void> {
    private final BucketStage stage;
    private final InLine waiter;

    AcquireFuture(BucketStage stage, double tokens) {
        this.stage = stage;
        this.waiter = new InLine(this, tokens);
    }

    void start(long timeoutNanos) {
        long refused = stage.bucket().acquire(waiter, timeoutNanos);
        if (refused == 0) {
            super.complete(null);
        } else if (refused > 0) {
            super.completeExceptionally(stage.exceeded(waiter.tokens(), refused));
        }
    }

    /** Its place in the line. */
    private static final class InLine extends Waiter {
        private final AcquireFuture future;

        InLine(AcquireFuture future, double tokens) {
            super(tokens);
            this.future = future;
        }

        @Override
        protected void onEnd(End end) {
            future.stage.runtime().callbackExecutor().execute(() -> future.ended(end));
        }
    }

    private void ended(Waiter.End end) {
        if (end != Waiter.End.GRANTED) {
            super.completeExceptionally(stage.failure(waiter, end));
        } else if (!super.complete(null)) {
            stage.bucket().handBack(waiter);
        }
    }

    private boolean leave(boolean won) {
        if (won) {
            stage.bucket().cancel(waiter); // lost to a grant: ended() finds the future complete, and hands back
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
        return leave(super.completeExceptionally(failure));
    }
}
