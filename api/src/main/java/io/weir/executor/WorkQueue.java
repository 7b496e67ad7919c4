package io.weir.executor;

import io.weir.WeirRuntime;
import io.weir.engine.bucket.Waiter;
import io.weir.engine.permit.Permits;
import io.weir.internal.Clocks;
import java.time.Duration;
import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue of work with back-pressure: a put that finds no room waits a little and then answers false, so that who produces faster
 * than the workers consume hears of it. Items are begun in the order in which they were accepted.
 *
 * <pre>IDLE → startWorkers → PROCESSING → stop → STOPPING → STOPPED</pre>
 *
 * <p>An item that was accepted is processed, unless a stop's timeout passes first: then the {@link StopReport} names it. A worker's failure
 * is counted, told to the error handler, and stops nobody. Workers and error handlers of the asynchronous form run on the runtime's callback
 * executor, never within somebody's put; those of the blocking form on daemon threads of the queue's own. Thread-safe.
 *
 * @param <T> what is worked on
 */
public final class WorkQueue<T> implements AutoCloseable {
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

    private final String name;
    private final WeirRuntime runtime;
    private final long offerNanos;
    private final Permits room;
    private final Workers<T> workers;

    private WorkQueue(Builder<T> builder) {
        this.name = builder.name;
        this.runtime = builder.runtime;
        this.offerNanos = builder.offerNanos;
        this.room = new Permits(Clocks.of(runtime), runtime.timer(), builder.capacity, Integer.MAX_VALUE);
        this.workers = new Workers<>(name, runtime, room);
    }

    /** What a queue is doing. */
    public enum State {
        /** Made, and not started: nothing can be put. */
        IDLE,
        /** Accepts and processes. */
        PROCESSING,
        /** Accepts no more, and processes what it has. */
        STOPPING,
        /** The end. */
        STOPPED
    }

    /**
     * Works on an item without holding a thread.
     *
     * @param <T> what is worked on
     */
    @FunctionalInterface
    public interface AsyncWorker<T> {
        /**
         * Begins.
         *
         * @return completes when the item is done; a failure of it, like an exception thrown here, is the item's
         */
        CompletionStage<?> start(T item) throws Exception;
    }

    /**
     * Works on an item, holding the thread meanwhile.
     *
     * @param <T> what is worked on
     */
    @FunctionalInterface
    public interface BlockingWorker<T> {
        /** Does the work; an exception is the item's failure. */
        void work(T item) throws Exception;
    }

    /**
     * A queue with the defaults: 100 items, puts wait 100 ms.
     *
     * @param name for messages and threads
     */
    public static <T> WorkQueue<T> of(String name) {
        return WorkQueue.<T>builder(name).build();
    }

    /**
     * Begins a queue.
     *
     * @param name for messages and threads
     */
    public static <T> Builder<T> builder(String name) {
        return new Builder<>(name);
    }

    public String name() {
        return name;
    }

    // ---- putting

    /**
     * Puts an item, waiting for room up to the offer timeout. Holds no thread.
     *
     * @return true if it was accepted; false: no room in time, or the queue was stopped meanwhile. Completed from outside while it waits, the
     *     item isn't accepted
     * @throws IllegalStateException before {@link #startWorkers} and after {@link #stop}
     */
    public CompletableFuture<Boolean> put(T item) {
        return put(item, offerNanos);
    }

    /**
     * Puts an item, waiting for room.
     *
     * @param timeout how long to wait at most; 0 or less: not at all
     * @return as {@link #put(Object)}
     * @throws IllegalStateException before {@link #startWorkers} and after {@link #stop}
     */
    public CompletableFuture<Boolean> put(T item, Duration timeout) {
        return put(item, nanos(timeout));
    }

    private CompletableFuture<Boolean> put(T item, long timeoutNanos) {
        Objects.requireNonNull(item, "item");
        workers.beginPut();
        Put put = new Put(item);
        long answer;
        try {
            answer = room.acquire(put, timeoutNanos);
        } catch (IllegalStateException closed) {
            workers.endPut();
            throw workers.notProcessing();
        } catch (RuntimeException | Error e) {
            workers.endPut();
            throw e;
        }
        if (answer == 0) {
            return CompletableFuture.completedFuture(accepted(item));
        }
        if (answer != Permits.QUEUED) {
            workers.turnedAway();
            return CompletableFuture.completedFuture(false);
        }
        put.future.whenComplete((result, failure) -> {
            if (room.cancel(put)) { // completed from outside, before there was room
                workers.endPut();
            }
        });
        return put.future;
    }

