package io.weir.internal;

import io.weir.AsyncCall;
import io.weir.CallInterruptedException;
import io.weir.CallOptions;
import io.weir.CallRejected;
import io.weir.CallRejectedException;
import io.weir.CallTimeoutException;
import io.weir.DeadlinePassedException;
import io.weir.Failures;
import io.weir.WeirRuntime;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * The stages of a guard, outermost first, ready to run calls.
 *
 * <p>The first attempt walks the links recursively, each stage's token in its own stack frame, so that a call which is admitted and ends at
 * once allocates nothing here. Whatever doesn't go that way (a pending stage, a failure, a refusal, a wait, a repeat, a trial) makes one
 * {@link PipelineCall}; on the way out each frame writes its token into it, and only the outermost frame, when all tokens are in, sets it
 * going. The blocking form needs no such object: its frames stay on the stack, and repeat in place.
 */
public final class Chain {
    static final Stage.CallInfo NO_DEADLINE = () -> Long.MAX_VALUE;
    static final Object PENDING = new Object();
    private static final Stage.CallInfo NO_TIME_LEFT = () -> 0;

    final WeirRuntime runtime;
    final String name;
    final Stage[] stages;
    final NanoClock clock;
    final boolean needsClock;
    final boolean needsStart;
    /** More than 0 where a stage limits the time of a call; its limit is then its token. */
    final long[] limits;

    /** The stages' own cuts; null where there are none. */
    final @Nullable Cuts[] cuts;

    final boolean hasCuts;
    final boolean hasLimits;
    /** The outermost stage that the call's deadline is not on: the last of the substitutions that stand outside of all guards; or -1. */
    final int deadlineFloor;

    private final Link first;

    public Chain(String name, WeirRuntime runtime, List<Stage> stages) {
        this.name = name;
        this.runtime = runtime;
        this.stages = stages.toArray(new Stage[0]);
        this.clock = Clocks.of(runtime);
        this.limits = new long[this.stages.length];
        this.cuts = new Cuts[this.stages.length];
        boolean anyCuts = false;
        boolean anyLimits = false;
        for (int i = 0; i < limits.length; i++) {
            limits[i] = this.stages[i].limitNanos();
            cuts[i] = this.stages[i].cuts();
            anyCuts |= cuts[i] != null;
            anyLimits |= limits[i] > 0;
        }
        this.hasCuts = anyCuts;
        this.hasLimits = anyLimits;
        int floor = -1;
        while (floor + 1 < this.stages.length && this.stages[floor + 1] instanceof Substitution) {
            floor++;
        }
        this.deadlineFloor = floor;
        boolean clockNeeded = false;
        boolean startNeeded = false;
        Link link = new Leaf();
        for (int i = this.stages.length - 1; i >= 0; i--) {
            Stage stage = this.stages[i];
            link = stage instanceof Substitution substitution
                    ? new SubstitutionFrame(substitution, i, link)
                    : new Frame(stage, i, link);
            startNeeded |= stage.needsStart();
            clockNeeded |= stage.needsClock();
        }
        requireHeldOnce();
        this.first = link;
        this.needsClock = clockNeeded || startNeeded;
        this.needsStart = startNeeded;
    }

