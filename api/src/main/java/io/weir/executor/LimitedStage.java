package io.weir.executor;

import io.weir.CallOptions;
import io.weir.DeadlinePassedException;
import io.weir.WeirRuntime;
import io.weir.engine.bucket.Waiter;
import io.weir.engine.permit.Permits;
import io.weir.internal.Places;
import io.weir.internal.TokensStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An executor's stage whose calls pay for their starts: a call holds a slot, and has paid its tokens with it. */
final class LimitedStage extends ExecutorStage {
    /*
     * Slot and tokens are had together: here in passing, a slot first, which goes back if the tokens aren't there; and in the limiter's line, which pays both
     * (SlotSupply in the engine). So nobody holds a slot while it waits, and tokens are spent on starts alone. A call of no tokens needs a slot only, and stands
     * in the slots' line, beside the limiters.
     *
     * Accepted calls are counted by ExecutorStage (E1, E2); at the end of the time all lines are closed, the limiter's and the slots'.
     */
    private static final System.Logger LOG = System.getLogger("io.weir");

    private final TokensStage limit;
    private final Runnable closeLimiter;
    private final boolean perEndpoint;
    private final @Nullable Consumer<Object> listener;

    /**
     * Makes the stage.
     *
     * @param permits the slots that the limiter's line pays
     * @param limit the limiter's stage
     * @param closeLimiter ends the limiter
     * @param perEndpoint whether the limiter wants keys
     * @param listener told of every result
     */
    LimitedStage(
            String name,
            WeirRuntime runtime,
            Permits permits,
            TokensStage limit,
            Runnable closeLimiter,
            boolean perEndpoint,
            @Nullable Consumer<Object> listener) {
        super(name, runtime, permits);
        this.limit = limit;
        this.closeLimiter = closeLimiter;
        this.perEndpoint = perEndpoint;
        this.listener = listener;
    }

    @Override
    public boolean needsClock() {
        return limit.needsClock();
    }

    /** Calls without a key share a limit. */
    private CallOptions keyed(CallOptions options) {
        return perEndpoint && options.key() == null ? options.andKey("") : options;
    }

    @Override
    void hear(@Nullable Object result) {
        if (listener != null && result != null) {
            try {
                listener.accept(result);
            } catch (Throwable e) { // the user's function must not fail the call
                LOG.log(System.Logger.Level.WARNING, "executor '" + name() + "': responseHeaders threw", e);
            }
        }
    }

    @Override
    long take(CallOptions options, long now) {
        long token = super.take(options, now);
        if (token < 0) {
            return token;
        }
        token = WAIT;
        try {
            token = limit.admit(keyed(options), now);
        } finally {
            if (token < 0) {
                permits().release();
            }
        }
        return token;
    }

    @Override
    protected Places placesFor(CallOptions options) {
        double cost = limit.cost(options);
        TokensStage.Line line = limit.lineOf(keyed(options));
        return cost == 0 ? this : new Paid(line, cost);
    }

    /** The limiter's line, for a call of so many tokens. */
    private final class Paid implements Places {
        private final TokensStage.Line line;
        private final double tokens;

        Paid(TokensStage.Line line, double tokens) {
            this.line = line;
            this.tokens = tokens;
        }

        @Override
        public double tokens() {
            return tokens;
        }

        @Override
        public long knownWaitNanos() {
            try {
                return line.estimatedWaitNanos(tokens);
            } catch (IllegalStateException closed) {
                return 0; // as for the slot; to stand in line fails
            }
        }

        @Override
        public Answer acquire(Waiter waiter, long timeoutNanos) {
            long answer;
            try {
                answer = line.acquire(waiter, timeoutNanos);
            } catch (IllegalStateException closed) { // accepted, and cancelled before it stood in line
                throw timedOut();
            }
            return answer == 0 ? Answer.GRANTED : answer < 0 ? Answer.QUEUED : Answer.REFUSED;
        }

        @Override
        public boolean cancel(Waiter waiter) {
            return line.cancel(waiter);
        }

        @Override
        public void giveBack(Waiter waiter) {
            line.handBack(waiter);
            permits().release();
        }

        @Override
        public RuntimeException full() {
            return line.exceeded(tokens, known());
        }

        /** If it isn't the tokens that would come too late, it is the slot. */
        @Override
        public RuntimeException late() {
            long wait = known();
            return wait == Long.MAX_VALUE
                    ? new DeadlinePassedException(name(), runtime.stackTraces())
                    : line.exceeded(tokens, wait);
        }

        /** When a slot comes free is never known. */
        private long known() {
            long wait = knownWaitNanos();
            return wait == 0 ? Long.MAX_VALUE : wait;
        }

        @Override
        public RuntimeException failure(Waiter waiter, Waiter.End end) {
            return switch (end) {
                case CLOSED -> timedOut();
                case TIMED_OUT -> late();
                default -> line.failure(waiter, end);
            };
        }
    }

    @Override
    int waiting() {
        return (int) Math.max(0, Math.min(Integer.MAX_VALUE, size() - permits().inUse()));
    }

    @Override
    void closeLines() {
        closeLimiter.run();
        super.closeLines();
    }
}