    private boolean accepted(T item) {
        boolean accepted = workers.accept(item);
        workers.endPut();
        return accepted;
    }

    /** A put that waits for room. */
    private final class Put extends Waiter {
        final CompletableFuture<Boolean> future = new CompletableFuture<>();
        private final T item;

        Put(T item) {
            super(1);
            this.item = item;
        }

        @Override
        protected void onEnd(End end) {
            boolean in = false;
            if (end == End.GRANTED) {
                in = accepted(item);
            } else if (end == End.TIMED_OUT) {
                workers.turnedAway();
            } else {
                workers.endPut();
            }
            boolean answer = in;
            runtime.callbackExecutor().execute(() -> future.complete(answer));
        }
    }

    /**
     * Puts an item, holding the thread (a plain or a virtual one) while there is no room, up to the offer timeout.
     *
     * @return whether it was accepted
     * @throws InterruptedException if the thread is interrupted before the item was accepted
     * @throws IllegalStateException before {@link #startWorkers} and after {@link #stop}
     */
    public boolean putBlocking(T item) throws InterruptedException {
        return await(put(item));
    }

    /**
     * Puts an item, holding the thread while there is no room.
     *
     * @param timeout how long to wait at most
     * @return whether it was accepted
     * @throws InterruptedException if the thread is interrupted before the item was accepted
     * @throws IllegalStateException before {@link #startWorkers} and after {@link #stop}
     */
    public boolean putBlocking(T item, Duration timeout) throws InterruptedException {
        return await(put(item, timeout));
    }

