package io.weir.internal;

import io.weir.AsyncCall;
import io.weir.CallOptions;
import io.weir.engine.time.TimerNode;
import io.weir.engine.time.TimerTask;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One call under a hedge: its attempts, the first of which to bring a result is the winner. */
abstract class HedgeRun extends Run implements TimerTask {
    /*
     * One word, and a place for each attempt:
     *
     *      31     30..16   15..0
     *     [ OVER ][ sent  ][ live ]      sent: hedges; live: attempts that have not ended
     *
     * Transitions, each a CAS in change():
     *     sent + 1, live + 1    a hedge is due and allowed
     *     live - 1              an attempt has failed; and OVER with the last
     *     OVER                  an attempt has brought a result, or the run is cut; never cleared
     *
     * H1 (one end). Whoever sets OVER ends the run: lands it with the result, or with the best of the failures; or is the owner's driver that cuts
     *     it. What attempts bring later is dropped.
     * H2 (nobody left behind). An attempt is put in its place before anybody asks whether the run is over, and is set going only if it wasn't; whoever
     *     sets OVER goes through the places after that, and cuts what he finds, before the run lands. So each attempt is found, or finds OVER. A
     *     cut of an attempt that hasn't begun is kept by it, and one of an attempt that has ended is void.
     * H3 (no timer left behind). `node` is written before the node is armed, and OVER looked at after; whoever sets OVER cancels the node that he
     *     finds after that. A node is armed by begin(), or by the hedge that the one before it has fired for, so there is one at a time.
     * H4 (all failures seen). An attempt writes its failure before its CAS of the word, so who takes live to 0 sees all of them.
     *
     * If a thread stops within hedge() for a second, this hedge is late by it. If one stops between OVER and its landing, this call is.
     *
     * Tested by HedgeRaceTest (H1 to H4; it sees the look at OVER left out, H2's and H3's).
     */
    private static final int OVER = 1 << 31;
    private static final int SENT_SHIFT = 16;
    private static final int ONE_SENT = 1 << SENT_SHIFT;
    private static final int LIVE = ONE_SENT - 1;

