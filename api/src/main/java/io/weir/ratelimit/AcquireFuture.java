package io.weir.ratelimit;

import io.weir.engine.bucket.Waiter;
import io.weir.internal.LineFuture;

/** The future of one acquire of tokens. */
final class AcquireFuture extends LineFuture {
    private final TokenLine line;
    private final InLine waiter;

    AcquireFuture(TokenLine line, double tokens) {
        this.line = line;
        this.waiter = new InLine(this, line, tokens);
    }

    void start(long timeoutNanos) {
        long refused = line.stand(waiter, timeoutNanos);
        if (refused == 0) {
            granted();
        } else if (refused > 0) {
            refused(line.exceeded(waiter.tokens(), refused));
        }
    }

    /** Its place in the line. */
    private static final class InLine extends TokenLine.LineWaiter {
        private final AcquireFuture future;

        InLine(AcquireFuture future, TokenLine line, double tokens) {
            super(line, tokens);
            this.future = future;
        }

        @Override
        void ended(End end) {
            line.runtime.callbackExecutor().execute(() -> future.ended(end));
        }
    }

    private void ended(Waiter.End end) {
        if (end != Waiter.End.GRANTED) {
            refused(line.failure(waiter, end));
        } else if (!granted()) {
            line.handBack(waiter);
        }
    }

    @Override
    protected void leave() {
        line.cancel(waiter); // lost to a grant: ended() finds the future complete, and hands back
    }
}
