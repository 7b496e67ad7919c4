package io.weir.internal;

import io.weir.CallOptions;
import io.weir.WeirRuntime;
import io.weir.engine.time.TimerNode;
import io.weir.engine.time.TimerTask;
import java.time.Duration;
import java.util.Objects;
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
    private int attempts;
    /** Written by the caller before it looks at {@code cutByHand}, read by who cuts after writing that: one sees the other. */
    private volatile @Nullable AttemptContext context;

    private volatile boolean cutByHand;
    private @Nullable Trial trials;
    /** Innermost first. */
    private @Nullable Within limits;

    /** A slot that must be asked before each invocation. */
    private record Trial(Stage stage, long token, @Nullable Trial outer) {}

    /** A limit of time: a stage's, or the call's deadline if that is null. */
    private record Within(
            @Nullable Stage stage,
            long token,
            long deadlineNanos,
            int invokedBefore,
            @Nullable Within outer) {
        boolean cancelsRunning() {
            return stage == null || stage.cancelsRunning();
        }
    }

    BlockingCall(Chain chain, CallOptions options, Callable<?> body, long now) {
        this.chain = chain;
        this.options = options;
        this.body = body;
        this.startNanos = now;
        this.limits = options.hasDeadline() ? new Within(null, 0, options.deadlineNanos(now), 0, null) : null;
    }

    /** How often a call has been invoked; 0 if nobody counts, as then nothing cuts it short either. */
    static int attemptsOf(Callable<?> call) {
        return call instanceof BlockingCall noted ? noted.attempts : 0;
    }

    void pushLimit(Stage stage, long token, long now) {
        limits = new Within(stage, token, now + token, attempts, limits);
    }

    void popLimit() {
        if (limits != null) {
            limits = limits.outer();
        }
    }

    @Override
    public @Nullable Object call() {
        throw new AssertionError("the leaf invokes the body");
    }

    @Override
    public long remainingNanos() {
        if (limits == null) {
            return Long.MAX_VALUE;
        }
        long time = chain.clock.nanoTime();
        return Math.max(0, nearestNanos(time) - time);
    }

    private long nearestNanos(long time) {
        long nearest = time + Long.MAX_VALUE;
        for (Within limit = limits; limit != null; limit = limit.outer()) {
            if (limit.deadlineNanos() - time < nearest - time) {
                nearest = limit.deadlineNanos();
            }
        }
        return nearest;
    }

    /** Whether a limit has passed. */
    boolean isOver() {
        return limitThatIsOver() != null;
    }

    /** The outermost: nothing inside of it can go on. */
    private @Nullable Within limitThatIsOver() {
        if (limits == null) {
            return null;
        }
        long time = chain.clock.nanoTime();
        Within over = null;
        for (Within limit = limits; limit != null; limit = limit.outer()) {
            if (limit.deadlineNanos() - time <= 0) {
                over = limit;
            }
        }
        return over;
    }

    /** The end of a call of which a limit passed while it was not invoked. */
    Failed cutShort() {
        return cutShort(Objects.requireNonNull(limitThatIsOver(), "the clock stepped back"));
    }

    private Failed cutShort(Within limit) {
        Failed.Origin origin = attempts == limit.invokedBefore() ? Failed.Origin.EXPIRED : Failed.Origin.TIMED_OUT;
        if (limit.stage() != null) {
            return new Failed(limit.stage().timedOut(limit.token()), origin);
        }
        return origin == Failed.Origin.EXPIRED
                ? new Failed(chain.deadlinePassed(), origin)
                : new Failed(chain.timedOut(Duration.ofNanos(limit.deadlineNanos() - startNanos)), origin);
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
        Within over = limitThatIsOver();
        if (over != null) {
            return cutShort(over);
        }
        for (Trial trial = trials; trial != null; trial = trial.outer()) {
            if (!trial.stage().begin(trial.token())) {
                return trial.stage().refused(options);
            }
        }
        attempts++;
        if (!(body instanceof ContextualCall contextual)) {
            return invokeWithin(body, null);
        }
        AttemptContext mine = newContext();
        context = mine;
        if (cutByHand) {
            mine.cancel();
        }
        Object end = invokeWithin(() -> contextual.function().apply(mine), mine);
        context = null;
        return end;
    }

    /** By any thread: a stage cuts the call short. */
    void cutByHand() {
        cutByHand = true;
        AttemptContext running = context;
        if (running != null) {
            chain.runtime.callbackExecutor().execute(running::cancel);
        }
    }

    private AttemptContext newContext() {
        long nearest = limits == null ? 0 : nearestNanos(chain.clock.nanoTime());
        return new AttemptContext(options, attempts, chain.clock, limits != null, nearest);
    }

    /** Invokes, and cuts short what takes longer than the limits allow. */
    @Nullable
    Object invokeWithin(Callable<?> invoked, @Nullable AttemptContext context) {
        Within first = firstThatInterrupts();
        Object end;
        if (first == null) {
            end = invoke(invoked);
        } else {
            Cutter cutter = new Cutter(chain.runtime, context);
            TimerNode node = new TimerNode(cutter, first.deadlineNanos());
            chain.runtime.timer().arm(node);
            end = invoke(invoked);
            if (!chain.runtime.timer().cancel(node)) {
                cutter.awaitDone();
                if (!cutter.aborted) {
                    Within over = limitThatIsOver();
                    return cutShort(over == null ? first : over);
                }
            }
        }
        Within late = limits == null ? null : lateWithoutInterrupt();
        return late == null ? end : cutShort(late);
    }

    private @Nullable Within firstThatInterrupts() {
        Within first = null;
        for (Within limit = limits; limit != null; limit = limit.outer()) {
            if (limit.cancelsRunning() && (first == null || limit.deadlineNanos() - first.deadlineNanos() <= 0)) {
                first = limit;
            }
        }
        return first;
    }

    /** The outermost limit that leaves the running call alone, and drops its result if it comes late. */
    private @Nullable Within lateWithoutInterrupt() {
        long time = chain.clock.nanoTime();
        Within late = null;
        for (Within limit = limits; limit != null; limit = limit.outer()) {
            if (!limit.cancelsRunning() && limit.deadlineNanos() - time <= 0) {
                late = limit;
            }
        }
        return late;
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
