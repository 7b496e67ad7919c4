package io.weir.executor;

import io.weir.Failures;
import io.weir.WeirRuntime;
import io.weir.engine.permit.Permits;
import io.weir.engine.time.TimerNode;
import io.weir.engine.time.TimerTask;
import io.weir.executor.WorkQueue.AsyncWorker;
import io.weir.executor.WorkQueue.State;
import io.weir.internal.DaemonPool;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A work queue's items, and what works on them. */
final class Workers<T> implements TimerTask {
    /*
     * life      the state, and what is pending (Life).
     * queue     the items accepted and not begun, in their order. ledger: those not accounted for.
     * active    the worker slots in use, at most `count`. Who owns a slot runs item after item, and gives it back when it finds the queue empty; then it
     *           looks once more, as a put that came before found no slot free.
     *
     * W1  Nothing accepted is lost or done twice: an entry's last step (Entry) is one CAS, and whoever makes it counts it.
     * W2  At most `count` items run at once: a slot is taken by CAS below it.
     * W3  No item waits beside a free slot: put adds, then tries a slot; a worker gives the slot back, then looks. Both volatile.
     * W4  A stop ends: when nothing is pending or its timeout has passed, by whoever comes first (L1).
     *     WorkQueueEdgeTest#aStopWaitsForWhatWasPutSinceAnotherThreadFoundTheQueueEmpty.
     * W5  A join ends by a zero that came after it began: it has noted zeros, and waits until they are others; read after the join was seen, so
     *     no older reading ends it. It is added before it looks again; who makes a zero looks for joins then. WorkQueueEdgeTest#aJoin...
     * W6  Whoever calls stop closes the room, also if another call made the step: nobody waits for room once a stop has returned.
     * WorkQueueTest, WorkQueueRaceTest.
     */
    private static final System.Logger LOG = System.getLogger("io.weir");
    private static final int MAX_IN_A_ROW = 64;

    private final String name;
    private final WeirRuntime runtime;
    private final Permits room;
    private final Life life = new Life();
    private final AtomicReference<@Nullable Job<T>> job = new AtomicReference<>();
    private final AtomicInteger active = new AtomicInteger();
    private final Queue<Entry<T>> queue = new ConcurrentLinkedQueue<>();
    private final Set<Entry<T>> ledger = ConcurrentHashMap.newKeySet();
    private final Queue<Join> joins = new ConcurrentLinkedQueue<>();

    /** Completed by whoever made the step to STOPPED, and never handed out: who waits for it runs no code of a user's. */
    private final CompletableFuture<StopReport<T>> ended = new CompletableFuture<>();

    /** The same for users, completed on the callback executor. */
    private final CompletableFuture<StopReport<T>> stopped = new CompletableFuture<>();

    private final AtomicLong numbers = new AtomicLong();
    private final LongAdder enqueued = new LongAdder();
    private final LongAdder processed = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final LongAdder backpressure = new LongAdder();

    /** What is done with items, set once. */
    private record Job<T>(
            int count,
            AsyncWorker<? super T> worker,
            BiConsumer<? super T, ? super Throwable> errorHandler,
            Executor executor,
            @Nullable ThreadPoolExecutor threads) {}

    Workers(String name, WeirRuntime runtime, Permits room) {
        this.name = name;
        this.runtime = runtime;
        this.room = room;
    }

    void start(
            int count,
            AsyncWorker<? super T> worker,
            BiConsumer<? super T, ? super Throwable> errorHandler,
            boolean blocking) {
        if (count < 1) {
            throw new IllegalArgumentException("count = " + count + ": allowed is 1 or more");
        }
        ThreadPoolExecutor threads = blocking ? DaemonPool.of(count, "weir-queue-" + name + "-") : null;
        Executor executor = threads != null ? threads : runtime.callbackExecutor();
        if (!job.compareAndSet(null, new Job<>(count, worker, errorHandler, executor, threads))
                || !life.step(State.IDLE, State.PROCESSING)) {
            throw new IllegalStateException("work queue '" + name + "' is " + state() + ": it can be started once");
        }
    }

    /** Counts a put, or an item, out. */
    private void finish() {
        Life.Left left = life.leave();
        if (left == Life.Left.THE_END) {
            conclude(List.of());
        }
        if (left != Life.Left.SOME) {
            tellJoins();
        }
    }

    // ---- puts

    /** Counts a put in; {@link #endPut}, {@link #turnedAway} or {@link #accept} counts it out, or hands the count on. */
    void beginPut() {
        State seen = life.enter();
        if (seen != State.PROCESSING) {
            finish();
            throw notProcessing(seen);
        }
    }

