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
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * The stages of a guard, outermost first, ready to run calls.
 *
 * <p>The first attempt walks the links recursively, each stage's token in its own stack frame, so that a call which is admitted and ends at
 * once allocates nothing here. Whatever doesn't go that way (a pending stage, a failure, a refusal, a wait, a repeat, a trial) makes one
 * {@link PipelineCall}; on the way out each frame writes its token into it, and only the outermost frame, when all tokens are in, sets it
 * going. The blocking form needs no such object: its frames stay on the stack, and repeat in place. Most chains are so simple that a blocking call which
 * meets nothing unusual needs no frames either.
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
    /** Which stages have to be told a result. */
    final boolean[] hearsResults;
    /** Which stages limit the time of a call; the limit of such a one is its token. */
    final boolean[] limits;

    /** The stages' own cuts; null where there are none. */
    final @Nullable Cuts[] cuts;

    final boolean hasCuts;
    final boolean hasLimits;
    /** The outermost stage that the call's deadline is not on: the last of the substitutions that stand outside of all guards; or -1. */
    final int deadlineFloor;

    /** What stands behind the innermost of {@link #stages} and starts the rest by itself; null if that is the call. */
    final @Nullable Enclosing enclosing;

    private final @Nullable Chain within;

    /** The chain that goes on in this one; null if this is the outermost. */
    private final @Nullable Chain outer;

    /** All the stages, those of the chains further in too. */
    private final List<Stage> all;

    /** Where in a call's object each stage's token is: -1 for a stage that has none, 0 for the first that has one. */
    final int[] slots;
    /** How many longs a call's object needs beside the first token: the other tokens, and the starts from {@link #startsAt} on. */
    final int notedLength;

    final int startsAt;

    private final Link first;

    /** The links of a straight chain, which have no others but the call's. */
    private final Frame[] frames;

    /** Whether nothing here limits, replaces or encloses a call, and one stage has tokens at most. */
    private final boolean isStraight;
    /** The stages that have to be asked, and those that have to be told a result; and their places. */
    private final Stage[] asked;

    private final int[] askedAt;
    private final Stage[] told;
    private final int[] toldAt;
    /** Which of those that are told has a token; -1 if none has. */
    private final int keeper;

    public Chain(String name, WeirRuntime runtime, List<Stage> stages) {
        this(name, runtime, stages, null);
        requireHeldOnce();
    }

    private Chain(String name, WeirRuntime runtime, List<Stage> all, @Nullable Chain outer) {
        int own = 0;
        while (own < all.size() && !(all.get(own) instanceof Enclosing)) {
            own++;
        }
        this.name = name;
        this.runtime = runtime;
        this.outer = outer;
        this.all = List.copyOf(all);
        this.stages = all.subList(0, own).toArray(new Stage[0]);
        if (own > Byte.MAX_VALUE - 1) { // a call notes its depth in a byte
            throw new IllegalArgumentException("guards: '" + name + "' has " + own + " stages in a row; allowed are "
                    + (Byte.MAX_VALUE - 1) + " at most");
        }
        this.clock = Clocks.of(runtime);
        this.hearsResults = new boolean[this.stages.length];
        this.limits = new boolean[this.stages.length];
        this.cuts = new Cuts[this.stages.length];
        boolean anyCuts = false;
        boolean anyLimits = false;
        for (int i = 0; i < limits.length; i++) {
            hearsResults[i] = this.stages[i].hearsResults();
            limits[i] = this.stages[i].limitNanos() > 0;
            cuts[i] = this.stages[i].cuts();
            anyCuts |= cuts[i] != null;
            anyLimits |= limits[i];
        }
        this.hasCuts = anyCuts;
        this.hasLimits = anyLimits;
        int floor = -1;
        while (outer == null && floor + 1 < this.stages.length && this.stages[floor + 1] instanceof Substitution) {
            floor++;
        }
        this.deadlineFloor = floor;
        boolean clockNeeded = false;
        boolean startNeeded = false;
        this.enclosing = own < all.size() ? (Enclosing) all.get(own) : null;
        this.within = enclosing == null ? null : new Chain(name, runtime, all.subList(own + 1, all.size()), this);
        this.frames = new Frame[this.stages.length];
        Link link = enclosing == null ? new Leaf() : new EnclosingLeaf(enclosing, within());
        for (int i = this.stages.length - 1; i >= 0; i--) {
            Stage stage = this.stages[i];
            if (stage instanceof Substitution substitution) {
                link = new SubstitutionFrame(substitution, i, link);
            } else {
                frames[i] = new Frame(stage, i, link);
                link = frames[i];
            }
            startNeeded |= stage.needsStart();
            clockNeeded |= stage.needsClock();
        }
        this.first = link;
        this.needsClock = clockNeeded || startNeeded;
        this.needsStart = startNeeded;
        this.slots = new int[this.stages.length];
        int kept = 0;
        for (int i = 0; i < slots.length; i++) {
            slots[i] = this.stages[i].keepsToken() ? kept++ : -1;
        }
        this.isStraight = outer == null
                && enclosing == null
                && !hasLimits
                && !hasCuts
                && kept <= 1
                && Arrays.stream(this.stages).noneMatch(Substitution.class::isInstance);
        this.askedAt = indicesOf(Stage::admits);
        this.asked = at(askedAt);
        this.toldAt = indicesOf(Stage::hearsResults);
        this.told = at(toldAt);
        this.keeper = IntStream.range(0, told.length)
                .filter(i -> told[i].keepsToken())
                .findFirst()
                .orElse(-1);
        this.startsAt = Math.max(0, kept - 1);
        this.notedLength = startsAt + (startNeeded ? slots.length : 0);
    }

    private int[] indicesOf(Predicate<Stage> these) {
        return IntStream.range(0, stages.length)
                .filter(i -> these.test(stages[i]))
                .toArray();
    }

    private Stage[] at(int[] indices) {
        return Arrays.stream(indices).mapToObj(i -> stages[i]).toArray(Stage[]::new);
    }

    private void requireHeldOnce() {
        Set<Object> held = Collections.newSetFromMap(new IdentityHashMap<>());
        requireHeldOnce(all, held);
    }

    private void requireHeldOnce(List<Stage> looked, Set<Object> held) {
        for (Stage stage : looked) {
            Object once = stage.heldOnce();
            if (once != null && !held.add(once)) {
                throw new IllegalArgumentException("guards: '" + stage.name()
                        + "' stands twice in '" + name
                        + "'; allowed is once, as a call would wait for the permit that it holds itself");
            }
            if (stage instanceof ForeignStage foreign) {
                requireHeldOnce(foreign.viewed(), held);
            }
        }
    }

    /** The shortest limit of time of the stages that stand outside of one of this chain, as it is now. */
    private long shortestLimitNanos(int index) {
        long shortest = outer == null ? Long.MAX_VALUE : outer.shortestLimitNanos(outer.stages.length);
        for (int i = 0; i < index; i++) {
            if (limits[i]) {
                shortest = Math.min(shortest, stages[i].limitNanos());
            }
        }
        return shortest;
    }

    /** The stages, outermost first, those of the chains further in too. */
    List<Stage> all() {
        return all;
    }

    /** What is further in than {@link #enclosing}. */
    Chain within() {
        Chain inner = within;
        if (inner == null) {
            throw new AssertionError("'" + name + "' has one chain only");
        }
        return inner;
    }

    /** A reading of the clock for the admissions of one attempt; 0 if no stage asks. */
    long now() {
        return needsClock ? clock.nanoTime() : 0;
    }

    /** Walks the links for the first time, in the asynchronous form: the result, or a new {@link PipelineCall} that is to be started. */
    @Nullable
    Object walk(CallOptions options, AsyncCall<?> call, long now) {
        return first.run(this, options, call, now);
    }

    /** Runs a call on this thread: the result, or a {@link Failed}. */
    @Nullable
    Object block(CallOptions options, BlockingCall call) {
        return first.block(this, options, call, now());
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
        private final boolean admits;
        private final boolean hearsResults;
        private final boolean limits;
        private final boolean asksTimeLeft;
        private final @Nullable Cuts cuts;
        /** Whether what is further in can be cut short on this stage's behalf. */
        private final boolean isBounded;

        Frame(Stage stage, int index, Link next) {
            this.stage = stage;
            this.index = index;
            this.next = next;
            this.admits = stage.admits();
            this.hearsResults = stage.hearsResults();
            this.limits = stage.limitNanos() > 0;
            this.asksTimeLeft = stage.asksTimeLeft();
            this.cuts = stage.cuts();
            this.isBounded = cuts != null || limits;
        }

        @Override
        @Nullable
        Object run(Chain chain, CallOptions options, AsyncCall<?> call, long now) {
            long token;
            try {
                token = admits ? stage.admit(options, now) : 0;
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
                slow.admitted(index, token, now);
                return slow;
            }
            if (!hearsResults) {
                return end;
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
            slow.admitted(index, token, now);
            slow.mustRepeat(index, again);
            return slow;
        }

        /** Of a call that was let in by all stages at once. */
        private Stage.CallInfo timeLeft(Chain chain, CallOptions options, long now) {
            long until = options.hasDeadline() ? options.deadlineNanos(now) - now : Long.MAX_VALUE;
            until = Math.min(until, chain.shortestLimitNanos(index));
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
            trial.admitted(index, token, now);
            return trial;
        }

        /** As short as it goes, as {@link #attempt} is: only so the frames of a call that is let in at once are inlined into each other. */
        @Override
        @Nullable
        Object block(Chain chain, CallOptions options, Callable<?> call, long now) {
            long token;
            try {
                token = admits ? stage.admit(options, now) : 0;
            } catch (RuntimeException | Error e) {
                return notAdmitted(call, e);
            }
            return token < 0 || token >= Stage.NEEDS_BEGIN || isBounded
                    ? waitOrBound(chain, options, call, now, token)
                    : attempt(chain, options, call, now, token);
        }

        private Failed notAdmitted(Callable<?> call, Throwable e) {
            // If the wait used up the call's time, it is the deadline that ends the call, as in the other form.
            return e instanceof CallRejectedException && call instanceof BlockingCall noted && noted.isOver()
                    ? noted.cutShort()
                    : new Failed(e, Failed.Origin.GUARD);
        }

        private @Nullable Object waitOrBound(
                Chain chain, CallOptions options, Callable<?> call, long start, long admission) {
            if (admission == Stage.REFUSED) {
                return stage.refused(options);
            }
            long now = start;
            long token = admission;
            if (token < 0) {
                try {
                    token = stage.awaitBlocking(options, infoOf(call).remainingNanos());
                    now = chain.now();
                } catch (InterruptedException e) {
                    return interrupted(call, stage, e);
                } catch (RuntimeException | Error e) {
                    return notAdmitted(call, e);
                }
            }
            if (cuts != null) {
                return cuttable(cuts, chain, options, call, now, token);
            }
            if (limits && call instanceof BlockingCall noted) {
                noted.pushLimit(stage, token, now);
                try {
                    return attempt(chain, options, call, now, token);
                } finally {
                    noted.popLimit();
                }
            }
            if (token < Stage.NEEDS_BEGIN) {
                return attempt(chain, options, call, now, token);
            }
            BlockingCall trial =
                    call instanceof BlockingCall known ? known : new BlockingCall(chain, options, call, now);
            trial.pushTrial(stage, token);
            try {
                return attempt(chain, options, trial, now, token);
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
                end = attempt(chain, options, call, now, token);
            } finally {
                wasCut = cut.leave(by);
            }
            // A result that came all the same is the call's.
            return wasCut && end instanceof Failed ? new Failed(stage.timedOut(), Failed.Origin.CANCELLED) : end;
        }

        private @Nullable Object attempt(Chain chain, CallOptions options, Callable<?> call, long start, long token) {
            int invokedBefore = BlockingCall.attemptsOf(call);
            Object end;
            try {
                end = next.block(chain, options, call, start);
            } catch (Throwable e) {
                throw outOfRoom(token, start, e);
            }
            return hear(chain, options, call, start, token, end, invokedBefore);
        }

        /** The first attempt has ended so. Returns the end that leaves this stage, after repeats if it wants any. */
        private @Nullable Object hear(
                Chain chain,
                CallOptions options,
                Callable<?> call,
                long start,
                long token,
                @Nullable Object end,
                int invokedBefore) {
            if (!hearsResults && !(end instanceof Failed)) {
                return end;
            }
            Again again;
            try {
                again = heard(call, token, start, end, null, invokedBefore);
            } catch (RuntimeException | Error e) {
                return new Failed(e, Failed.Origin.CALL);
            }
            return again == null ? end : repeat(chain, options, call, start, token, end, again);
        }

        private @Nullable Again heard(
                Callable<?> call,
                long token,
                long start,
                @Nullable Object end,
                @Nullable Again before,
                int invokedBefore) {
            Failed failed = end instanceof Failed f ? f.heard(BlockingCall.attemptsOf(call) > invokedBefore) : null;
            return stage.onEnd(token, start, failed == null ? end : null, failed, before, infoOf(call));
        }

        private @Nullable Object repeat(
                Chain chain,
                CallOptions options,
                Callable<?> call,
                long start,
                long token,
                @Nullable Object firstEnd,
                Again first) {
            Object end = firstEnd;
            Again again = first;
            while (again != null) {
                try {
                    if (!Sleep.nanos(chain.runtime, again.delayNanos)) {
                        return lastAttempt(token, start, end, again);
                    }
                } catch (InterruptedException e) {
                    return lastAttempt(token, start, interrupted(call, stage, e), again);
                }
                int invokedBefore = BlockingCall.attemptsOf(call);
                try {
                    end = next.block(chain, options, call, chain.now());
                } catch (Throwable e) {
                    throw outOfRoom(token, start, e);
                }
                try {
                    again = heard(call, token, start, end, again, invokedBefore);
                } catch (RuntimeException | Error e) {
                    return new Failed(e, Failed.Origin.CALL);
                }
            }
            return end;
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
                slow.admitted(index, 0, now);
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
            Object joined = within == null ? BlockingCall.invoke(join) : within.invokeWithin(join);
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

    /** The end of a chain that another one goes on behind. */
    private static final class EnclosingLeaf extends Link {
        private final Enclosing stage;
        private final Chain inner;

        EnclosingLeaf(Enclosing stage, Chain inner) {
            this.stage = stage;
            this.inner = inner;
        }

        @Override
        @Nullable
        Object run(Chain chain, CallOptions options, AsyncCall<?> call, long now) {
            long start = inner.needsClock && !chain.needsClock && !options.hasDeadline() ? inner.clock.nanoTime() : now;
            Object end = stage.walk(inner, options, call, start);
            if (end == PENDING) {
                return new PipelineCall<>(chain, options, call, now, chain.stages.length, null);
            }
            if (end instanceof PipelineCall<?> slow && slow.isNew()) {
                PipelineCall<?> mine = new PipelineCall<>(chain, options, call, now, chain.stages.length, null);
                mine.mustRun(stage.adopt(inner, options, call, slow));
                return mine;
            }
            return end;
        }

        @Override
        @Nullable
        Object block(Chain chain, CallOptions options, Callable<?> call, long now) {
            return stage.block(inner, options, (BlockingCall) call);
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
        Callable<?> call = limited || hasLimits || enclosing != null || body instanceof ContextualCall
                ? new BlockingCall(this, options, body, now)
                : body;
        Object end = isStraight && call == body ? straight(options, call, now) : first.block(this, options, call, now);
        if (end instanceof Failed failed) {
            throw sneaky(failed.thrown());
        }
        return Chain.<T>resultOf(end);
    }

    /**
     * Runs a call through the stages of a straight chain in two loops, as nearly all calls go: in by each, the call, out by each. What doesn't go that way
     * is left to the stage's own link, which also makes what is further in once more; what comes out of it goes on outward from there.
     */
    private @Nullable Object straight(CallOptions options, Callable<?> call, long now) {
        long kept = 0;
        Stage[] in = asked;
        for (int i = 0; i < in.length; i++) {
            long token;
            try {
                token = admitAt(i, in, options, now);
            } catch (RuntimeException | Error e) {
                return outFrom(askedAt[i], options, call, now, kept, new Failed(e, Failed.Origin.GUARD));
            }
            if (token < 0 || token >= Stage.NEEDS_BEGIN) {
                return outFrom(
                        askedAt[i], options, call, now, kept, notJustLetIn(askedAt[i], options, call, now, token));
            }
            kept |= token; // of one stage, at most; the others' are 0
        }
        Object end;
        try {
            end = BlockingCall.invoke(call);
        } catch (Throwable e) { // the stack or the heap is full
            end = new Failed(e, Failed.Origin.CALL);
        }
        if (end instanceof Failed) {
            return outFrom(stages.length, options, call, now, kept, end);
        }
        Stage[] out = told;
        for (int i = out.length - 1; i >= 0; i--) {
            Again again;
            try {
                again = hearAt(i, out, i == keeper ? kept : 0, now, end);
            } catch (RuntimeException | Error e) {
                return outFrom(toldAt[i], options, call, now, kept, new Failed(e, Failed.Origin.CALL));
            }
            if (again != null) {
                Object last = repeated(toldAt[i], options, call, now, kept, end, again);
                return outFrom(toldAt[i], options, call, now, kept, last);
            }
        }
        return end;
    }

    /*
     * A call site for each place, as the compiler notes at each which classes it has met, and inlines one or two. Most pipelines of a service have their
     * guards in the same order, so there are no more. The places from the fifth on share one.
     */

    private static long admitAt(int i, Stage[] in, CallOptions options, long now) {
        return switch (i) {
            case 0 -> in[0].admit(options, now);
            case 1 -> in[1].admit(options, now);
            case 2 -> in[2].admit(options, now);
            case 3 -> in[3].admit(options, now);
            default -> in[i].admit(options, now);
        };
    }

    private static @Nullable Again hearAt(int i, Stage[] out, long token, long now, @Nullable Object end) {
        return switch (i) {
            case 0 -> out[0].onEnd(token, now, end, null, null, NO_DEADLINE);
            case 1 -> out[1].onEnd(token, now, end, null, null, NO_DEADLINE);
            case 2 -> out[2].onEnd(token, now, end, null, null, NO_DEADLINE);
            case 3 -> out[3].onEnd(token, now, end, null, null, NO_DEADLINE);
            default -> out[i].onEnd(token, now, end, null, null, NO_DEADLINE);
        };
    }

    /** Tells the stages further out than {@code index} the end that leaves it. */
    private @Nullable Object outFrom(
            int index, CallOptions options, Callable<?> call, long now, long kept, @Nullable Object end) {
        Object last = end;
        for (int i = index - 1; i >= 0; i--) {
            try {
                last = frames[i].hear(this, options, call, now, kept(i, kept), last, 0);
            } catch (Throwable e) { // the stack or the heap is full; that stage has heard so
                last = new Failed(e, Failed.Origin.CALL);
            }
        }
        return last;
    }

    private @Nullable Object notJustLetIn(int index, CallOptions options, Callable<?> call, long now, long admission) {
        try {
            return frames[index].waitOrBound(this, options, call, now, admission);
        } catch (Throwable e) {
            return new Failed(e, Failed.Origin.CALL);
        }
    }

    private @Nullable Object repeated(
            int index, CallOptions options, Callable<?> call, long now, long kept, @Nullable Object end, Again again) {
        try {
            return frames[index].repeat(this, options, call, now, kept(index, kept), end, again);
        } catch (Throwable e) {
            return new Failed(e, Failed.Origin.CALL);
        }
    }

    private long kept(int index, long kept) {
        return slots[index] < 0 ? 0 : kept;
    }

    /** The end as what it is when it is no failure: the call's own result, null only if T allows it. */
    @SuppressWarnings({"unchecked", "NullAway"}) // the links hand on what the call gave
    static <T extends @Nullable Object> T resultOf(@Nullable Object end) {
        return (T) end;
    }

    /** Throws anything as it is, also what the compiler would want declared. Returns never; its type is for the sake of "throw". */
    static RuntimeException sneaky(Throwable thrown) {
        throw Chain.<RuntimeException>erased(thrown);
    }

    @SuppressWarnings("unchecked") // the cast is erased
    private static <E extends Throwable> E erased(Throwable thrown) throws E {
        throw (E) thrown;
    }

    static Stage.CallInfo infoOf(Callable<?> call) {
        return call instanceof BlockingCall noted ? noted : NO_DEADLINE;
    }

    /** The end of a wait that was interrupted: why the call was cut short if it was, else the interrupt. */
    static Failed interrupted(Callable<?> call, Stage stage, InterruptedException e) {
        Failed cut = call instanceof BlockingCall noted ? noted.cut() : null;
        return cut == null ? interrupted(stage, e) : cut;
    }

    static Failed interrupted(Stage stage, InterruptedException e) {
        Thread.currentThread().interrupt();
        return new Failed(new CallInterruptedException(stage.name(), e), Failed.Origin.CANCELLED);
    }
}
