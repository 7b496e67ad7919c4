package io.weir.internal;

import io.weir.CallOptions;
import io.weir.WeirRuntime;
import io.weir.engine.time.TimerNode;
import io.weir.engine.time.TimerTask;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What a blocking call must note beside its stack frames: a deadline, a context, or the trial slots it holds. A call with none of them has
 * no such object. Confined to the calling thread, but for {@link Cutter}.
 */
final class BlockingCall implements Callable<@Nullable Object>, Stage.CallInfo {
    private final Chain chain;
    private final CallOptions options;
    private final Callable<?> body;
    private final long startNanos;
    private final long deadlineNanos;
    private final boolean limited;
    private int attempts;
    private @Nullable Trial trials;

    /** A slot that must be asked before each invocation. */
    private record Trial(Stage stage, long token, @Nullable Trial outer) {}

    BlockingCall(Chain chain, CallOptions options, Callable<?> body, long now) {
        this.chain = chain;
        this.options = options;
        this.body = body;
        this.limited = options.hasDeadline();
        this.startNanos = now;
        this.deadlineNanos = limited ? options.deadlineNanos(now) : 0;
    }

    @Override
    public @Nullable Object call() {
        throw new AssertionError("the leaf invokes the body");
    }

    @Override
    public long remainingNanos() {
        return limited ? Math.max(0, deadlineNanos - chain.clock.nanoTime()) : Long.MAX_VALUE;
    }

    /** Whether the deadline has passed. */
    boolean isOver() {
        return limited && remainingNanos() == 0;
    }

    /** The end of a call whose deadline passed while it was not invoked. */
    Failed cutShort() {
        return attempts == 0
                ? new Failed(chain.deadlinePassed(), Failed.Origin.EXPIRED)
                : new Failed(timedOut(), Failed.Origin.TIMED_OUT);
    }

    void pushTrial(Stage stage, long token) {
        trials = new Trial(stage, token, trials);
    }

    void popTrial() {
        if (trials != null) {
            trials = trials.outer();
        }
    }

    /** Invokes a body that nothing is noted of. */
    static @Nullable Object invoke(Callable<?> body) {
        Object result;
        try {
            result = body.call();
        } catch (Throwable e) {
            return Chain.failedCall(e);
        }
        return result instanceof CompletionStage ? futureReturned() : result;
    }

    private static Failed futureReturned() {
        return new Failed(
                new IllegalStateException(
                        "the blocking call returned a CompletionStage, whose end the guard would miss:"
                                + " use execute(...) for asynchronous calls"),
                Failed.Origin.GUARD);
    }

    @Nullable
    Object invoke() {
        if (isOver()) {
            return cutShort();
        }
        for (Trial trial = trials; trial != null; trial = trial.outer()) {
            if (!trial.stage().begin(trial.token())) {
                return trial.stage().refused(options);
            }
        }
        attempts++;
        AttemptContext context = body instanceof ContextualCall ? new AttemptContext(options, attempts, this) : null;
        return limited ? invokeUntilDeadline(context) : invoke(context);
    }

    private @Nullable Object invoke(@Nullable AttemptContext context) {
        return context == null || !(body instanceof ContextualCall contextual)
                ? invoke(body)
                : invoke(() -> contextual.function().apply(context));
    }

    private @Nullable Object invokeUntilDeadline(@Nullable AttemptContext context) {
        Cutter cutter = new Cutter(chain.runtime, context);
        TimerNode node = new TimerNode(cutter, deadlineNanos);
        chain.runtime.timer().arm(node);
        Object end = invoke(context);
        if (chain.runtime.timer().cancel(node)) {
            return end;
        }
        cutter.awaitDone();
        return cutter.aborted ? end : new Failed(timedOut(), Failed.Origin.TIMED_OUT);
    }

    private Throwable timedOut() {
        return chain.timedOut(Duration.ofNanos(deadlineNanos - startNanos));
    }

    /**
     * Interrupts the calling thread at the deadline. The caller returns only after the interrupt was sent, and takes it back then, so that
     * it can hit nothing that the thread does later; a flag that somebody else had set before stays. That wait is for one thread that is between two statements; it is no part of the
     * hot path.
     */
    private static final class Cutter implements TimerTask {
        private final WeirRuntime runtime;
        private final Thread caller = Thread.currentThread();
        private final @Nullable AttemptContext context;
        private volatile boolean done;
        // Plain: written before done, read after it.
        boolean aborted;
        private boolean wasInterrupted;

        Cutter(WeirRuntime runtime, @Nullable AttemptContext context) {
            this.runtime = runtime;
            this.context = context;
        }

        @Override
        public void onTimer(TimerNode node) {
            wasInterrupted = caller.isInterrupted();
            caller.interrupt();
            done = true;
            if (context != null) {
                runtime.callbackExecutor().execute(context::cancel);
            }
        }

        @Override
        public void onTimerClosed(TimerNode node) {
            aborted = true;
            done = true;
        }

        void awaitDone() {
            while (!done) {
                Thread.onSpinWait();
            }
            if (!aborted && !wasInterrupted) {
                Thread.interrupted();
            }
        }
    }
}
