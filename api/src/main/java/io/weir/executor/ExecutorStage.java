package io.weir.executor;

import io.weir.CallOptions;
import io.weir.CallRejected.Reason;
import io.weir.DeadlinePassedException;
import io.weir.WeirRuntime;
import io.weir.engine.bucket.Waiter;
import io.weir.engine.permit.Permits;
import io.weir.engine.time.TimerNode;
import io.weir.engine.time.TimerTask;
import io.weir.internal.Again;
import io.weir.internal.Clocks;
import io.weir.internal.Cuts;
import io.weir.internal.Failed;
import io.weir.internal.PermitStage;
import io.weir.internal.Stage;
import io.weir.internal.Told;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** An executor in a pipeline: bulkhead with a line, and a lifecycle. */
class ExecutorStage extends PermitStage implements TimerTask {
    /*
     * calls, 64 bits:  [ STOPPING, 1 | calls accepted and not ended, 63 ]
     *
     *   accept   + 1, unless STOPPING      a call that has its slot, or is about to stand in line for one
     *   exit     - 1                       its end, or its leaving the line without a slot
     *   stop     STOPPING is set           never cleared
     *
     * E1  What was accepted before STOPPING is in the count until it ends, in line and in flight alike, as accepting and stopping are CASes of one
     *     word. Who takes the count to 0 with STOPPING set, or finds it so when he sets it, ends the shutdown: nobody else has to look.
     * E2  Everything still in the count when the time is up is cut: those in line by closing the permits, those in flight by Cuts. A call that has got
     *     its slot just then, and registers later, finds the cuts over. AsyncExecutorRaceTest has E1 and E2 against submits, ends and cancels.
     */
    private static final long STOPPING = 1L << 63;

    final WeirRuntime runtime;
    private final Cuts cuts = new Cuts();
    private final AtomicLong calls = new AtomicLong();
    private final LongAdder ended = new LongAdder();
    private final CompletableFuture<Boolean> over = new CompletableFuture<>();
    /** Written before anything is cut, so that no call that ends by a cut reports a clean end. */
    private volatile boolean expired;

    ExecutorStage(String name, WeirRuntime runtime, Permits permits) {
        super(name, permits, true, Long.MAX_VALUE);
        this.runtime = runtime;
    }

    /** Slots for calls, with a line that is never full. */
    static Permits slots(WeirRuntime runtime, int maxConcurrency) {
        return new Permits(Clocks.of(runtime), runtime.timer(), maxConcurrency, Integer.MAX_VALUE);
    }

    @Override
    public final Cuts cuts() {
        return cuts;
    }

    // ---- calls

    @Override
    public final long admit(CallOptions options, long now) {
        if (isShutdown()) {
            throw shutDown();
        }
        long token;
        try {
            token = take(options, now);
        } catch (IllegalStateException closed) {
            throw isShutdown() ? shutDown() : closed; // shut down meanwhile
        }
        if (token >= 0 && !accept()) {
            permits().release();
            throw shutDown();
        }
        return token;
    }

    /** Takes what a call needs to begin, a slot at least, if it is there. 0, or as {@link Stage#admit}. */
    long take(CallOptions options, long now) {
        return super.admit(options, now);
    }

    private boolean accept() {
        while (true) {
            long seen = calls.get();
            if (seen < 0) {
                return false;
            }
            if (calls.compareAndSet(seen, seen + 1)) {
                return true;
            }
            Thread.onSpinWait();
        }
    }

    @Override
    protected final void enter() {
        if (!accept()) {
            throw shutDown();
        }
    }

    @Override
    protected final void exit() {
        if (calls.decrementAndGet() == STOPPING) {
            end(runtime.callbackExecutor()); // the call's own future isn't complete yet
        }
    }

    @Override
    public final @Nullable Again onEnd(
            long token,
            long start,
            @Nullable Object result,
            @Nullable Failed failed,
            @Nullable Again before,
            CallInfo call) {
        try {
            hear(result);
        } finally {
            super.onEnd(token, start, result, failed, before, call);
            ended.increment();
            exit();
        }
        return null;
    }

    /** What a call has brought, null if nothing; before its slot goes to the next. */
    void hear(@Nullable Object result) {}

    @Override
    public final Answer acquire(Waiter waiter, long timeoutNanos) {
        try {
            return super.acquire(waiter, timeoutNanos);
        } catch (IllegalStateException closed) { // accepted, and cancelled before it stood in line
            throw timedOut();
        }
    }

    // ---- failures

    private IllegalStateException shutDown() {
        return new IllegalStateException("executor '" + name() + "' is shut down");
    }

    /** The line is never full: the call's own time is over. */
    @Override
    public RuntimeException full() {
        return Told.rejected(runtime, Reason.DEADLINE, new DeadlinePassedException(name(), runtime.stackTraces()));
    }

    @Override
    public RuntimeException failure(Waiter.End end) {
        return end == Waiter.End.CLOSED ? timedOut() : full();
    }

    @Override
    public RuntimeException timedOut() {
        return new CancellationException("executor '" + name() + "' was shut down before the call had ended");
    }

    // ---- shutdown

    boolean isShutdown() {
        return calls.get() < 0;
    }

    /** How many calls wait for their turn; a moment's view. */
    int waiting() {
        return permits().waiters();
    }

    /** How many calls have begun, those in flight included; a moment's view. */
    final long started() {
        return ended.sum() + permits().inUse();
    }

    /** How many calls are accepted and have not ended. */
    long size() {
        return calls.get() & ~STOPPING;
    }

    CompletableFuture<Boolean> shutdown(long timeoutNanos) {
        long before = calls.getAndUpdate(seen -> seen | STOPPING);
        if ((before & ~STOPPING) == 0) {
            end(Runnable::run);
        } else if (timeoutNanos <= 0) {
            expire(Runnable::run);
        } else if (timeoutNanos < Long.MAX_VALUE / 2) {
            TimerNode node = new TimerNode(this, runtime.nanoTime() + timeoutNanos);
            runtime.timer().arm(node);
            over.whenComplete((clean, failure) -> runtime.timer().cancel(node));
        }
        return over.copy();
    }

    @Override
    public void onTimer(TimerNode node) {
        expire(runtime.callbackExecutor());
    }

    /** Nobody would end the shutdown. */
    @Override
    public void onTimerClosed(TimerNode node) {
        expire(runtime.callbackExecutor());
    }

    private void expire(Executor executor) {
        if (calls.get() != STOPPING) { // else it is ending by itself
            expired = true;
            closeLines();
            cuts.cutAll();
            end(executor);
        }
    }

    /** Fails whoever stands in line. Called again, when the last call has ended, it finds nobody there. */
    void closeLines() {
        permits().close();
    }

    private void end(Executor executor) {
        closeLines();
        executor.execute(() -> over.complete(!expired));
    }
}
