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
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A call that didn't end at once: at the same time the caller's future, the callback of the stage in flight, and the task of the timers it
 * waits on.
 *
 * @param <T> the result
 */
final class PipelineCall<T extends @Nullable Object> extends CallFuture<T>
        implements BiConsumer<@Nullable Object, @Nullable Throwable>,
                TimerTask,
                Stage.WaitListener,
                Stage.CallInfo,
                Run.Owner,
                HedgeRun.Attempt {
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
     * Transitions, each a CAS but the first and the last:
     *     RUNNING(0) -> WAITING(1)          leaveUnknown(), the driver of a call that nobody else has
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
     *     leave() fails and the driver goes on, or after, and then its bringer drives. Where nobody else has the call yet, the driver leaves first and then
     *     registers with the stage, as the last thing it does: two stores in the place of three CASes. Only once, as the event may come within that, and its
     *     bringer then drives on a deeper frame.
     * I4 (all back once, and before). `depth` goes down before onEnd is called, and finish() is reached with depth 0 only; the future
     *     completes after it. The exception is a user who completes the future while another thread drives: he doesn't wait for it.
     * I5 (no lost cut). Who cuts writes why (`cancelled`, or its limit's `fired`) before cutShort() CASes the gate; the driver looks at both
     *     before each step, and can't leave a gate with CUT: it clears CUT first and looks then. A cut that finds DONE is void, and so is one
     *     that comes when the end is on its way up past its stage, but for this: nothing is repeated any more.
     * I6 (a cut stays inside). A limit cuts the stages further in than its own, and its own hears the end as of a call that ended so; stages
     *     further out go on, and may repeat. A limit is of one admission of its stage: it is dropped when that stage hears the end.
     *
     * There may be very many of these that wait, so the fields are few and small: 88 bytes, nothing beside unless stages further in than the first
     * have tokens of their own or care for the time. What few calls need is in Rare.
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
    private static final VarHandle AWAITED;
    private static final VarHandle CANCELLED;
    private static final System.Logger LOG = System.getLogger("io.weir");

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            GATE = lookup.findVarHandle(PipelineCall.class, "gate", long.class);
            AWAITED = lookup.findVarHandle(PipelineCall.class, "awaited", Object.class);
            CANCELLED = lookup.findVarHandle(PipelineCall.class, "cancelled", Cause.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The frames of the first walk have written all, and the first driver is on its way. */
    private static final int STARTED = 1;
    /** This was the callback of a stage. */
    private static final int HEARD_MYSELF = 2;

    /** What the driver does next; a byte. In the steps with "-ING" it can only wait for the event. */
    private static final class Step {
        /** Ask the stages from {@code depth} on for admission or, if all have admitted, invoke the supplier. */
        static final byte DOWN = 0;
        /** Stand in line at the stage at {@code depth}. */
        static final byte QUEUE = 1;

        static final byte QUEUEING = 2;
        /** Register with the supplier's stage, or start the run. */
        static final byte LISTEN = 3;

        static final byte LISTENING = 4;
        /** Tell {@code end} to the stages, innermost first. */
        static final byte UP = 5;
        /** Wait for the back-off of the stage at {@code depth - 1}, then go down again. */
        static final byte BACK_OFF = 6;

        static final byte BACKING_OFF = 7;

        private Step() {}
    }

    final Chain chain;
    private final CallOptions options;
    private final AsyncCall<?> call;

    private volatile long gate;
    /**
     * What brings the next event: this (as the first stage's callback), a landing, a timer node, a wait, or a run. Written by the driver only.
     */
    private volatile @Nullable Object awaited;
    /** Written once, by the user who cuts the whole call short, or by the run that it is in. */
    private volatile @Nullable Cause cancelled;
    /** Of the attempt in flight, if it wants one. Written by the driver only; a cut reads it too, as the driver may be in the function. */
    private volatile @Nullable AttemptContext context;
    /** The runtime was closed: no back-off will end. */
    private volatile boolean closed;

    // The driver's (I1):
    private byte step;
    private byte depth;
    private byte flags;
    private int attempts;
    /** The token that the outermost stage which has one gave. */
    private long token;
    /** The tokens of the other stages that have one, and then, if any cares, when each stage admitted. Null if that is nothing. */
    private final long @Nullable [] noted;

    private @Nullable Object end;
    /** The user's stage, or a {@link Run} in its place. */
    private @Nullable Object flying;
    /** What each stage keeps between its attempts: a list, as hardly ever more than one stage repeats. */
    private @Nullable Again repeats;

    private @Nullable Rare rare;

    /** Why the whole call is cut short: by the user if {@code why} is null, else by the run that it is in. */
    private record Cause(@Nullable Failed why, boolean cancelsRunning) {
        static final Cause USER = new Cause(null, true);
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
        this.noted = chain.notedLength == 0 ? null : new long[chain.notedLength];
        this.depth = (byte) depth;
        this.end = failed;
        this.step = failed == null ? Step.DOWN : Step.UP;
        if (options.hasDeadline()) {
            rare().startNanos = now;
        }
    }

    private long token(int index) {
        int slot = chain.slots[index];
        return slot < 0 ? 0 : slot == 0 ? token : Objects.requireNonNull(noted)[slot - 1];
    }

    /** When the stage at {@code index} admitted; 0 if no stage cares. */
    private long start(int index) {
        return chain.needsStart ? Objects.requireNonNull(noted)[chain.startsAt + index] : 0;
    }

    private boolean isTrial(int index) {
        return token(index) >= Stage.NEEDS_BEGIN;
    }

    /** Makes this, before it is started, an inner call of a run. */
    void encloseIn(Run run, int place) {
        Rare mine = rare();
        mine.enclosing = run;
        mine.place = place;
    }

    private @Nullable Run enclosing() {
        return rare == null ? null : rare.enclosing;
    }

    // ---- what the frames of the first attempt write on their way out

    boolean isNew() {
        return (flags & STARTED) == 0;
    }

    void admitted(int index, long given, long now) {
        int slot = chain.slots[index];
        if (slot == 0) {
            token = given;
        } else if (slot > 0) {
            Objects.requireNonNull(noted)[slot - 1] = given;
        }
        if (chain.needsStart) {
            Objects.requireNonNull(noted)[chain.startsAt + index] = now;
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

    /** A run, the first call of which was made by the first walk, stands in the place of the supplier's stage. */
    void mustRun(Run run) {
        flying = run;
        step = Step.LISTEN;
    }

    /** How often the innermost call was invoked until now. */
    int invocations() {
        return attempts + (flying instanceof Run run ? run.invocations() : 0);
    }

    /** The supplier was invoked and threw. */
    void threw(Throwable thrown) {
        attempts = 1;
        end = Chain.failedCall(thrown);
        step = Step.UP;
    }

    PipelineCall<T> start() {
        flags |= STARTED;
        drive();
        return this;
    }

    @Override
    public void go() {
        start();
    }

    // ---- the gate

    /** Driver only: names the source of the next event, before it is set going. */
    private void expect(Object source) {
        AWAITED.setRelease(this, source); // before the gate: whoever sees that sees this (I2)
        long seen;
        do {
            seen = gate;
        } while (!GATE.compareAndSet(
                this, seen, nextEpoch(seen) | seen & CUT | RUNNING)); // fails only for a CUT or a stale EVENT
    }

    /** Driver only: an event that was taken isn't taken again; one that comes in spite of that is wiped out by the next expect() (I2). */
    private void forgetSource() {
        AWAITED.setRelease(this, null);
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

    /** Driver only: whether nobody else can have this call: it has waited for nothing, and no run, limit or context knows it. */
    private boolean isUnknown() {
        return gate == RUNNING && rare == null && context == null;
    }

    /** Driver only, of an unknown call: names the source of the next event, and leaves. The source must be set going after that. */
    private void leaveUnknown(Object source) {
        AWAITED.setRelease(this, source);
        GATE.setRelease(this, EPOCH | WAITING); // it is published by what sets the source going
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

    @Override
    void cutShortByUser() {
        cancelCall(Cause.USER);
    }

    private void cancelCall(Cause cause) {
        if (CANCELLED.compareAndSet(this, null, cause)) {
            cutShort(null);
        }
    }

    @Override
    public void cut(Failed why, boolean cancelsRunning) {
        cancelCall(new Cause(why, cancelsRunning));
    }

    private void cancelContext() {
        Cause cause = cancelled;
        AttemptContext running = context;
        if (running != null && (cause == null || cause.cancelsRunning())) {
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
                    case Step.DOWN -> down();
                    case Step.QUEUE -> queue();
                    case Step.LISTEN -> {
                        if (listen()) {
                            return;
                        }
                    }
                    case Step.BACK_OFF -> backOff();
                    case Step.UP -> {
                        if (up()) {
                            return;
                        }
                    }
                    default -> {
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
        forgetSource();
        switch (step) {
            case Step.QUEUEING -> leftTheLine((Stage.Wait) Objects.requireNonNull(source));
            case Step.LISTENING -> landed(Objects.requireNonNull(source));
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
        if (depth == chain.stages.length) {
            if (chain.enclosing == null) {
                invoke();
            } else {
                flying = chain.enclosing.newRun(chain.within(), options, call);
                step = Step.LISTEN;
            }
            return;
        }
        long now = chain.now();
        do {
            Stage stage = chain.stages[depth];
            try {
                long given = stage.admit(options, now);
                if (given >= 0) {
                    admitted(depth++, given, now);
                } else if (given == Stage.WAIT) {
                    step = Step.QUEUE;
                } else {
                    refuse(stage);
                }
            } catch (RuntimeException | Error e) {
                fail(e, Failed.Origin.GUARD);
            }
        } while (step == Step.DOWN && depth < chain.stages.length && cancelled == null && firedLimit() == null);
    }

    private void queue() {
        armLimits();
        Stage.Wait wait;
        try {
            wait = chain.stages[depth].newWait(options);
            expect(wait);
            wait.start(remainingNanos(), this);
        } catch (RuntimeException | Error e) {
            forgetSource();
            fail(e, Failed.Origin.GUARD);
            return;
        }
        step = Step.QUEUEING;
        if (wait.outcome() != Stage.WAIT) {
            forgetSource();
            leftTheLine(wait);
        }
    }

    private void leftTheLine(Stage.Wait wait) {
        long outcome = wait.outcome();
        if (outcome == Stage.REFUSED) {
            fail(wait.failure(), Failed.Origin.GUARD);
        } else {
            admitted(depth++, outcome, chain.now());
            step = Step.DOWN;
        }
    }

    private void invoke() {
        Limit over = limitThatIsOver();
        if (over != null) {
            over.fire();
            return;
        }
        for (int i = 0; i < depth; i++) {
            if (isTrial(i) && !chain.stages[i].begin(token(i))) {
                refuse(chain.stages[i]);
                return;
            }
        }
        Run enclosing = enclosing();
        if (enclosing != null && refusedFurtherOut(enclosing)) {
            return;
        }
        try {
            if (call instanceof ContextualAsyncCall<?> contextual) {
                AttemptContext mine = newContext();
                context = mine;
                if (rare != null) {
                    rare.cover(mine);
                }
                // Who cuts says why first, and then looks for the context: one sees the other.
                if (cancelled != null || firedLimit() != null) {
                    return;
                }
                mine.attempt(invoked(enclosing));
                flying = contextual.function().apply(mine);
            } else {
                invoked(enclosing);
                flying = call.start();
            }
            step = Step.LISTEN;
        } catch (Throwable e) {
            end = Chain.failedCall(e);
            step = Step.UP;
        }
    }

    private int invoked(@Nullable Run enclosing) {
        attempts++;
        return enclosing == null ? attempts : enclosing.invoked();
    }

    /** Whether a call further out is over, or holds a slot that is good no longer; then this one has ended. */
    private boolean refusedFurtherOut(Run enclosing) {
        if (enclosing.isLimited() && enclosing.nearestNanos() - chain.clock.nanoTime() <= 0) {
            fail(chain.deadlinePassed(), Failed.Origin.EXPIRED); // the call whose limit it is says what it is called
            return true;
        }
        Failed refused = enclosing.beginTrials();
        if (refused != null) {
            end = refused;
            step = Step.UP;
        }
        return refused != null;
    }

    /** True if this thread is the driver no longer. */
    private boolean listen() {
        if (flying instanceof Run run) {
            run(run);
            return false;
        }
        CompletionStage<?> stage = (CompletionStage<?>) flying;
        if (stage == null) {
            fail(new NullPointerException("the call returned null, not a stage"), Failed.Origin.CALL);
            return false;
        }
        Object result = Chain.resultNow(stage);
        if (result != Chain.PENDING) {
            ended(result, null);
            return false;
        }
        armLimits();
        boolean mayHear = (flags & HEARD_MYSELF) == 0 && stage.getClass() == CompletableFuture.class;
        flags |= HEARD_MYSELF;
        step = Step.LISTENING;
        if (mayHear && isUnknown()) {
            return listenUnknown(stage);
        }
        try {
            BiConsumer<@Nullable Object, @Nullable Throwable> callback = mayHear ? this : new Landing(this);
            expect(callback);
            stage.whenComplete(callback);
        } catch (Throwable e) {
            forgetSource();
            ended(null, e);
        }
        return false;
    }

    /** The same for a call that nobody else has. Nothing of the driver's may be touched after it has left. */
    private boolean listenUnknown(CompletionStage<?> stage) {
        leaveUnknown(this);
        try {
            stage.whenComplete(this);
        } catch (Throwable e) { // no memory, or no stack
            if (arrived(this)) {
                forgetSource();
                ended(null, e);
                return false;
            }
        }
        return true;
    }

    private void run(Run run) {
        armLimits();
        expect(run);
        step = Step.LISTENING;
        Trial trials = null;
        for (int i = 0; i < depth; i++) {
            trials = isTrial(i) ? new Trial(chain.stages[i], token(i), trials) : trials;
        }
        Run enclosing = enclosing();
        boolean limited = isLimited();
        run.start(
                this,
                new Run.Outer(
                        enclosing,
                        enclosing == null ? 0 : enclosing.hedge(rare().place),
                        attempts,
                        trials,
                        limited,
                        limited ? nearestNanos(chain.clock.nanoTime()) : 0));
    }

    @Override
    public void runEnded(Run run) {
        if (arrived(run)) {
            drive();
        }
    }

    private void ended(Run run) {
        attempts += run.invocations();
        flying = null;
        Limit over = run.end instanceof Failed ? limitThatIsOver() : null;
        if (over != null) {
            over.fire(); // that is why it ended, or it is late anyway
        } else {
            end = run.end;
            step = Step.UP;
        }
    }

    private void landed(Object source) {
        if (source instanceof Landing landing) {
            ended(landing.result, landing.failure);
        } else if (source instanceof Run run) {
            ended(run);
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
            if (failed == null && !chain.hearsResults[index]) {
                continue;
            }
            Again again;
            try {
                again = stage.onEnd(
                        token(index),
                        start(index),
                        failed == null ? end : null,
                        failed == null ? null : failed.heard(attempts > invokedBefore(index)),
                        kept(index),
                        this);
            } catch (RuntimeException | Error e) {
                end = new Failed(e, Failed.Origin.CALL);
                again = null;
            }
            if (again != null && !isCut() && !closed) {
                depth = (byte) (index + 1); // the stage keeps its token for the next attempt
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
        int invokedBefore = 0;
        Again before = null;
        for (Again each = repeats; each != null; before = each, each = each.next) {
            if (each.stage == index) {
                invokedBefore = each.invokedBefore;
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
            again.invokedBefore = invokedBefore;
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

    /** How often the call had been invoked when the stage at {@code index} let it in: when this or a stage further out repeated last. */
    private int invokedBefore(int index) {
        int most = 0;
        for (Again each = repeats; each != null; each = each.next) {
            if (each.stage <= index) {
                most = Math.max(most, each.invokedBefore);
            }
        }
        return most;
    }

    /** Whether the part of the call from {@code depth} inward is being cut short. */
    private boolean isCut() {
        return cancelled != null || rare != null && depth > rare.floor && rare.floor != Rare.NO_CUT;
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
        Objects.requireNonNull(kept(depth - 1)).invokedBefore = attempts;
        end = null;
        step = Step.DOWN;
    }

    // ---- cuts

    /** Cuts the call short, or the part of it inside the outermost limit that is fired. */
    private void heedCuts() {
        if (cancelled != null) {
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
        forgetSource();
        Object inFlight = flying;
        attempts = invocations();
        Cause cause = Objects.requireNonNullElse(cancelled, Cause.USER);
        if (limit == null) {
            Failed why = cause.why();
            end = why == null
                    ? new Failed(new CancellationException("the call was cancelled"), Failed.Origin.CANCELLED)
                    : why;
            flying = null;
            step = Step.UP;
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
        boolean cancelsRunning = limit == null ? cause.cancelsRunning() : limit.cancelsRunning();
        if (inFlight instanceof Run run) {
            if (source == run) { // else it has not begun, or has ended
                run.cut((Failed) Objects.requireNonNull(end), cancelsRunning);
            }
            return;
        }
        if (!cancelsRunning) {
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
                    limit.stage.timedOut(token(limit.floor)),
                    attempts == invokedBefore(limit.floor) ? Failed.Origin.EXPIRED : Failed.Origin.TIMED_OUT);
        }
        return attempts == 0
                ? new Failed(chain.deadlinePassed(), Failed.Origin.EXPIRED)
                : new Failed(
                        chain.timedOut(Duration.ofNanos(limit.deadlineNanos - rare().startNanos)),
                        Failed.Origin.TIMED_OUT);
    }

    /** All is given back: completes the future, unless the user who cut the call short does that himself. */
    private void finish() {
        GATE.setRelease(this, DONE); // a plain overwrite: what others could add now, EVENT or CUT, is void
        if (rare != null && rare.deadline != null) {
            rare.deadline.disarm();
        }
        if (rare != null && rare.enclosing != null) {
            Object how = end instanceof Failed inner ? inner.heard(attempts > 0) : end; // what the run judges by
            if (rare.enclosing.innerEnded(rare.place, how)) {
                return;
            }
        }
        if (!(end instanceof Failed failed)) {
            endedWell(Chain.<T>resultOf(end));
        } else if (failed.origin() != Failed.Origin.CANCELLED || cancelled != Cause.USER) {
            endedExceptionally(failed.failure());
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
        Run mine = enclosing();
        return chain.hasLimits || (mine == null ? options.hasDeadline() : mine.isLimited());
    }

    /** Whether this is the call that sees to the deadline: an inner call leaves that to the one further out. */
    private boolean hasDeadline() {
        return options.hasDeadline() && enclosing() == null;
    }

    /** The earliest end that is set to the part of the call from {@code depth} inward. */
    private long nearestNanos(long time) {
        long nearest = time + Long.MAX_VALUE;
        Run mine = enclosing();
        if (mine != null) {
            nearest = mine.isLimited() ? mine.nearestNanos() : nearest;
        } else if (options.hasDeadline()) {
            nearest = options.deadlineNanos(rare().startNanos);
        }
        for (int i = 0; chain.hasLimits && i < depth; i++) {
            if (chain.limits[i] && endOf(i) - time < nearest - time) {
                nearest = endOf(i);
            }
        }
        return nearest;
    }

    private long endOf(int index) {
        return start(index) + token(index); // the limit as it was when the call was let in
    }

    private AttemptContext newContext() {
        boolean limited = isLimited();
        long nearest = limited ? nearestNanos(chain.clock.nanoTime()) : 0;
        Run mine = enclosing();
        int hedge = mine == null ? 0 : mine.hedge(rare().place);
        return new AttemptContext(options, hedge, chain.clock, limited, nearest);
    }

    private void armLimits() {
        if (hasDeadline() && depth > chain.deadlineFloor) {
            deadline().arm();
        }
        for (int i = 0; chain.hasLimits && i < depth; i++) {
            if (chain.limits[i]) {
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
            mine = new Limit(this, chain.deadlineFloor, null, options.deadlineNanos(rare().startNanos));
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
        boolean hasDeadline = hasDeadline();
        if (!hasDeadline && !chain.hasLimits) {
            return null;
        }
        long time = chain.clock.nanoTime();
        if (hasDeadline && options.deadlineNanos(rare().startNanos) - time <= 0) {
            return deadline();
        }
        for (int i = 0; chain.hasLimits && i < depth; i++) {
            if (chain.limits[i] && endOf(i) - time <= 0) {
                return limit(i);
            }
        }
        return null;
    }

    // ---- events: each is handed over to the thread that may run user code, and drives there

    @Override
    public void accept(@Nullable Object result, @Nullable Throwable failure) {
        if (arrived(this)) {
            if (cancelled == null && firedLimit() == null) { // what drive() would look at first
                forgetSource();
                ended(result, failure);
            }
            drive();
        }
    }

    void hasLanded(Landing landing) {
        if (arrived(landing)) {
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
}
