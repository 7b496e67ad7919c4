package io.weir.internal;

import io.weir.AsyncCall;
import io.weir.Call;
import io.weir.CallOptions;
import io.weir.Failures;
import java.lang.System.Logger.Level;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One call through a guard that isn't Weir's. The guard may start the inner call as often as it likes, at once or one after the other, on any
 * thread, as long as its own end hasn't come: each time the inner chain runs as a call of its own. Afterwards it may not.
 *
 * <p>Who says so, if it fails: a failure that the guard passes on from an inner call as it is, or in a future's wrapper, has the origin that it
 * had there. One of its own making is a guard's word if the innermost call was not invoked in this run, and else taken for the call's.
 */
abstract class ForeignRun extends Run {
    /*
     * N1 (one end). One CAS of `over` decides between the guard's end and the cut.
     * N2 (nobody left behind). An inner call is put into `live` before it is set going; who sets `over` then cuts all that is in, and what comes
     *     later is cut as it comes (Cuts). The inner call's end takes it out.
     *
     * Tested by ForeignGuardTest, and GuardOrderTest with a guard that passes all on.
     */
    /** As many of the inner calls' failures are kept to know them again. */
    private static final int KEPT_FAILURES = 32;

    private static final System.Logger LOG = System.getLogger("io.weir");

    final ForeignStage stage;
    final Cuts live = new Cuts();
    private final AtomicBoolean over = new AtomicBoolean();
    private final ConcurrentLinkedQueue<Failed> failures = new ConcurrentLinkedQueue<>();
    /** What the inner calls in flight end with when the run is over. Written before they are cut. */
    private final AtomicReference<@Nullable Failed> why = new AtomicReference<>();

    private volatile boolean cancelsRunning = true;

    ForeignRun(ForeignStage stage, Chain inner, CallOptions options) {
        super(inner, options);
        this.stage = stage;
    }

    /** True for whoever ends the run: the guard, or the one who cuts it. */
    final boolean end() {
        return over.compareAndSet(false, true);
    }

    /** By who has ended it, the guard's end having come: nothing that it has left behind goes on. */
    final void leaveNothing() {
        cutLive(
                new Failed(
                        new CancellationException(
                                "guard '" + stage.name() + "' has ended without waiting for its call"),
                        Failed.Origin.CANCELLED),
                true);
    }

    final void cutLive(Failed cause, boolean cancels) {
        cancelsRunning = cancels;
        why.compareAndSet(null, cause);
        live.cutAll();
    }

    final Failed why() {
        Failed cause = why.get();
        return cause == null ? new Failed(tooLate(), Failed.Origin.GUARD) : cause;
    }

    final boolean cancelsRunning() {
        return cancelsRunning;
    }

    final void requireGoingOn() {
        if (over.get()) {
            throw tooLate();
        }
    }

    private IllegalStateException tooLate() {
        return new IllegalStateException("guard '" + stage.name() + "' has started its call after its own end");
    }

    final void remember(Failed failed) {
        failures.add(failed);
        if (failures.size() > KEPT_FAILURES) {
            failures.poll();
        }
    }

    /** What the guard has thrown, or its future has failed with. */
    final Failed judged(Throwable thrown) {
        Throwable failure = Failures.unwrap(thrown);
        for (Failed each : failures) {
            if (each.failure() == failure || each.thrown() == thrown) {
                return each;
            }
        }
        return new Failed(failure, invocations() == 0 ? Failed.Origin.GUARD : Failed.Origin.CALL, thrown);
    }

    /** The asynchronous form. */
    static final class Async extends ForeignRun {
        private final AsyncCall<?> call;
        private volatile @Nullable CompletableFuture<?> future;

        Async(ForeignStage stage, Chain inner, CallOptions options, AsyncCall<?> call) {
            super(stage, inner, options);
            this.call = call;
        }

        @Override
        void begin() {
            long remaining = isLimited() ? Math.max(0, nearestNanos() - inner.clock.nanoTime()) : Long.MAX_VALUE;
            try {
                CompletableFuture<Object> theirs = execute(stage.options(inner, options, remaining));
                if (theirs == null) {
                    land(
                            judged(new NullPointerException(
                                    "guard '" + stage.name() + "' returned null, not a future")),
                            null);
                    return;
                }
                future = theirs;
                theirs.whenComplete(this::theirEnd);
            } catch (Throwable e) {
                land(judged(e), null);
            }
        }

