package io.weir.ratelimit;

import io.weir.engine.bucket.Waiter;
import io.weir.internal.LineFuture;

/** The future of one acquire of tokens. */
final class AcquireFuture extends LineFuture {
    private final BucketStage stage;
    private final InLine waiter;

    AcquireFuture(BucketStage stage, double tokens) {
        this.stage = stage;
        this.waiter = new InLine(this, tokens);
    }

    void start(long timeoutNanos) {
        long refused = stage.bucket().acquire(waiter, timeoutNanos);
        if (refused == 0) {
            granted();
        } else if (refused > 0) {
            refused(stage.exceeded(waiter.tokens(), refused));
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
            refused(stage.failure(waiter, end));
        } else if (!granted()) {
            stage.bucket().handBack(waiter);
        }
    }

    @Override
    protected void leave() {
        stage.bucket().cancel(waiter); // lost to a grant: ended() finds the future complete, and hands back
    }
}
