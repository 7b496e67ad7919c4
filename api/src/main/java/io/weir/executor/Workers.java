package io.weir.executor;

import io.weir.Failures;
import io.weir.WeirRuntime;
import io.weir.engine.permit.Permits;
import io.weir.engine.time.TimerNode;
import io.weir.engine.time.TimerTask;
import io.weir.executor.WorkQueue.AsyncWorker;
import io.weir.executor.WorkQueue.State;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A work queue's items, and what works on them. */
final class Workers<T> implements TimerTask {
    /*
     * state     IDLE -> PROCESSING -> STOPPING -> STOPPED, and IDLE -> STOPPED; each step is a CAS in one place.
     * pending   the puts that have begun and not ended, and the items accepted and not accounted for. Goes up before a put looks at the state, so
     *           that a stop that sees 0 has seen everybody.
     * queue     the items accepted and not begun, in their order. ledger: those not accounted for.
     * active    the worker slots in use, at most `count`. Who owns a slot runs item after item, and gives it back when it finds the queue empty; then it
     *           looks once more, as a put that came before found no slot free.
     *
     * W1  Nothing accepted is lost or done twice: an entry's last step (Entry) is one CAS, and whoever makes it counts it.
     * W2  At most `count` items run at once: a slot is taken by CAS below it.
     * W3  No item waits beside a free slot: put adds, then tries a slot; a worker gives the slot back, then looks. Both volatile.
     * W4  A stop ends: when pending is 0 or its timeout has passed, by whoever comes first.
     * WorkQueueTest, WorkQueueRaceTest.
     */
    private static final System.Logger LOG = System.getLogger("io.weir");
    private static final int MAX_IN_A_ROW = 64;