    IllegalStateException notProcessing(State seen) {
        return new IllegalStateException(
                "work queue '" + name + "' is " + seen + ": items can be put after startWorkers and before stop");
    }

    void endPut() {
        finish();
    }

    void turnedAway() {
        backpressure.increment();
        finish();
    }

    /** Takes a put's item in, for which there is room. False: the queue has stopped for good meanwhile, and the put is counted out. */
    boolean accept(T item) {
        Entry<T> entry = new Entry<>(item, numbers.getAndIncrement());
        ledger.add(entry);
        if (state() == State.STOPPED && entry.lose()) { // else whoever stopped it has found and reported it
            ledger.remove(entry);
            finish();
            return false;
        }
        enqueued.increment();
        queue.add(entry);
        pump();
        return true;
    }

    // ---- work

    private Job<T> job() {
        return Objects.requireNonNull(job.get());
    }

    /** Gives items to free slots, as long as there are both. */
    private void pump() {
        Job<T> what = job();
        while (takeSlot(what)) {
            Entry<T> entry = next(what);
            if (entry == null) {
                return;
            }
            Turn turn = Turn.hand(what.executor, () -> run(what, entry));
            if (turn.isInline()) {
                run(what, entry);
            } else if (turn.refusal() != null) {
                end(what, entry, turn.refusal());
                active.decrementAndGet();
            }
        }
    }

    private boolean takeSlot(Job<T> what) {
        while (true) {
            int seen = active.get();
            if (seen >= what.count) {
                return false; // W2
            }
            if (active.compareAndSet(seen, seen + 1)) {
                return true;
            }
            Thread.onSpinWait();
        }
    }

    /** The next item for a slot; null: there is none, and the slot is given back. */
    private @Nullable Entry<T> next(Job<T> what) {
        while (true) {
            Entry<T> entry = queue.poll();
            if (entry == null) {
                active.decrementAndGet();
                if (queue.isEmpty() || !takeSlot(what)) { // W3
                    return null;
                }
            } else if (entry.begin()) {
                room.release();
                return entry;
            }
        }
    }

    /** Works on item after item with one slot; a loop, so that the stack stays flat. */
    private void run(Job<T> what, @Nullable Entry<T> first) {
        Entry<T> entry = first;
        for (int row = 0; entry != null; row++) {
            if (row == MAX_IN_A_ROW) { // others want the executor too
                Entry<T> rest = entry;
                if (Turn.hand(what.executor, () -> run(what, rest)).isTaken()) {
                    return;
                }
                row = 0;
            }
            if (!work(what, entry)) {
                return;
            }
            if (what.threads != null) {
                Thread.interrupted(); // an item's interrupt is not the next one's; a stop's comes when there is no next
            }
            entry = next(what);
        }
    }

    /** Whether the item is done; else its stage goes on with the slot when it is. */
    private boolean work(Job<T> what, Entry<T> entry) {
        if (entry.isLost()) {
            return true; // reported while it was on its way to a thread: whoever has read that may be doing it himself
        }
        Handoff handoff = new Handoff(what, entry);
        try {
            CompletionStage<?> stage = what.worker.start(entry.item);
            if (stage == null) {
                throw new NullPointerException("the worker returned null, not a stage");
            }
            entry.runs(stage);
            stage.whenComplete(handoff);
        } catch (Throwable e) {
            handoff.fail(e);
        }
        Ended ended = handoff.leave();
        if (ended == null) {
            return false;
        }
        end(what, entry, ended.failure);
        return true;
    }

    private record Ended(@Nullable Throwable failure) {}

    /** Decides who goes on when a stage ends: the worker that began it, if it is still there, or whoever ends it. */
    private final class Handoff implements BiConsumer<@Nullable Object, @Nullable Throwable> {
        private static final Object LEFT = new Object();

        private final Job<T> what;
        private final Entry<T> entry;
        private final AtomicReference<@Nullable Object> gate = new AtomicReference<>();

        Handoff(Job<T> what, Entry<T> entry) {
            this.what = what;
            this.entry = entry;
        }

        /** How it ended; null: it hasn't, and its end goes on. */
        @Nullable
        Ended leave() {
            return gate.compareAndSet(null, LEFT) ? null : (Ended) gate.get();
        }

        /** Unless it has ended. */
        void fail(Throwable failure) {
            gate.compareAndSet(null, new Ended(failure));
        }

        @Override
        public void accept(@Nullable Object result, @Nullable Throwable failure) {
            Ended ended = new Ended(failure);
            if (!gate.compareAndSet(null, ended) && gate.compareAndSet(LEFT, ended)) {
                Runnable rest = () -> {
                    end(what, entry, failure);
                    run(what, next(what));
                };
                if (!Turn.hand(what.executor, rest).isTaken()) {
                    rest.run(); // refused: better here than never
                }
            }
        }
    }

