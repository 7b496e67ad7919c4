package io.weir.internal;

import io.weir.CallOptions;
import io.weir.engine.time.TimerNode;
import io.weir.engine.time.TimerTask;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What a blocking call must note beside its stack frames: a deadline, a context, the trial slots it holds, or the run that it is in. A call
 * with none of them has no such object. Confined to the calling thread, but for {@link Cutter} and the cuts by hand.
 */
final class BlockingCall implements Callable<@Nullable Object>, Stage.CallInfo {
    private final Chain chain;
    private final CallOptions options;
    private final Callable<?> body;
    private final long startNanos;
    private int attempts;
    /** Written by the caller before it looks for cuts, read by who cuts after writing that: one sees the other. */
    private volatile @Nullable AttemptContext context;

    private volatile boolean cutByHand;
    /** Why the run that this call is in cuts it short. Written before its thread is interrupted. */
    private volatile @Nullable Failed cut;

    private @Nullable Trial trials;
    /** Innermost first. */
    private @Nullable Within limits;
    /** The run that this call is in now, and its place there. */
    private @Nullable Run enclosing;

    private int place;
    /** What stands in the place of the innermost call now, and how often that had been invoked when it began. */
    private @Nullable Run inFlight;

    private int invokedBefore;
    /** The innermost of those that may interrupt this thread. */
    private @Nullable Cutter cutter;

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