    private void requireHeldOnce() {
        Set<Object> held = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Stage stage : stages) {
            Object once = stage.heldOnce();
            if (once != null && !held.add(once)) {
                throw new IllegalArgumentException("guards: '" + stage.name()
                        + "' stands twice in '" + name
                        + "'; allowed is once, as a call would wait for the permit that it holds itself");
            }
        }
    }

    // ---- the asynchronous form

    /** Runs a call; never throws what the call throws. */
    public <T extends @Nullable Object> CompletableFuture<T> execute(CallOptions options, AsyncCall<? extends T> call) {
        long now = needsClock || options.hasDeadline() ? clock.nanoTime() : 0;
        if (call instanceof ContextualAsyncCall) {
            return new PipelineCall<T>(this, options, call, now, 0, null).start();
        }
        Object end = first.run(this, options, call, now);
        if (end instanceof PipelineCall<?> slow && slow.isNew()) {
            @SuppressWarnings("unchecked") // made by this call's frames for this call
            PipelineCall<T> mine = (PipelineCall<T>) slow;
            return mine.start();
        }
        return CompletableFuture.completedFuture(Chain.<T>resultOf(end));
    }

    /** The time left of a call that has no object of its own yet. */
    private record DeadlineInfo(Chain chain, long deadline) implements Stage.CallInfo {
        @Override
        public long remainingNanos() {
            return Math.max(0, deadline - chain.clock.nanoTime());
        }
    }

    /** A place in the walk: a stage's frame, or the call itself. */
    private abstract static class Link {
        /** Returns the result, or a new {@link PipelineCall} for the outermost frame to start. */
        abstract @Nullable Object run(Chain chain, CallOptions options, AsyncCall<?> call, long now);

        /** Returns the result, or a {@link Failed}. */
        abstract @Nullable Object block(Chain chain, CallOptions options, Callable<?> call, long now);
    }

    private static final class Frame extends Link {
        private final Stage stage;
        private final int index;
        private final Link next;
        private final boolean limits;
        private final boolean asksTimeLeft;
        private final @Nullable Cuts cuts;

        Frame(Stage stage, int index, Link next) {
            this.stage = stage;
            this.index = index;
            this.next = next;
            this.limits = stage.limitNanos() > 0;
            this.asksTimeLeft = stage.asksTimeLeft();
            this.cuts = stage.cuts();
        }

        @Override
        @Nullable
        Object run(Chain chain, CallOptions options, AsyncCall<?> call, long now) {
            long token;
            try {
                token = stage.admit(options, now);
            } catch (RuntimeException | Error e) {
                return new PipelineCall<>(chain, options, call, now, index, new Failed(e, Failed.Origin.GUARD));
            }
            if (token < 0 || token >= Stage.NEEDS_BEGIN) {
                return refusedOrWaiting(chain, options, call, now, token);
            }
            Object end;
            try {
                end = next.run(chain, options, call, now);
            } catch (Throwable e) {
                throw outOfRoom(token, now, e);
            }
            if (end instanceof PipelineCall<?> slow && slow.isNew()) {
                slow.admitted(index, token);
                return slow;
            }
            Again again;
            try {
                again = stage.onEnd(
                        token, now, end, null, null, asksTimeLeft ? timeLeft(chain, options, now) : NO_DEADLINE);
            } catch (RuntimeException | Error e) {
                return new PipelineCall<>(chain, options, call, now, index, new Failed(e, Failed.Origin.CALL));
            }
            if (again == null) {
                return end;
            }
            PipelineCall<?> slow = new PipelineCall<>(chain, options, call, now, index + 1, null);
            slow.admitted(index, token);
            slow.mustRepeat(index, again);
            return slow;
        }

        /** Of a call that was let in by all stages at once. */
        private Stage.CallInfo timeLeft(Chain chain, CallOptions options, long now) {
            long until = options.hasDeadline() ? options.deadlineNanos(now) - now : Long.MAX_VALUE;
            for (int i = 0; i < index; i++) {
                if (chain.limits[i] > 0) {
                    until = Math.min(until, chain.stages[i].limitNanos());
                }
            }
            return until == Long.MAX_VALUE ? NO_DEADLINE : new DeadlineInfo(chain, now + until);
        }

        /** The links throw nothing but when the stack or the heap is full. Then too the token goes back, if that is possible at all. */
        private RuntimeException outOfRoom(long token, long start, Throwable thrown) {
            stage.onEnd(token, start, null, new Failed(thrown, Failed.Origin.CALL), null, NO_DEADLINE);
            return sneaky(thrown);
        }

        private PipelineCall<?> refusedOrWaiting(
                Chain chain, CallOptions options, AsyncCall<?> call, long now, long token) {
            if (token == Stage.REFUSED) {
                return new PipelineCall<>(chain, options, call, now, index, stage.refused(options));
            }
            if (token == Stage.WAIT) {
                PipelineCall<?> slow = new PipelineCall<>(chain, options, call, now, index, null);
                slow.mustQueue();
                return slow;
            }
            PipelineCall<?> trial = new PipelineCall<>(chain, options, call, now, index + 1, null);
            trial.admitted(index, token);
            return trial;
        }

        @Override
        @Nullable
        Object block(Chain chain, CallOptions options, Callable<?> call, long start) {
            long now = start;
            long token;
            try {
                token = stage.admit(options, now);
                if (token < 0) {
                    if (token == Stage.REFUSED) {
                        return stage.refused(options);
                    }
                    token = stage.awaitBlocking(options, infoOf(call).remainingNanos());
                    now = chain.needsClock ? chain.clock.nanoTime() : 0;
                }
            } catch (InterruptedException e) {
                return interrupted(stage, e);
            } catch (CallRejectedException e) {
                // If the wait used up the call's time, it is the deadline that ends the call, as in the other form.
                return call instanceof BlockingCall noted && noted.isOver()
                        ? noted.cutShort()
                        : new Failed(e, Failed.Origin.GUARD);
            } catch (RuntimeException | Error e) {
                return new Failed(e, Failed.Origin.GUARD);
            }
            if (cuts != null) {
                return cuttable(cuts, chain, options, call, now, token);
            }
            if (limits && call instanceof BlockingCall noted) {
                noted.pushLimit(stage, token, now);
                try {
                    return repeat(chain, options, call, now, token);
                } finally {
                    noted.popLimit();
                }
            }
            if (token < Stage.NEEDS_BEGIN) {
                return repeat(chain, options, call, now, token);
            }
            BlockingCall trial =
                    call instanceof BlockingCall known ? known : new BlockingCall(chain, options, call, now);
            trial.pushTrial(stage, token);
            try {
                return repeat(chain, options, trial, now, token);
            } finally {
                trial.popTrial();
            }
        }

        private @Nullable Object cuttable(
                Cuts by, Chain chain, CallOptions options, Callable<?> call, long now, long token) {
            ThreadCut cut = new ThreadCut(call instanceof BlockingCall noted ? noted : null);
            by.add(cut);
            Object end;
            boolean wasCut;
            try {
                end = repeat(chain, options, call, now, token);
            } finally {
                wasCut = cut.leave(by);
            }
            // A result that came all the same is the call's.
            return wasCut && end instanceof Failed ? new Failed(stage.timedOut(), Failed.Origin.CANCELLED) : end;
        }

        private @Nullable Object repeat(Chain chain, CallOptions options, Callable<?> call, long start, long token) {
            Again again = null;
            long now = start;
            while (true) {
                int invokedBefore = BlockingCall.attemptsOf(call);
                Object end;
                try {
                    end = next.block(chain, options, call, now);
                } catch (Throwable e) {
                    throw outOfRoom(token, start, e);
                }
                Failed failed = end instanceof Failed f ? f.heard(BlockingCall.attemptsOf(call) > invokedBefore) : null;
                try {
                    again = stage.onEnd(token, start, failed == null ? end : null, failed, again, infoOf(call));
                } catch (RuntimeException | Error e) {
                    return new Failed(e, Failed.Origin.CALL);
                }
                if (again == null) {
                    return end;
                }
                try {
                    if (!Sleep.nanos(chain.runtime, again.delayNanos)) {
                        return lastAttempt(token, start, end, again);
                    }
                } catch (InterruptedException e) {
                    return lastAttempt(token, start, interrupted(stage, e), again);
                }
                now = chain.needsClock ? chain.clock.nanoTime() : 0;
            }
        }

        /** Tells a stage that wanted to repeat that there is no time left for it. */
        private @Nullable Object lastAttempt(long token, long start, @Nullable Object end, Again before) {
            Failed failed = Failed.orNull(end);
            try {
                stage.onEnd(token, start, failed == null ? end : null, failed, before, NO_TIME_LEFT);
            } catch (RuntimeException | Error e) {
                if (failed == null || failed.failure() == e) {
                    return new Failed(e, Failed.Origin.CALL);
                }
                failed.failure().addSuppressed(e);
            }
            return end;
        }
    }

    /** The place of a stage that holds nothing, and may put another end in the place of the one it hears. */
    private static final class SubstitutionFrame extends Link {
        private final Substitution stage;
        private final int index;
        private final Link next;

        SubstitutionFrame(Substitution stage, int index, Link next) {
            this.stage = stage;
            this.index = index;
            this.next = next;
        }

        @Override
        @Nullable
        Object run(Chain chain, CallOptions options, AsyncCall<?> call, long now) {
            Object end = next.run(chain, options, call, now);
            if (end instanceof PipelineCall<?> slow && slow.isNew()) {
                slow.admitted(index, 0);
                return slow;
            }
            Object other = stage.instead(end, null, options);
            if (other == Substitution.KEEP) {
                return end;
            }
            if (other instanceof Substitution.Later later) {
                PipelineCall<?> slow = new PipelineCall<>(chain, options, call, now, index, null);
                slow.mustListen(later.stage());
                return slow;
            }
            return other instanceof Failed failed
                    ? new PipelineCall<>(chain, options, call, now, index, failed)
                    : other;
        }

        @Override
        @Nullable
        Object block(Chain chain, CallOptions options, Callable<?> call, long now) {
            int invokedBefore = BlockingCall.attemptsOf(call);
            Object end = next.block(chain, options, call, now);
            Failed failed = end instanceof Failed f ? f.heard(BlockingCall.attemptsOf(call) > invokedBefore) : null;
            boolean outermost = index <= chain.deadlineFloor;
            BlockingCall within = !outermost && call instanceof BlockingCall noted ? noted : null;
            if (failed != null && failed.origin() == Failed.Origin.CANCELLED || within != null && within.isOver()) {
                return end;
            }
            Object other = stage.instead(failed == null ? end : null, failed, options);
            if (other == Substitution.KEEP) {
                return end;
            }
            if (!(other instanceof Substitution.Later later)) {
                return other;
            }
            Callable<?> join = () -> join(later.stage());
            Object joined = within == null ? BlockingCall.invoke(join) : within.invokeWithin(join, null);
            return joined instanceof Failed lost && lost.origin() == Failed.Origin.CALL
                    ? Substitution.failedInstead(lost.failure(), failed)
                    : joined;
        }

        private @Nullable Object join(CompletionStage<?> substitute) throws ExecutionException {
            try {
                return substitute.toCompletableFuture().get();
            } catch (InterruptedException e) {
                return interrupted(stage, e);
            }
        }
    }

    private static final class Leaf extends Link {
        @Override
        @Nullable
        Object run(Chain chain, CallOptions options, AsyncCall<?> call, long now) {
            int depth = chain.stages.length;
            if (options.hasDeadline() && options.deadlineNanos(now) - now <= 0) {
                return new PipelineCall<>(chain, options, call, now, depth, null);
            }
            CompletionStage<?> stage;
            try {
                stage = call.start();
            } catch (Throwable e) {
                PipelineCall<?> slow = new PipelineCall<>(chain, options, call, now, depth, null);
                slow.threw(e);
                return slow;
            }
            Object result = resultNow(stage);
            if (result != PENDING) {
                return result;
            }
            PipelineCall<?> slow = new PipelineCall<>(chain, options, call, now, depth, null);
            slow.mustListen(stage);
            return slow;
        }

        @Override
        @Nullable
        Object block(Chain chain, CallOptions options, Callable<?> call, long now) {
            return call instanceof BlockingCall noted ? noted.invoke() : BlockingCall.invoke(call);
        }
    }

    /** The stage's result if it is a future that holds one; else PENDING, and the stage must be listened to. */
    static @Nullable Object resultNow(@Nullable CompletionStage<?> stage) {
        if (stage instanceof CompletableFuture<?> future) {
            try {
                if (future.isDone() && !future.isCompletedExceptionally()) {
                    return future.join();
                }
            } catch (Throwable e) {
                return PENDING; // a minimal stage, or one of somebody's own making, that doesn't let itself be asked
            }
        }
        return PENDING;
    }

    static Failed failedCall(Throwable thrown) {
        return new Failed(Failures.unwrap(thrown), Failed.Origin.CALL, thrown);
    }

    RuntimeException deadlinePassed() {
        return Told.rejected(
                runtime, CallRejected.Reason.DEADLINE, new DeadlinePassedException(name, runtime.stackTraces()));
    }

    RuntimeException timedOut(Duration after) {
        return Told.timedOut(runtime, new CallTimeoutException(name, after, runtime.stackTraces()));
    }

    // ---- the blocking form

    /** Runs a call on this thread; throws exactly what the call throws, or what a guard says. */
    public <T extends @Nullable Object> T call(CallOptions options, Callable<?> body) {
        boolean limited = options.hasDeadline();
        long now = needsClock || limited ? clock.nanoTime() : 0;
        Callable<?> call = limited || hasLimits || body instanceof ContextualCall
                ? new BlockingCall(this, options, body, now)
                : body;
        Object end = first.block(this, options, call, now);
        if (end instanceof Failed failed) {
            throw sneaky(failed.thrown());
        }
        return Chain.<T>resultOf(end);
    }

    /** The end as what it is when it is no failure: the call's own result, null only if T allows it. */
    @SuppressWarnings({"unchecked", "NullAway"}) // the links hand on what the call gave
    static <T extends @Nullable Object> T resultOf(@Nullable Object end) {
        return (T) end;
    }

    /** Throws anything as it is, also what the compiler would want declared. Returns never; its type is for the sake of "throw". */
    private static RuntimeException sneaky(Throwable thrown) {
        throw Chain.<RuntimeException>erased(thrown);
    }

    @SuppressWarnings("unchecked") // the cast is erased
    private static <E extends Throwable> E erased(Throwable thrown) throws E {
        throw (E) thrown;
    }

    static Stage.CallInfo infoOf(Callable<?> call) {
        return call instanceof BlockingCall noted ? noted : NO_DEADLINE;
    }

    static Failed interrupted(Stage stage, InterruptedException e) {
        Thread.currentThread().interrupt();
        return new Failed(new CallInterruptedException(stage.name(), e), Failed.Origin.CANCELLED);
    }
}