    private final String name;
    private final WeirRuntime runtime;
    private final Permits room;
    private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);
    private final AtomicReference<@Nullable Job<T>> job = new AtomicReference<>();
    private final AtomicLong pending = new AtomicLong();
    private final AtomicInteger active = new AtomicInteger();
    private final Queue<Entry<T>> queue = new ConcurrentLinkedQueue<>();
    private final Set<Entry<T>> ledger = ConcurrentHashMap.newKeySet();
    private final Queue<CompletableFuture<@Nullable Void>> joins = new ConcurrentLinkedQueue<>();
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
        ThreadPoolExecutor threads = blocking ? threads(count) : null;
        Executor executor = threads != null ? threads : runtime.callbackExecutor();
        if (!job.compareAndSet(null, new Job<>(count, worker, errorHandler, executor, threads))
                || !state.compareAndSet(State.IDLE, State.PROCESSING)) {
            throw new IllegalStateException("work queue '" + name + "' is " + state.get() + ": it can be started once");
        }
    }

    private ThreadPoolExecutor threads(int count) {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor threads =
                new ThreadPoolExecutor(count, count, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "weir-queue-" + name + "-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    // ---- puts

    /** Counts a put in; {@link #endPut} or {@link #turnedAway} counts it out. */
    void beginPut() {
        pending.incrementAndGet();
        if (state.get() != State.PROCESSING) {
            finish();
            throw notProcessing();
        }
    }

    IllegalStateException notProcessing() {
        return new IllegalStateException("work queue '" + name + "' is " + state.get()
                + ": items can be put after startWorkers and before stop");
    }

    void endPut() {
        finish();
    }

    void turnedAway() {
        backpressure.increment();
        finish();
    }

    /** Takes an item in, for which there is room. False: the queue has stopped for good meanwhile. */
    boolean accept(T item) {
        Entry<T> entry = new Entry<>(item, numbers.getAndIncrement());
        pending.incrementAndGet();
        ledger.add(entry);
        queue.add(entry);
        if (state.get() == State.STOPPED && entry.lose()) { // else whoever stopped it has found and reported it
            ledger.remove(entry);
            finish();
            return false;
        }
        enqueued.increment();
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
            execute(what, () -> run(what, entry));
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

    private static void execute(Job<?> what, Runnable task) {
        try {
            what.executor.execute(task);
        } catch (RejectedExecutionException stopped) {
            // Only the queue's own threads refuse, once a stop has timed out; what was running then is reported as
            // lost.
        }
    }

    /** Works on item after item with one slot; a loop, so that the stack stays flat. */
    private void run(Job<T> what, @Nullable Entry<T> first) {
        Entry<T> entry = first;
        for (int row = 0; entry != null; row++) {
            if (row == MAX_IN_A_ROW) { // others want the executor too
                Entry<T> rest = entry;
                execute(what, () -> run(what, rest));
                return;
            }
            if (!work(what, entry)) {
                return;
            }
            entry = next(what);
        }
    }

    /** Whether the item is done; else its stage goes on with the slot when it is. */
    private boolean work(Job<T> what, Entry<T> entry) {
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
                execute(what, () -> {
                    end(what, entry, failure);
                    run(what, next(what));
                });
            }
        }
    }

    private void end(Job<T> what, Entry<T> entry, @Nullable Throwable failure) {
        if (!entry.end()) {
            return; // lost
        }
        ledger.remove(entry);
        if (failure == null) {
            processed.increment();
        } else {
            errors.increment();
            tell(what, entry.item, Failures.unwrap(failure));
        }
        finish();
    }

    private void tell(Job<T> what, T item, Throwable failure) {
        LOG.log(Level.DEBUG, () -> "work queue '" + name + "': an item failed", failure);
        try {
            what.errorHandler.accept(item, failure);
        } catch (RuntimeException | Error e) {
            LOG.log(Level.WARNING, "the error handler of work queue '" + name + "' threw", e);
        }
    }

    // ---- the end

    private void finish() {
        if (pending.decrementAndGet() == 0) {
            idle(runtime.callbackExecutor());
        }
    }

    private void idle(Executor executor) {
        CompletableFuture<@Nullable Void> join = joins.poll();
        while (join != null) {
            CompletableFuture<@Nullable Void> each = join;
            executor.execute(() -> each.complete(null));
            join = joins.poll();
        }
        if (state.compareAndSet(State.STOPPING, State.STOPPED)) {
            Job<T> what = job();
            if (what.threads != null) {
                what.threads.shutdown();
            }
            executor.execute(() -> stopped.complete(new StopReport<>(List.of())));
        }
    }

    CompletableFuture<@Nullable Void> join() {
        CompletableFuture<@Nullable Void> join = new CompletableFuture<>();
        joins.add(join);
        if (pending.get() == 0) {
            idle(Runnable::run);
        }
        return join;
    }

    CompletableFuture<StopReport<T>> stop(long timeoutNanos) {
        if (state.compareAndSet(State.IDLE, State.STOPPED)) {
            room.close();
            stopped.complete(new StopReport<>(List.of()));
        } else if (state.compareAndSet(State.PROCESSING, State.STOPPING)) {
            room.close(); // who waits for room is turned away
        }
        if (pending.get() == 0) {
            idle(Runnable::run);
        } else if (timeoutNanos <= 0) {
            expire(Runnable::run);
        } else if (timeoutNanos < Long.MAX_VALUE / 2) {
            TimerNode node = new TimerNode(this, runtime.nanoTime() + timeoutNanos);
            stopped.whenComplete((report, failure) -> runtime.timer().cancel(node));
            runtime.timer().arm(node);
        }
        return stopped.copy();
    }

    /** A stop's timeout. */
    @Override
    public void onTimer(TimerNode node) {
        expire(runtime.callbackExecutor());
    }

    /** Nobody would end the stop. */
    @Override
    public void onTimerClosed(TimerNode node) {
        expire(runtime.callbackExecutor());
    }

    private void expire(Executor executor) {
        if (!state.compareAndSet(State.STOPPING, State.STOPPED)) {
            return;
        }
        List<Entry<T>> lost = new ArrayList<>();
        for (Entry<T> entry : ledger) {
            if (entry.lose()) {
                ledger.remove(entry);
                lost.add(entry);
            }
        }
        lost.sort(Comparator.comparingLong(entry -> entry.number));
        Job<T> what = job();
        if (what.threads != null) {
            what.threads.shutdownNow();
        }
        executor.execute(() -> {
            lost.forEach(Entry::cancel);
            stopped.complete(
                    new StopReport<>(lost.stream().map(entry -> entry.item).toList()));
            lost.forEach(entry -> finish());
        });
    }

    State state() {
        return state.get();
    }

    WorkQueueMetrics metrics() {
        record Metrics(long enqueued, long processed, long errors, long backpressure, int queued, int running)
                implements WorkQueueMetrics {}
        boolean over = state.get() == State.STOPPED;
        return new Metrics(
                enqueued.sum(),
                processed.sum(),
                errors.sum(),
                backpressure.sum(),
                over ? 0 : room.inUse(),
                over ? 0 : active.get());
    }
}