    private static boolean await(CompletableFuture<Boolean> answer) throws InterruptedException {
        try {
            return answer.get();
        } catch (InterruptedException e) {
            if (answer.cancel(true)) {
                throw e;
            }
            Thread.currentThread().interrupt();
            return answer.join();
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    // ---- working

    /**
     * Starts workers; a failure of theirs is logged at DEBUG.
     *
     * @param count how many items are worked on at once, 1 or more
     * @throws IllegalStateException if workers were started before
     */
    public void startWorkers(int count, AsyncWorker<? super T> worker) {
        startWorkers(count, worker, (item, failure) -> {});
    }

    /**
     * Starts workers.
     *
     * @param count how many items are worked on at once, 1 or more
     * @param errorHandler told of each item that failed, and why; what it throws is logged
     * @throws IllegalStateException if workers were started before
     */
    public void startWorkers(
            int count, AsyncWorker<? super T> worker, BiConsumer<? super T, ? super Throwable> errorHandler) {
        Objects.requireNonNull(worker, "worker");
        workers.start(count, worker, Objects.requireNonNull(errorHandler, "errorHandler"), false);
    }

    /**
     * Starts workers that hold a thread, a daemon of the queue's own, while they work; a failure of theirs is logged at DEBUG.
     *
     * @param count how many items are worked on at once, 1 or more
     * @throws IllegalStateException if workers were started before
     */
    public void startBlockingWorkers(int count, BlockingWorker<? super T> worker) {
        startBlockingWorkers(count, worker, (item, failure) -> {});
    }

    /**
     * Starts workers that hold a thread, a daemon of the queue's own, while they work.
     *
     * @param count how many items are worked on at once, 1 or more
     * @param errorHandler told of each item that failed, and why; what it throws is logged
     * @throws IllegalStateException if workers were started before
     */
    public void startBlockingWorkers(
            int count, BlockingWorker<? super T> worker, BiConsumer<? super T, ? super Throwable> errorHandler) {
        Objects.requireNonNull(worker, "worker");
        CompletableFuture<@Nullable Void> done = CompletableFuture.completedFuture(null);
        AsyncWorker<T> inline = item -> {
            worker.work(item);
            return done;
        };
        workers.start(count, inline, Objects.requireNonNull(errorHandler, "errorHandler"), true);
    }

    /** Completes as soon as nothing is queued, running, or waiting for room; at once if that is so now. */
    public CompletableFuture<@Nullable Void> join() {
        return workers.join();
    }

    /**
     * Starts workers, puts all items, each as soon as there is room, waits until all are done, and stops. For a queue that was not started.
     *
     * @param items read one by one, as there is room
     * @param count how many are worked on at once
     * @return completes when all are done; how many failed is in the metrics. Fails with what {@code items} throws
     */
    public CompletableFuture<@Nullable Void> processAll(
            Iterable<? extends T> items, int count, AsyncWorker<? super T> worker) {
        return processAll(items, count, worker, (item, failure) -> {});
    }

    /**
     * The same, with an error handler.
     *
     * @param errorHandler told of each item that failed, and why
     */
    public CompletableFuture<@Nullable Void> processAll(
            Iterable<? extends T> items,
            int count,
            AsyncWorker<? super T> worker,
            BiConsumer<? super T, ? super Throwable> errorHandler) {
        Iterator<? extends T> iterator = items.iterator();
        startWorkers(count, worker, errorHandler);
        CompletableFuture<@Nullable Void> allIn = new CompletableFuture<>();
        putRest(iterator, allIn);
        return allIn.handle((nothing, failure) -> failure)
                .thenCompose(failure -> stop(Duration.ofNanos(Long.MAX_VALUE))
                        .thenCompose(report -> failure == null
                                ? CompletableFuture.completedFuture(null)
                                : CompletableFuture.failedFuture(failure)));
    }

    /** A loop, so that the stack stays flat however many find room at once. */
    private void putRest(Iterator<? extends T> items, CompletableFuture<@Nullable Void> allIn) {
        try {
            while (items.hasNext()) {
                CompletableFuture<Boolean> answer = put(items.next(), Long.MAX_VALUE);
                if (!answer.isDone()) {
                    answer.whenComplete((in, failure) -> putRest(items, allIn));
                    return;
                }
            }
            allIn.complete(null);
        } catch (RuntimeException | Error e) {
            allIn.completeExceptionally(e);
        }
    }

    // ---- stopping

    /** Stops, with a timeout of 30 s. */
    public CompletableFuture<StopReport<T>> stop() {
        return stop(CLOSE_TIMEOUT);
    }

    /**
     * Accepts no more, turns away the puts that wait, and goes on until everything accepted is done or the timeout has passed; what is not
     * done then is cancelled or interrupted, and reported. Idempotent: a later call's timeout counts if it ends earlier.
     *
     * @param timeout how long to go on at most; 0 or less: not at all
     * @return completes when the queue is STOPPED
     */
    public CompletableFuture<StopReport<T>> stop(Duration timeout) {
        return workers.stop(nanos(timeout));
    }

    /** {@link #stop()}, and waits for it. Not to be called by a worker, which would wait for itself. */
    @Override
    public void close() {
        stop().join();
    }

    public State state() {
        return workers.state();
    }

    public WorkQueueMetrics metrics() {
        return workers.metrics();
    }

    @Override
    public String toString() {
        return "WorkQueue(" + name + ", " + state() + ", " + metrics().queued() + " queued)";
    }

    private static long nanos(Duration timeout) {
        try {
            return Math.max(0, timeout.toNanos());
        } catch (ArithmeticException tooLong) {
            return timeout.isNegative() ? 0 : Long.MAX_VALUE;
        }
    }

    /**
     * Builds queues. Not thread-safe.
     *
     * @param <T> what is worked on
     */
    public static final class Builder<T> {
        private final String name;
        private int capacity = 100;
        private long offerNanos = Duration.ofMillis(100).toNanos();
        private WeirRuntime runtime = WeirRuntime.shared();

        private Builder(String name) {
            this.name = Objects.requireNonNull(name, "name");
        }

        /**
         * How many items may wait to be begun.
         *
         * @param items 1 or more; 100 by default
         */
        public Builder<T> capacity(int items) {
            if (items < 1) {
                throw new IllegalArgumentException("capacity = " + items + ": allowed is 1 or more");
            }
            this.capacity = items;
            return this;
        }

        /**
         * How long a put waits for room.
         *
         * @param timeout 0 or more; 100 ms by default
         */
        public Builder<T> offerTimeout(Duration timeout) {
            if (timeout.isNegative()) {
                throw new IllegalArgumentException("offerTimeout = " + timeout + ": allowed is 0 or more");
            }
            this.offerNanos = nanos(timeout);
            return this;
        }

        /**
         * Where time and callbacks come from.
         *
         * @param runtime the shared one by default
         */
        public Builder<T> runtime(WeirRuntime runtime) {
            this.runtime = Objects.requireNonNull(runtime, "runtime");
            return this;
        }

        public WorkQueue<T> build() {
            return new WorkQueue<>(this);
        }
    }
}
