package io.weir.internal;

import io.weir.AsyncCall;
import io.weir.CallOptions;
import io.weir.engine.time.TimerNode;
import io.weir.engine.time.TimerTask;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A call that didn't end at once: at the same time the caller's future, the callback of the stage in flight, and the task of the timers it
 * waits on.
 *
 * @param <T> the result
 */
final class PipelineCall<T extends @Nullable Object> extends CompletableFuture<T>
        implements BiConsumer<@Nullable Object, @Nullable Throwable>, TimerTask, Stage.WaitListener, Stage.CallInfo {
    /*
     * One thread at a time drives a call: walks it down through the stages' admissions, invokes the supplier, and walks up through their
     * onEnd. `depth` is the ledger: the stages below it hold a token of this call, so whoever drives can unwind exactly what is held.
     * When there is nothing to do but wait, the driver names what it waits for and leaves; whoever brings that event, or cuts the call short,
     * becomes the driver. The gate decides:
     *
     *      63                              4  3   2     1..0
     *     [ epoch                           ][ - ][CUT][ state ]
     *
     *     state: RUNNING  somebody drives
     *            WAITING  nobody does; `awaited` will bring an event
     *            EVENT    somebody drives, and what `awaited` stands for has come meanwhile
     *            DONE     the end was reached
     *     CUT:   somebody asked for a cut, of the whole call or of the part inside a limit of time, and the driver has not looked yet
     *     epoch: raised at every wait and at every take-over, so that a CAS can't succeed on a gate of an earlier wait
     *
     * Transitions, each a CAS but the last:
     *     RUNNING|EVENT(e) -> RUNNING(e+1)  expect(), the driver; `awaited` is set first
     *     RUNNING(e) -> WAITING(e)          leave(), the driver, if there is no CUT
     *     RUNNING+CUT -> RUNNING            leave(), the driver, which then looks again why it was cut, and doesn't leave
     *     RUNNING(e) -> EVENT(e)            arrived(), the driver has not left yet
     *     WAITING(e) -> EVENT(e+1)          arrived(); the caller is the driver now
     *     WAITING(e) -> RUNNING+CUT(e+1)    cutShort(); the caller is the driver now
     *     RUNNING|EVENT -> the same + CUT   cutShort(), another drives
     *     any -> DONE                       finish(), the driver
     *
     * I1 (one driver). The fields below "the driver's" are touched by the driver only. It has them from the driver before through the
     *     gate: leave() releases, the take-over acquires.
     * I2 (no stale event). An event counts only while its source is `awaited`: expect() writes `awaited` before it raises the gate, and
     *     arrived() reads the gate before `awaited` and then CASes that very gate. An old source therefore sees another `awaited`, or
     *     fails its CAS, or sets EVENT on an epoch whose event was taken already, which the next expect() wipes out. A source brings its
     *     event once: timer nodes and waits by their own CAS, a JDK future by its own, other stages by Landing's; `this` is the callback of
     *     the first stage only.
     * I3 (no lost event). A source is named (expect) before it is set going. Its event comes either while the driver still drives, and then
     *     leave() fails and the driver goes on, or after, and then its bringer drives.
     * I4 (all back once, and before). `depth` goes down before onEnd is called, and finish() is reached with depth 0 only; the future
     *     completes after it. The exception is a user who completes the future while another thread drives: he doesn't wait for it.
     * I5 (no lost cut). Who cuts writes why (`cancelled`, or its limit's `fired`) before cutShort() CASes the gate; the driver looks at both
     *     before each step, and can't leave a gate with CUT: it clears CUT first and looks then. A cut that finds DONE is void, and so is one
     *     that comes when the end is on its way up past its stage, but for this: nothing is repeated any more.
     * I6 (a cut stays inside). A limit cuts the stages further in than its own, and its own hears the end as of a call that ended so; stages
     *     further out go on, and may repeat. A limit is of one admission of its stage: it is dropped when that stage hears the end.
     *
     * If a driver stops anywhere for a second, this one call stands still for that second; nobody waits for it but its own caller, and a
     * cancel of the caller's completes the future without it.
     *
     * Tested by PipelineRaceTest (I1 to I6, a million calls; it fails if leave() forgets EVENT, or arrived() the epoch).
     */
    private static final long RUNNING = 0;
    private static final long WAITING = 1;
    private static final long EVENT = 2;
    private static final long DONE = 3;
    private static final long STATE = 3;
    private static final long CUT = 4;
    private static final long EPOCH = 16;

    private static final VarHandle GATE;
    private static final VarHandle CANCELLED;
    private static final System.Logger LOG = System.getLogger("io.weir");

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            GATE = lookup.findVarHandle(PipelineCall.class, "gate", long.class);
            CANCELLED = lookup.findVarHandle(PipelineCall.class, "cancelled", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** What the driver does next. In the steps with "-ING" it can only wait for the event. */
    private enum Step {
        /** Ask the stage at {@code depth} for admission or, if all have admitted, invoke the supplier. */
        DOWN,
        /** Stand in line at the stage at {@code depth}. */
        QUEUE,
        QUEUEING,
        /** Register with the supplier's stage. */
        LISTEN,
        LISTENING,
        /** Tell {@code end} to the stages, innermost first. */
        UP,
        /** Wait for the back-off of the stage at {@code depth - 1}, then go down again. */
        BACK_OFF,
        BACKING_OFF
    }

    final Chain chain;
    private final CallOptions options;
    private final AsyncCall<?> call;
    private final long[] tokens;
    /** When each token was admitted; null if no stage cares. */
    private final long @Nullable [] starts;
    /** When the call began; 0 if nobody asked for the time. */
    private final long startNanos;

    private volatile long gate;
    /** What brings the next event: this (as the first stage's callback), a landing, a timer node, or a wait. Written by the driver only. */
    private volatile @Nullable Object awaited;
    /** Written once, by the user who cuts the whole call short. */
    private volatile boolean cancelled;
    /** Of the attempt in flight, if it wants one. Written by the driver only; a cut reads it too, as the driver may be in the function. */
    private volatile @Nullable AttemptContext context;
    /** The runtime was closed: no back-off will end. */
    private volatile boolean closed;

    // The driver's (I1):
    private Step step;
    private int depth;
    private int attempts;
    private long now;
    private @Nullable Object end;
    private @Nullable CompletionStage<?> flying;
    /** What each stage keeps between its attempts: a list, as hardly ever more than one stage repeats. */
    private @Nullable Again repeats;

    private @Nullable Rare rare;
    private boolean started;
    private boolean heardMyself;

    /** What few calls need, kept apart so that the many are small. */
    private static final class Rare {
        static final int NO_CUT = Integer.MAX_VALUE;

        private static final @Nullable Limit[] NO_LIMITS = {};

        /** The limits that stages have put on this call now, by time or by hand; empty if no stage of the chain can. */
        final @Nullable Limit[] limits;
        /** How often the call had been invoked when each stage let it in; null as long as nothing was repeated. */
        int @Nullable [] invokedBefore;

        @Nullable
        Limit deadline;
        /** While the end goes up: the stages further in than this one are cut short. */
        int floor = NO_CUT;
        /** While a substitute is in flight: the failure that it is to make good. */
        @Nullable
        Failed replaced;

        Rare(Chain chain) {
            limits = chain.hasLimits || chain.hasCuts ? new Limit[chain.stages.length] : NO_LIMITS;
        }

        void cover(@Nullable AttemptContext attempt) {
            if (deadline != null) {
                deadline.covers(attempt);
            }
            for (Limit limit : limits) {
                if (limit != null) {
                    limit.covers(attempt);
                }
            }
        }
    }

    private Rare rare() {
        Rare mine = rare;
        if (mine == null) {
            mine = new Rare(chain);
            rare = mine;
        }
        return mine;
    }

    PipelineCall(Chain chain, CallOptions options, AsyncCall<?> call, long now, int depth, @Nullable Failed failed) {
        this.chain = chain;
        this.options = options;
        this.call = call;
        this.tokens = new long[chain.stages.length];
        this.starts = chain.needsStart ? new long[chain.stages.length] : null;
        this.startNanos = now;
        this.now = now;
        this.depth = depth;
        this.end = failed;
        this.step = failed == null ? Step.DOWN : Step.UP;
    }

    // ---- what the frames of the first attempt write on their way out

    boolean isNew() {
        return !started;
    }

    void admitted(int index, long token) {
        tokens[index] = token;
        if (starts != null) {
            starts[index] = now;
        }
        if (rare != null && rare.invokedBefore != null) {
            rare.invokedBefore[index] = attempts;
        }
    }

    void mustQueue() {
        step = Step.QUEUE;
    }

    /** The supplier was invoked and gave a result that the stage at {@code index} wants to replace. */
    void mustRepeat(int index, Again again) {
        attempts = 1;
        keep(index, again);
        step = Step.BACK_OFF;
    }

    /** The supplier was invoked and gave this stage, or a result in the place of which a substitute's stage is to come. */
    void mustListen(@Nullable CompletionStage<?> stage) {
        attempts = 1;
        flying = stage;
        step = Step.LISTEN;
    }

    /** The supplier was invoked and threw. */
    void threw(Throwable thrown) {
        attempts = 1;
        end = Chain.failedCall(thrown);
        step = Step.UP;
    }

    PipelineCall<T> start() {
        started = true;
        drive();
        return this;
    }

    // ---- the gate

    /** Driver only: names the source of the next event, before it is set going. */
    private void expect(Object source) {
        awaited = source;
        long seen;
        do {
            seen = gate;
        } while (!GATE.compareAndSet(
                this, seen, nextEpoch(seen) | seen & CUT | RUNNING)); // fails only for a CUT or a stale EVENT
    }

    private static long nextEpoch(long seen) {
        return (seen & -EPOCH) + EPOCH;
    }

    /** Driver only: true if it is the driver no longer; false if an event or a cut has come. */
    private boolean leave() {
        long seen = gate;
        if ((seen & STATE) != RUNNING) {
            return false;
        }
        if ((seen & CUT) != 0) {
            GATE.compareAndSet(this, seen, seen & ~CUT); // if it fails, for an EVENT, it is CUT still
            return false;
        }
        return GATE.compareAndSet(this, seen, seen | WAITING);
    }

    /** Brings an event. True if the caller is the driver now. */
    private boolean arrived(Object source) {
        while (true) {
            long seen = gate;
            if (awaited != source) {
                return false;
            }
            long state = seen & STATE;
            if (state == WAITING) {
                if (GATE.compareAndSet(this, seen, nextEpoch(seen) | EVENT)) {
                    return true;
                }
            } else if (state != RUNNING || GATE.compareAndSet(this, seen, seen | EVENT)) {
                return false;
            }
            Thread.onSpinWait();
        }
    }

    /**
     * Asks the driver to look why the call is to be cut short, or becomes it.
     *
     * @param limit which is fired; null if the user has {@link #cancelled}
     */
    void cutShort(@Nullable Limit limit) {
        while (true) {
            long seen = gate;
            long state = seen & STATE;
            if (state == DONE) {
                return;
            }
            boolean mine = state == WAITING;
            if (GATE.compareAndSet(this, seen, mine ? nextEpoch(seen) | CUT | RUNNING : seen | CUT)) {
                if (mine) {
                    drive();
                } else if (limit != null) {
                    limit.cancelContext(); // the driver may be in the user's function, and come back only if that is
                    // told
                } else {
                    cancelContext();
                }
                return;
            }
            Thread.onSpinWait();
        }
    }

    private void cancelCall() {
        if (CANCELLED.compareAndSet(this, false, true)) {
            cutShort(null);
        }
    }

    private void cancelContext() {
        AttemptContext running = context;
        if (running != null) {
            running.cancel();
        }
    }

    // ---- the drive

    /** Goes on until the call is done or has to wait. The caller is the driver (I1). */
    private void drive() {
        while (true) {
            try {
                if (step != Step.UP) {
                    heedCuts();
                }
                switch (step) {
                    case DOWN -> down();
                    case QUEUE -> queue();
                    case LISTEN -> listen();
                    case BACK_OFF -> backOff();
                    case UP -> {
                        if (up()) {
                            return;
                        }
                    }
                    case QUEUEING, LISTENING, BACKING_OFF -> {
                        if ((gate & STATE) == EVENT) {
                            resume();
                        } else if (leave()) {
                            return;
                        }
                    }
                }
            } catch (Throwable e) {
                // Neither a stage nor the timer may throw here. Nobody shall hang for one that does: the call fails,
                // and gives back.
                LOG.log(Level.ERROR, "'" + chain.name + "' failed unexpectedly", e);
                fail(e, Failed.Origin.GUARD);
            }
        }
    }

    private void resume() {
        Object source = awaited;
        awaited = null;
        switch (step) {
            case QUEUEING -> leftTheLine((Stage.Wait) Objects.requireNonNull(source));
            case LISTENING -> landed(Objects.requireNonNull(source));
            default -> {
                if (closed) {
                    step = Step.UP; // with the failure that the back-off was for
                } else {
                    descendAgain();
                }
            }
        }
    }

    private void down() {
        if (depth == tokens.length) {
            invoke();
            return;
        }
        try {
            long token = chain.stages[depth].admit(options, now);
            if (token >= 0) {
                admitted(depth++, token);
            } else if (token == Stage.WAIT) {
                step = Step.QUEUE;
            } else {
                refuse(chain.stages[depth]);
            }
        } catch (RuntimeException | Error e) {
            fail(e, Failed.Origin.GUARD);
        }
    }

    private void queue() {
        armLimits();
        Stage.Wait wait;
        try {
            wait = chain.stages[depth].newWait(options);
            expect(wait);
            wait.start(remainingNanos(), this);
        } catch (RuntimeException | Error e) {
            awaited = null;
            fail(e, Failed.Origin.GUARD);
            return;
        }
        step = Step.QUEUEING;
        if (wait.outcome() != Stage.WAIT) {
            awaited = null;
            leftTheLine(wait);
        }
    }

    private void leftTheLine(Stage.Wait wait) {
        long outcome = wait.outcome();
        if (outcome == Stage.REFUSED) {
            fail(wait.failure(), Failed.Origin.GUARD);
        } else {
            now = chain.needsClock ? chain.clock.nanoTime() : 0;
            admitted(depth++, outcome);
            step = Step.DOWN;
        }
    }

    private void invoke() {
        Limit over = limitThatIsOver();
        if (over != null) {
            over.fire();
            return;
        }
        for (int i = 0; i < tokens.length; i++) {
            if (tokens[i] >= Stage.NEEDS_BEGIN && !chain.stages[i].begin(tokens[i])) {
                refuse(chain.stages[i]);
                return;
            }
        }
        try {
            if (call instanceof ContextualAsyncCall<?> contextual) {
                AttemptContext mine = newContext();
                context = mine;
                if (rare != null) {
                    rare.cover(mine);
                }
                // Who cuts says why first, and then looks for the context: one sees the other.
                if (cancelled || firedLimit() != null) {
                    return;
                }
                attempts++;
                flying = contextual.function().apply(mine);
            } else {
                attempts++;
                flying = call.start();
            }
            step = Step.LISTEN;
        } catch (Throwable e) {
            end = Chain.failedCall(e);
            step = Step.UP;
        }
    }

    private void listen() {
        CompletionStage<?> stage = flying;
        if (stage == null) {
            fail(new NullPointerException("the call returned null, not a stage"), Failed.Origin.CALL);
            return;
        }
        Object result = Chain.resultNow(stage);
        if (result != Chain.PENDING) {
            ended(result, null);
            return;
        }
        armLimits();
        try {
            BiConsumer<@Nullable Object, @Nullable Throwable> callback = this;
            if (heardMyself || stage.getClass() != CompletableFuture.class) {
                callback = new Landing(this);
            }
            heardMyself = true;
            expect(callback);
            step = Step.LISTENING;
            stage.whenComplete(callback);
        } catch (Throwable e) {
            awaited = null;
            ended(null, e);
        }
    }

    private void landed(Object source) {
        if (source instanceof Landing landing) {
            ended(landing.result, landing.failure);
        } else {
            ((CompletableFuture<?>) Objects.requireNonNull(flying))
                    .whenComplete(this::ended); // complete, so this runs here and now
        }
    }

    private void ended(@Nullable Object result, @Nullable Throwable failure) {
        Failed replaced = rare == null ? null : rare.replaced;
        if (replaced != null) {
            Objects.requireNonNull(rare).replaced = null;
        }
        end = failure == null ? result : Substitution.failedInstead(failure, replaced);
        flying = null;
        step = Step.UP;
    }

    private void refuse(Stage stage) {
        end = stage.refused(options);
        step = Step.UP;
    }

    private void fail(Throwable failure, Failed.Origin origin) {
        end = new Failed(failure, origin);
        flying = null;
        step = Step.UP;
    }

    /** Tells the end to the stages that admitted, innermost first. True if the call is done. */
    private boolean up() {
        if (context != null) {
            context = null; // the attempt has ended: what cuts the call short from now on is not for it
            if (rare != null) {
                rare.cover(null);
            }
        }
        while (depth > 0) {
            int index = --depth; // first: a stage that throws has given back what it held
            if (rare != null) {
                dropLimit(rare, index);
            }
            Stage stage = chain.stages[index];
            if (stage instanceof Substitution substitution) {
                if (substitute(substitution)) {
                    return false;
                }
                continue;
            }
            Failed failed = Failed.orNull(end);
            Again again;
            try {
                again = stage.onEnd(
                        tokens[index],
                        starts == null ? 0 : starts[index],
                        failed == null ? end : null,
                        failed == null ? null : failed.heard(attempts > invokedBefore(index)),
                        kept(index),
                        this);
            } catch (RuntimeException | Error e) {
                end = new Failed(e, Failed.Origin.CALL);
                again = null;
            }
            if (again != null && !isCut() && !closed) {
                depth = index + 1; // the stage keeps its token for the next attempt
                keep(index, again);
                step = Step.BACK_OFF;
                return false;
            }
            keep(index, null);
        }
        finish();
        return true;
    }

    private @Nullable Again kept(int index) {
        Again each = repeats;
        while (each != null && each.stage != index) {
            each = each.next;
        }
        return each;
    }

    /** In the place of what the stage has kept before. */
    private void keep(int index, @Nullable Again again) {
        Again before = null;
        for (Again each = repeats; each != null; before = each, each = each.next) {
            if (each.stage == index) {
                if (before == null) {
                    repeats = each.next;
                } else {
                    before.next = each.next;
                }
                break;
            }
        }
        if (again != null) {
            again.stage = index;
            again.next = repeats;
            repeats = again;
        }
    }

    /** The stage at {@code index} hears the end: its limit is over, and so is a cut that went down to it. */
    private static void dropLimit(Rare rare, int index) {
        Limit limit = index < rare.limits.length ? rare.limits[index] : null;
        if (limit != null) {
            rare.limits[index] = null;
            limit.disarm();
        }
        if (index <= rare.floor) {
            rare.floor = Rare.NO_CUT;
        }
    }

    private int invokedBefore(int index) {
        return rare == null || rare.invokedBefore == null ? 0 : rare.invokedBefore[index];
    }

    /** Whether the part of the call from {@code depth} inward is being cut short. */
    private boolean isCut() {
        return cancelled || rare != null && depth > rare.floor && rare.floor != Rare.NO_CUT;
    }

    /** Asks for another end. True if it comes later. */
    private boolean substitute(Substitution stage) {
        Failed failed = Failed.orNull(end);
        if (isCut() || failed != null && failed.origin() == Failed.Origin.CANCELLED) {
            return false;
        }
        Failed heard = failed == null ? null : failed.heard(attempts > invokedBefore(depth));
        Object other = stage.instead(failed == null ? end : null, heard, options);
        if (other instanceof Substitution.Later later) {
            flying = later.stage();
            rare().replaced = failed;
            step = Step.LISTEN;
            return true;
        }
        if (other != Substitution.KEEP) {
            end = other;
        }
        return false;
    }

    private void backOff() {
        long delay = Objects.requireNonNull(kept(depth - 1)).delayNanos;
        if (delay == 0) {
            descendAgain();
            return;
        }
        armLimits();
        TimerNode node = new TimerNode(this, chain.clock.nanoTime() + delay);
        expect(node);
        step = Step.BACKING_OFF;
        chain.runtime.timer().arm(node);
    }

    private void descendAgain() {
        now = chain.needsClock ? chain.clock.nanoTime() : 0;
        int[] before = rare().invokedBefore;
        if (before == null) {
            before = new int[tokens.length]; // all others let the call in before it was ever invoked
            rare().invokedBefore = before;
        }
        before[depth - 1] = attempts;
        end = null;
        step = Step.DOWN;
    }

    // ---- cuts

    /** Cuts the call short, or the part of it inside the outermost limit that is fired. */
    private void heedCuts() {
        if (cancelled) {
            unwind(null);
        } else if (rare != null) {
            Limit fired = firedLimit();
            if (fired != null) {
                unwind(fired);
            }
        }
    }

    private @Nullable Limit firedLimit() {
        Rare mine = rare;
        if (mine == null) {
            return null;
        }
        Limit deadline = mine.deadline;
        if (deadline != null && depth > deadline.floor && deadline.isFired()) {
            return deadline;
        }
        for (int i = 0; i < Math.min(depth, mine.limits.length); i++) {
            Limit limit = mine.limits[i];
            if (limit != null && limit.isFired()) {
                return limit;
            }
        }
        return null;
    }

    /** Lets go of what the call waits for, and ends what is inside the limit; all of the call if that is null. */
    private void unwind(@Nullable Limit limit) {
        Object source = awaited;
        awaited = null;
        CompletionStage<?> inFlight = flying;
        if (limit == null) {
            fail(new CancellationException("the call was cancelled"), Failed.Origin.CANCELLED);
        } else {
            end = timedOut(limit);
            flying = null;
            step = Step.UP;
            rare().floor = limit.floor;
        }
        if (rare != null) {
            rare.replaced = null;
        }
        if (source instanceof TimerNode node) {
            chain.runtime.timer().cancel(node);
        } else if (source instanceof Stage.Wait wait) {
            wait.abandon();
        }
        if (limit != null && !limit.cancelsRunning()) {
            return;
        }
        cancelContext();
        if (inFlight instanceof Future<?> future) {
            try {
                future.cancel(true);
            } catch (Throwable e) {
                LOG.log(Level.DEBUG, "the stage in flight can't be cancelled", e);
            }
        }
    }

    private Failed timedOut(Limit limit) {
        if (limit.stage != null && limit instanceof HandLimit) {
            return new Failed(limit.stage.timedOut(), Failed.Origin.CANCELLED);
        }
        if (limit.stage != null) {
            return new Failed(
                    limit.stage.timedOut(tokens[limit.floor]),
                    attempts == invokedBefore(limit.floor) ? Failed.Origin.EXPIRED : Failed.Origin.TIMED_OUT);
        }
        return attempts == 0
                ? new Failed(chain.deadlinePassed(), Failed.Origin.EXPIRED)
                : new Failed(
                        chain.timedOut(Duration.ofNanos(limit.deadlineNanos - startNanos)), Failed.Origin.TIMED_OUT);
    }

    /** All is given back: completes the future, unless the user who cut the call short does that himself. */
    private void finish() {
        gate = DONE; // a plain overwrite: what others could add now, EVENT or CUT, is void
        if (rare != null && rare.deadline != null) {
            rare.deadline.disarm();
        }
        if (!(end instanceof Failed failed)) {
            super.complete(Chain.<T>resultOf(end));
        } else if (failed.origin() != Failed.Origin.CANCELLED || !cancelled) {
            super.completeExceptionally(failed.failure());
        }
    }

    // ---- limits of time: the call's deadline, and the stages'

    @Override
    public long remainingNanos() {
        if (isCut() || closed) {
            return 0;
        }
        if (!isLimited()) {
            return Long.MAX_VALUE;
        }
        long time = chain.clock.nanoTime();
        return Math.max(0, nearestNanos(time) - time);
    }

    private boolean isLimited() {
        return options.hasDeadline() || chain.hasLimits;
    }

    /** The earliest end that is set to the part of the call from {@code depth} inward. */
    private long nearestNanos(long time) {
        long nearest = time + Long.MAX_VALUE;
        if (options.hasDeadline()) {
            nearest = options.deadlineNanos(startNanos);
        }
        for (int i = 0; chain.hasLimits && i < depth; i++) {
            if (chain.limits[i] > 0 && endOf(i) - time < nearest - time) {
                nearest = endOf(i);
            }
        }
        return nearest;
    }

    private long endOf(int index) {
        return Objects.requireNonNull(starts)[index] + tokens[index]; // the limit as it was when the call was let in
    }

    private AttemptContext newContext() {
        boolean limited = isLimited();
        long nearest = limited ? nearestNanos(chain.clock.nanoTime()) : 0;
        return new AttemptContext(options, attempts + 1, chain.clock, limited, nearest);
    }

    private void armLimits() {
        if (options.hasDeadline() && depth > chain.deadlineFloor) {
            deadline().arm();
        }
        for (int i = 0; chain.hasLimits && i < depth; i++) {
            if (chain.limits[i] > 0) {
                limit(i).arm();
            }
        }
        for (int i = 0; chain.hasCuts && i < depth; i++) {
            if (chain.cuts[i] != null) {
                limit(i).arm();
            }
        }
    }

    private Limit deadline() {
        Limit mine = rare().deadline;
        if (mine == null) {
            mine = new Limit(this, chain.deadlineFloor, null, options.deadlineNanos(startNanos));
            rare().deadline = mine;
        }
        return mine;
    }

    private Limit limit(int index) {
        Limit mine = rare().limits[index];
        if (mine == null) {
            Cuts cuts = chain.cuts[index];
            mine = cuts == null
                    ? new Limit(this, index, chain.stages[index], endOf(index))
                    : new HandLimit(this, index, chain.stages[index], cuts);
            rare().limits[index] = mine;
        }
        return mine;
    }

    private @Nullable Limit limitThatIsOver() {
        if (!isLimited()) {
            return null;
        }
        long time = chain.clock.nanoTime();
        if (options.hasDeadline() && options.deadlineNanos(startNanos) - time <= 0) {
            return deadline();
        }
        for (int i = 0; chain.hasLimits && i < depth; i++) {
            if (chain.limits[i] > 0 && endOf(i) - time <= 0) {
                return limit(i);
            }
        }
        return null;
    }

    // ---- events: each is handed over to the thread that may run user code, and drives there

    @Override
    public void accept(@Nullable Object result, @Nullable Throwable failure) {
        if (arrived(this)) {
            drive();
        }
    }

    @Override
    public void onTimer(TimerNode node) {
        handOver(node);
    }

    @Override
    public void onTimerClosed(TimerNode node) {
        closed = true;
        handOver(node);
    }

    @Override
    public void onWaitEnded(Stage.Wait wait) {
        handOver(wait);
    }

    private void handOver(Object source) {
        chain.runtime.callbackExecutor().execute(() -> {
            if (arrived(source)) {
                drive();
            }
        });
    }

    /** The callback of a stage that isn't the first, or no plain JDK future. It may call twice, or late; only its first call counts. */
    private static final class Landing implements BiConsumer<@Nullable Object, @Nullable Throwable> {
        private final PipelineCall<?> owner;
        private final AtomicBoolean called = new AtomicBoolean();
        // Plain: arrived() releases them with its CAS of the gate, the driver acquires them by reading it.
        private @Nullable Object result;
        private @Nullable Throwable failure;

        Landing(PipelineCall<?> owner) {
            this.owner = owner;
        }

        @Override
        public void accept(@Nullable Object value, @Nullable Throwable thrown) {
            if (called.compareAndSet(false, true)) {
                result = value;
                failure = thrown;
                if (owner.arrived(this)) {
                    owner.drive();
                }
            }
        }
    }

    // ---- the caller's side: whoever completes the future cuts the call short first

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        cancelCall();
        return super.cancel(mayInterruptIfRunning);
    }

    @Override
    public boolean complete(T value) {
        cancelCall();
        return super.complete(value);
    }

    @Override
    public boolean completeExceptionally(Throwable failure) {
        Objects.requireNonNull(failure, "failure"); // before the call is cut short for a completion that doesn't come
        cancelCall();
        return super.completeExceptionally(failure);
    }

    // The JDK's own of these complete the future past the methods above.

    @Override
    public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier) {
        return completeAsync(supplier, defaultExecutor());
    }

    @Override
    public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier, Executor executor) {
        Objects.requireNonNull(supplier, "supplier");
        executor.execute(() -> {
            if (isDone()) {
                return;
            }
            T value;
            try {
                value = supplier.get();
            } catch (Throwable e) {
                completeExceptionally(e);
                return;
            }
            complete(value);
        });
        return this;
    }

    @Override
    public void obtrudeValue(T value) {
        cancelCall();
        super.obtrudeValue(value);
    }

    @Override
    public void obtrudeException(Throwable failure) {
        Objects.requireNonNull(failure, "failure");
        cancelCall();
        super.obtrudeException(failure);
    }
}