        @SuppressWarnings("NullAway") // a mock returns null
        private @Nullable CompletableFuture<Object> execute(CallOptions theirs) {
            return stage.guard().execute(theirs, this::startInner);
        }

        private void theirEnd(@Nullable Object result, @Nullable Throwable failure) {
            if (failure == null) {
                land(null, result);
            } else {
                land(judged(failure), null);
            }
        }

        private void land(@Nullable Failed failed, @Nullable Object result) {
            if (end()) {
                leaveNothing();
                land(failed == null ? result : failed);
            }
        }

        /** The guard starts its call. */
        private CompletionStage<Object> startInner() {
            requireGoingOn();
            PipelineCall<Object> attempt = new PipelineCall<>(inner, options, call, inner.now(), 0, null);
            attempt.encloseIn(this, 0);
            LiveCall mine = new LiveCall(this, attempt);
            attempt.whenComplete((result, failure) -> live.remove(mine));
            live.add(mine);
            attempt.start();
            return attempt;
        }

        /** An inner call in flight. */
        private record LiveCall(Async run, PipelineCall<?> attempt) implements Cuts.Cut {
            @Override
            public void cut() {
                attempt.cut(run.why(), run.cancelsRunning());
            }
        }

        @Override
        boolean innerEnded(int place, @Nullable Object how) {
            if (how instanceof Failed failed) {
                remember(failed);
            }
            return false;
        }

        @Override
        void cut(Failed why, boolean cancelsRunning) {
            if (!end()) {
                return;
            }
            cutLive(why, cancelsRunning);
            CompletableFuture<?> theirs = future;
            if (theirs != null && cancelsRunning) {
                try {
                    theirs.cancel(true);
                } catch (Throwable e) {
                    LOG.log(Level.DEBUG, "the future of guard '" + stage.name() + "' can't be cancelled", e);
                }
            }
        }
    }

    /** The blocking form: on the caller's thread, and on any other that the guard starts its call on. */
    static final class Blocking extends ForeignRun {
        private final BlockingCall call;
        /** What runs on other threads is made from this, as the caller's own may be elsewhere by then. */
        private final BlockingCall template;

        private final Thread caller = Thread.currentThread();

        Blocking(ForeignStage stage, Chain inner, CallOptions options, BlockingCall call) {
            super(stage, inner, options);
            this.call = call;
            this.template = call.fork(this, 0);
        }

        /** By the caller: the result, or a {@link Failed}. */
        @Nullable
        Object block() {
            call.began(this);
            start(call.outer());
            Run around = call.enter(this);
            Object how = call.invokeWithin(this::callGuard);
            call.enter(around);
            call.ended();
            if (end()) {
                if (how instanceof Failed failed) {
                    cutLive(failed, true);
                } else {
                    leaveNothing();
                }
            }
            return how;
        }

        private @Nullable Object callGuard() {
            try {
                Call<@Nullable Object, Exception> startsInner = this::startInner;
                return stage.guard().call(stage.options(inner, options, call.remainingNanos()), startsInner);
            } catch (Throwable e) {
                Failed cut = call.cut();
                return cut == null ? judged(e) : cut;
            }
        }

        /** The guard starts its call. */
        private @Nullable Object startInner() {
            requireGoingOn();
            Object how = Thread.currentThread() == caller ? inner.block(options, call) : elsewhere();
            if (how instanceof Failed failed) {
                remember(failed);
                throw Chain.sneaky(failed.thrown());
            }
            return how;
        }

        private @Nullable Object elsewhere() {
            ForkedCall forked = new ForkedCall(inner, template.fork(this, 0));
            LiveElsewhere mine = new LiveElsewhere(this, forked);
            live.add(mine);
            try {
                return forked.run();
            } finally {
                live.remove(mine);
            }
        }

        /** An inner call on another thread. */
        private record LiveElsewhere(Blocking run, ForkedCall forked) implements Cuts.Cut {
            @Override
            public void cut() {
                forked.cut(run.why(), run.cancelsRunning());
            }
        }

        @Override
        void begin() {
            // The caller does what is to be done.
        }

        @Override
        void cut(Failed why, boolean cancelsRunning) {
            throw new AssertionError("a blocking caller cuts for itself");
        }

        @Override
        boolean innerEnded(int place, @Nullable Object how) {
            throw new AssertionError("an inner call returns to the guard");
        }
    }
}