    private static final VarHandle STATE;
    private static final System.Logger LOG = System.getLogger("io.weir");

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(HedgeRun.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** One attempt: a call of the inner chain's. */
    interface Attempt {
        /** Sets it going. It tells the run when it has ended. */
        void go();

        /** Cuts it short, now or when it begins; without effect if it has ended. */
        void cut(Failed why, boolean cancelsRunning);
    }

    final HedgeStage stage;
    private final AtomicReferenceArray<@Nullable Attempt> attempts;
    /** By attempts; published by the word (H4). */
    private final @Nullable Failed[] failures;
    /** When the first attempt was seen not to end at once. */
    private long startNanos;

    private volatile @Nullable TimerNode node;
    private volatile int state = 1;

    HedgeRun(HedgeStage stage, Chain inner, CallOptions options) {
        super(inner, options);
        this.stage = stage;
        this.attempts = new AtomicReferenceArray<>(1 + stage.maxHedges());
        this.failures = new Failed[1 + stage.maxHedges()];
    }

    abstract Attempt newAttempt(int place);

    // ---- the word

    /** The one place where it is written. Returns the word before, or one that is OVER if nothing was changed. */
    private int change(int by, boolean last) {
        while (true) {
            int seen = state;
            if ((seen & OVER) != 0) {
                return seen;
            }
            int next = seen + by;
            if (STATE.compareAndSet(this, seen, last || (next & LIVE) == 0 ? next | OVER : next)) {
                return seen;
            }
            Thread.onSpinWait();
        }
    }

    private boolean isOver() {
        return (state & OVER) != 0;
    }

    // ---- the attempts

    @Override
    void begin() {
        startNanos = stage.nanoTime();
        Attempt first = newAttempt(0);
        attempts.set(0, first);
        first.go();
        if (!isOver()) {
            stage.inFlight(startNanos);
            armNext(startNanos);
        }
    }

    private void armNext(long now) {
        try {
            long delay = stage.delayNanos();
            if (delay > 0) {
                TimerNode next = new TimerNode(this, now + delay);
                node = next;
                stage.runtime().timer().arm(next);
                if (isOver()) {
                    stage.runtime().timer().cancel(next); // H3
                }
            }
        } catch (Throwable e) { // a timer or a clock of the user's
            LOG.log(Level.WARNING, "'" + stage.name() + "' can't wait for the next hedge; the call goes on without", e);
        }
    }

    @Override
    public void onTimer(TimerNode fired) {
        stage.runtime().callbackExecutor().execute(this::hedge);
    }

    @Override
    public void onTimerClosed(TimerNode closed) {
        // The call goes on without a hedge.
    }

    private void hedge() {
        if (isOver()) {
            return;
        }
        long now = stage.nanoTime();
        if (!stage.mayHedge(now)) {
            return;
        }
        int before = change(ONE_SENT + 1, false);
        if ((before & OVER) != 0) {
            return;
        }
        int place = (before >>> SENT_SHIFT) + 1; // it is counted as live, so whatever happens it has to end
        Attempt attempt;
        try {
            attempt = newAttempt(place);
        } catch (Throwable e) {
            innerEnded(place, new Failed(Objects.requireNonNull(e), Failed.Origin.GUARD));
            return;
        }
        attempts.set(place, attempt);
        if (isOver()) {
            return; // H2; nothing of it has begun
        }
        try {
            stage.hedged(place, now - startNanos);
        } catch (Throwable e) { // a clock of the user's
            LOG.log(Level.WARNING, "nobody can be told that '" + stage.name() + "' has sent a hedge", e);
        }
        if (place < stage.maxHedges()) {
            armNext(now);
        }
        attempt.go();
    }

    @Override
    int hedge(int place) {
        return place;
    }

    @Override
    boolean innerEnded(int place, @Nullable Object how) {
        if (how instanceof Failed failed) {
            failures[place] = failed;
            int before = change(-1, false);
            if ((before & OVER) == 0 && (before & LIVE) == 1) {
                over(place, false);
                land(best(failed));
            }
        } else if ((change(0, true) & OVER) == 0) {
            over(place, true);
            land(how);
        }
        return true;
    }

    /** The last failure of the call itself; if no attempt came so far, the last that a guard had to say. */
    private Failed best(Failed last) {
        for (int i = failures.length - 1; i >= 0 && !last.isOfTheCall(); i--) {
            Failed failed = failures[i];
            if (failed != null && failed.isOfTheCall()) {
                return failed;
            }
        }
        return last;
    }

    /** By who has set OVER, an attempt that ended: nothing else of this run goes on. */
    private void over(int place, boolean won) {
        cancelTimer();
        if (won) {
            if (place > 0) {
                stage.hedgeWon();
            }
            long now = stage.nanoTime();
            stage.took(now - startNanos, now);
        }
        if (state >>> SENT_SHIFT != OVER >>> SENT_SHIFT) { // hedges were sent
            cutAll(
                    new Failed(
                            new CancellationException("another attempt of '" + stage.name() + "' was faster"),
                            Failed.Origin.CANCELLED),
                    true,
                    place);
        }
    }

    private void cancelTimer() {
        TimerNode armed = node;
        if (armed != null) {
            stage.runtime().timer().cancel(armed);
        }
    }

    private void cutAll(Failed why, boolean cancelsRunning, int but) {
        for (int i = 0; i < attempts.length(); i++) {
            Attempt each = i == but ? null : attempts.get(i);
            if (each != null) {
                each.cut(why, cancelsRunning);
            }
        }
    }

    @Override
    void cut(Failed why, boolean cancelsRunning) {
        if ((change(0, true) & OVER) != 0) {
            return;
        }
        cancelTimer();
        if (why.origin() == Failed.Origin.TIMED_OUT) {
            long now = stage.nanoTime();
            stage.took(now - startNanos, now);
        }
        cutAll(why, cancelsRunning, -1);
    }

    // ---- the two forms

    /** Attempts are calls of their own. */
    static final class Async extends HedgeRun {
        private final AsyncCall<?> call;
        /** From the first walk. */
        private final @Nullable PipelineCall<?> first;

        Async(HedgeStage stage, Chain inner, CallOptions options, AsyncCall<?> call, @Nullable PipelineCall<?> first) {
            super(stage, inner, options);
            this.call = call;
            this.first = first;
            if (first != null) {
                invokedBefore(first.invocations());
            }
        }

        @Override
        Attempt newAttempt(int place) {
            PipelineCall<?> walked = place == 0 ? first : null;
            PipelineCall<?> attempt =
                    walked == null ? new PipelineCall<>(inner, options, call, inner.now(), 0, null) : walked;
            attempt.encloseIn(this, place);
            return attempt;
        }
    }

    /** Attempts run on the runtime's threads for blocking calls, and the caller waits for the first to win. */
    static final class Blocking extends HedgeRun implements Run.Owner {
        private final BlockingCall call;
        /** Attempts are made from this, as the caller's own may be elsewhere by then. */
        private final BlockingCall template;

        private final Thread caller = Thread.currentThread();
        private volatile boolean ended;

        Blocking(HedgeStage stage, Chain inner, CallOptions options, BlockingCall call) {
            super(stage, inner, options);
            this.call = call;
            this.template = call.fork(this, 0);
        }

        /** By the caller: the result, or a {@link Failed}. */
        @Nullable
        Object await() {
            call.began(this);
            start(this, call.outer());
            Object how = call.invokeWithin(this::park);
            call.ended();
            if (how instanceof Failed failed) {
                cut(failed, true); // without effect if that is how it has ended
                boolean timed = failed.origin() == Failed.Origin.TIMED_OUT || failed.origin() == Failed.Origin.EXPIRED;
                return timed && call.isOver() ? call.cutShort() : failed;
            }
            return how;
        }

        private @Nullable Object park() {
            try {
                while (!ended) {
                    LockSupport.park(this);
                    if (Thread.interrupted()) {
                        throw new InterruptedException();
                    }
                }
            } catch (InterruptedException e) {
                return Chain.interrupted(call, stage, e);
            }
            return end;
        }

        @Override
        public void runEnded(Run run) {
            ended = true;
            LockSupport.unpark(caller);
        }

        @Override
        Attempt newAttempt(int place) {
            return new Task(this, place, new ForkedCall(inner, template.fork(this, place)));
        }
    }

    /** An attempt in the blocking form. It ends once, though an executor may throw that has taken it, or has run it. */
    private static final class Task implements Attempt, Runnable {
        private final Blocking owner;
        private final int place;
        private final ForkedCall forked;
        /** Set by who runs it, or has been refused. */
        private final AtomicBoolean begun = new AtomicBoolean();

        Task(Blocking owner, int place, ForkedCall forked) {
            this.owner = owner;
            this.place = place;
            this.forked = forked;
        }

        @Override
        public void go() {
            try {
                owner.stage.runtime().blockingExecutor().execute(this);
            } catch (RuntimeException | Error e) { // it is full, or closed
                if (begun.compareAndSet(false, true)) {
                    owner.innerEnded(place, new Failed(e, Failed.Origin.GUARD));
                } else {
                    LOG.log(Level.WARNING, "the executor for blocking calls threw, and runs the task", e);
                }
            }
        }

        @Override
        public void run() {
            if (!begun.compareAndSet(false, true)) {
                return;
            }
            Object how;
            try {
                how = forked.run();
            } catch (Throwable e) { // the stack or the heap is full; nobody shall hang for it
                how = new Failed(Objects.requireNonNull(e), Failed.Origin.CALL);
            }
            owner.innerEnded(place, how);
        }

        @Override
        public void cut(Failed why, boolean cancelsRunning) {
            forked.cut(why, cancelsRunning);
        }
    }
}
