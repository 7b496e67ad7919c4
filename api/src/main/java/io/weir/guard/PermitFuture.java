package io.weir.guard;

import io.weir.engine.bucket.Waiter;
import io.weir.internal.LineFuture;
import io.weir.internal.PermitWaiter;

/** The future of one acquire of a permit. */
final class PermitFuture extends LineFuture {
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
            refused(closed);
            return;
        }
        if (!stands) {
            refused(stage.full());
        } else if (waiter.end() == Waiter.End.GRANTED) {
            ended(); // at once; or by another thread meanwhile, and then the first of the two completes
        }
    }

    private static final class InLine extends PermitWaiter {
        private final PermitFuture future;

        InLine(PermitFuture future) {
            super(future.stage);
            this.future = future;
        }

        @Override
        protected void ended() {
            future.stage.runtime().callbackExecutor().execute(future::ended);
        }
    }

    private void ended() {
        Waiter.End how = waiter.end();
        if (how == Waiter.End.GRANTED) {
            granted();
        } else if (how != null) {
            refused(stage.failure(how));
        }
    }

    @Override
    protected void leave() {
        waiter.leave();
    }
}