        /** The same limits for a part of the call that has not been invoked yet. */
        Within anew() {
            return new Within(stage, token, deadlineNanos, 0, outer == null ? null : outer.anew());
        }
    }

    BlockingCall(Chain chain, CallOptions options, Callable<?> body, long now) {
        this.chain = chain;
        this.options = options;
        this.body = body;
        this.startNanos = now;
        this.limits = options.hasDeadline() ? new Within(null, 0, options.deadlineNanos(now), 0, null) : null;
    }

    private BlockingCall(BlockingCall outer, Run run, int place) {
        this.chain = outer.chain;
        this.options = outer.options;
        this.body = outer.body;
        this.startNanos = outer.startNanos;
        this.limits = outer.limits == null ? null : outer.limits.anew();
        this.trials = outer.trials;
        this.enclosing = run;
        this.place = place;
    }

    /** A part of this call that runs on a thread of its own, within the same limits. By this call's thread, or of what that no longer changes. */
    BlockingCall fork(Run run, int at) {
        return new BlockingCall(this, run, at);
    }

    /** What a run that begins now must know. The trial slots it needs not: forks have them. */
    Run.Outer outer() {
        return new Run.Outer(enclosing, enclosing == null ? 0 : enclosing.hedge(place), attempts, null, false, 0);
    }

    /** A run stands in the place of the innermost call, from now until {@link #ended}. */
    void began(Run run) {
        inFlight = run;
        invokedBefore = attempts;
    }

    void ended() {
        attempts = attempts();
        inFlight = null;
    }

    /** The calls that are made on this thread from now on are in this run. Returns the run before. */
    @Nullable
    Run enter(@Nullable Run run) {
        Run before = enclosing;
        enclosing = run;
        return before;
    }

    /** How often the innermost call was invoked, by this thread or in the run that is in flight. */
    private int attempts() {
        return inFlight == null ? attempts : Math.max(attempts, invokedBefore + inFlight.invocations());
    }

    CallOptions options() {
        return options;
    }

    /** Why this call is cut short: by the run that it is in, or as the time of a part of it is up that is not one invocation; or null. */
    @Nullable
    Failed cut() {
        Failed why = cut;
        Cutter around = cutter;
        return why == null && around != null && around.struck ? cutShort(overOr(around.limit)) : why;
    }

    private Within overOr(Within limit) {
        Within over = limitThatIsOver();
        return over == null ? limit : over;
    }

    /** How often a call has been invoked; 0 if nobody counts, as then nothing cuts it short either. */
    static int attemptsOf(Callable<?> call) {
        return call instanceof BlockingCall noted ? noted.attempts() : 0;
    }

    void pushLimit(Stage stage, long token, long now) {
        limits = new Within(stage, token, now + token, attempts(), limits);
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
        if (cut != null) {
            return 0;
        }
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
        Failed.Origin origin = attempts() == limit.invokedBefore() ? Failed.Origin.EXPIRED : Failed.Origin.TIMED_OUT;
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
        return isStage(result) ? futureReturned() : result;
    }

    /** Cheaply, as every blocking call asks: whether a class has a certain interface is a search, unless the class is of the JDK, which has one such class. */
    private static boolean isStage(@Nullable Object result) {
        if (result == null || result instanceof CompletableFuture) {
            return result != null;
        }
        return result.getClass().getClassLoader() != null && result instanceof CompletionStage;
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
        Failed refused = cut == null ? Trial.begin(trials, options) : cut;
        if (refused != null) {
            return refused;
        }
        attempts++;
        int number = enclosing == null ? attempts : enclosing.invoked();
        Object end;
        if (body instanceof ContextualCall contextual) {
            AttemptContext mine = newContext();
            mine.attempt(number);
            context = mine;
            if (cutByHand || cutter != null && cutter.struck) {
                mine.cancel();
            }
            end = invokeWithin(() -> contextual.function().apply(mine));
            context = null;
        } else {
            end = invokeWithin(body);
        }
        Failed why = cut;
        return why != null && end instanceof Failed ? why : end; // a result that came all the same is the call's
    }

    /** By any thread, before it interrupts this call's: the run that the call is in cuts it short. */
    void cut(Failed why, boolean cancelsRunning) {
        cut = why;
        if (cancelsRunning) {
            cutByHand();
        }
    }

    /** By any thread: a stage cuts the call short. */
    void cutByHand() {
        cutByHand = true;
        cancelContext();
    }

    private void cancelContext() {
        AttemptContext running = context;
        if (running != null) {
            chain.runtime.callbackExecutor().execute(running::cancel);
        }
    }

    private AttemptContext newContext() {
        long nearest = limits == null ? 0 : nearestNanos(chain.clock.nanoTime());
        int hedge = enclosing == null ? 0 : enclosing.hedge(place);
        return new AttemptContext(options, hedge, chain.clock, limits != null, nearest);
    }

    /**
     * Invokes, and cuts short what takes longer than the limits allow. May be nested, on this thread: what is further in needs no cutter of its own
     * unless its time ends earlier.
     */
    @Nullable
    Object invokeWithin(Callable<?> invoked) {
        Within first = firstThatInterrupts();
        Cutter around = cutter;
        Object end;
        if (first == null || around != null && first.deadlineNanos() - around.limit.deadlineNanos() >= 0) {
            end = invoke(invoked);
        } else {
            Cutter mine = new Cutter(this, first);
            TimerNode node = new TimerNode(mine, first.deadlineNanos());
            cutter = mine;
            chain.runtime.timer().arm(node);
            end = invoke(invoked);
            cutter = around;
            if (!chain.runtime.timer().cancel(node)) {
                mine.awaitDone();
                if (!mine.aborted) {
                    return cutShort(overOr(first));
                }
            }
        }
        if (around != null && around.struck) {
            return cutShort(overOr(around.limit));
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
        private final BlockingCall call;
        private final Thread caller = Thread.currentThread();
        final Within limit;
        /** Written before the interrupt, and before the context is looked for: who has set one and sees no strike is seen. */
        volatile boolean struck;

        private volatile boolean done;
        // Plain: written before done, read after it.
        boolean aborted;
        private boolean wasInterrupted;

        Cutter(BlockingCall call, Within limit) {
            this.call = call;
            this.limit = limit;
        }

        @Override
        public void onTimer(TimerNode node) {
            wasInterrupted = caller.isInterrupted();
            struck = true;
            AttemptContext running = call.context; // looked for before the caller goes on, to another attempt perhaps
            caller.interrupt();
            done = true;
            if (running != null) {
                call.chain.runtime.callbackExecutor().execute(running::cancel);
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