    private void end(Job<T> what, Entry<T> entry, @Nullable Throwable failure) {
        if (!entry.end()) {
            return; // lost
        }
        ledger.remove(entry);
        try {
            if (failure == null) {
                processed.increment();
            } else {
                errors.increment();
                tell(what, entry.item, Failures.unwrap(failure));
            }
        } finally {
            finish();
        }
    }

    private void tell(Job<T> what, T item, Throwable failure) {
        LOG.log(Level.DEBUG, () -> "work queue '" + name + "': an item failed", failure);
        try {
            what.errorHandler.accept(item, failure);
        } catch (Throwable e) { // also a checked one, which some languages throw from anywhere
            LOG.log(Level.WARNING, "the error handler of work queue '" + name + "' threw", e);
        }
    }

    // ---- the end

    /** Who waits until nothing is pending, and what zeros was then. */
    private record Join(long zeros, CompletableFuture<@Nullable Void> future) {}

    CompletableFuture<@Nullable Void> join() {
        long zeros = life.zeros(); // before the look: a zero between them ends the join all the same
        if (life.isIdle()) {
            return CompletableFuture.completedFuture(null);
        }
        Join join = new Join(zeros, new CompletableFuture<>());
        joins.add(join);
        if (life.zeros() != zeros) { // W5
            tellJoins();
        }
        return join.future;
    }

    private void tellJoins() {
        for (Iterator<Join> each = joins.iterator(); each.hasNext(); ) {
            Join join = each.next();
            if (join.zeros != life.zeros()) {
                each.remove();
                runtime.callbackExecutor().execute(() -> join.future.complete(null));
            }
        }
    }

    CompletableFuture<StopReport<T>> stop(long timeoutNanos) {
        boolean last = life.stop();
        room.close(); // who waits for room is turned away (W6)
        StopReport<T> report = last ? conclude(List.of()) : timeoutNanos <= 0 ? expire() : null;
        if (report != null) {
            return CompletableFuture.completedFuture(report); // at once, and only to this caller
        }
        if (timeoutNanos > 0 && timeoutNanos < Long.MAX_VALUE / 2 && state() == State.STOPPING) {
            TimerNode node = new TimerNode(this, runtime.nanoTime() + timeoutNanos);
            stopped.whenComplete((told, failure) -> runtime.timer().cancel(node));
            runtime.timer().arm(node);
        }
        return stopped.copy();
    }

    /** Holds the thread until the queue is STOPPED, whatever the callback executor does. */
    void awaitStop(long timeoutNanos) {
        stop(timeoutNanos);
        ended.join();
    }

    /** Tells those who have called stop, by whoever made the step to STOPPED. */
    private StopReport<T> conclude(List<Entry<T>> lost) {
        StopReport<T> report =
                new StopReport<>(lost.stream().map(entry -> entry.item).toList());
        Job<T> what = job.get();
        if (what != null && what.threads != null) {
            what.threads.shutdown();
        }
        ended.complete(report);
        runtime.callbackExecutor().execute(() -> stopped.complete(report));
        return report;
    }

    /** A stop's timeout. */
    @Override
    public void onTimer(TimerNode node) {
        expire();
    }

    /** Nobody would end the stop. */
    @Override
    public void onTimerClosed(TimerNode node) {
        expire();
    }

    /** Ends a stop with what is left. Null: it has ended by itself. */
    private @Nullable StopReport<T> expire() {
        if (!life.step(State.STOPPING, State.STOPPED)) {
            return null;
        }
        List<Entry<T>> lost = new ArrayList<>();
        for (Entry<T> entry : ledger) {
            if (entry.lose()) {
                lost.add(entry);
            }
        }
        lost.forEach(ledger::remove);
        queue.clear();
        lost.sort(Comparator.comparingLong(entry -> entry.number));
        StopReport<T> report = conclude(lost);
        Job<T> what = job();
        if (what.threads != null) {
            what.threads.shutdownNow();
        }
        for (Entry<T> entry : lost) {
            if (entry.hasStage()) { // one task each: a cancel is the user's code, and may not return
                runtime.callbackExecutor().execute(entry::cancel);
            }
            finish();
        }
        return report;
    }

    State state() {
        return life.state();
    }

    WorkQueueMetrics metrics() {
        record Metrics(long enqueued, long processed, long errors, long backpressure, int queued, int running)
                implements WorkQueueMetrics {}
        boolean over = state() == State.STOPPED;
        return new Metrics(
                enqueued.sum(),
                processed.sum(),
                errors.sum(),
                backpressure.sum(),
                over ? 0 : room.inUse(),
                over ? 0 : active.get());
    }
}
