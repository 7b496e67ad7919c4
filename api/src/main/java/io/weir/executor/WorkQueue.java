package io.weir.executor;

import io.weir.WeirRuntime;
import io.weir.engine.bucket.Waiter;
import io.weir.engine.permit.Permits;
import io.weir.internal.Clocks;
import io.weir.internal.Durations;
import java.time.Duration;
import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;
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
     * @return true if it was accepted; false: no room in time, or the queue was stopped meanwhile. Cancelled (or completed otherwise from
     *     outside) while it waits, the item isn't accepted; once it has been, that does nothing
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
        return put(item, Durations.waitNanos(timeout));
    }

    private CompletableFuture<Boolean> put(T item, long timeoutNanos) {
        PutFuture future = new PutFuture(item);
        return place(future.place, timeoutNanos) ? future : CompletableFuture.completedFuture(future.place.accepted);
    }

    /** Puts an item, or stands in line for room. Whether it stands there; if not, the place tells whether it was accepted. */
    private boolean place(Place place, long timeoutNanos) {
        workers.beginPut();
        long answer;
        try {
            answer = room.acquire(place, timeoutNanos);
        } catch (IllegalStateException closed) {
            workers.endPut();
            throw workers.notProcessing(workers.state());
        } catch (RuntimeException | Error e) {
            workers.endPut();
            throw e;
        }
        if (answer == 0) {
            place.accepted = workers.accept(place.item);
        } else if (answer != Permits.QUEUED) {
            workers.turnedAway();
        }
        return answer == Permits.QUEUED;
    }

    /** A put's place in the line for room. */
    private abstract class Place extends Waiter {
        final T item;
        boolean accepted;

        Place(T item) {
            super(1);
            this.item = Objects.requireNonNull(item, "item");
        }

        @Override
        protected void onEnd(End end) {
            if (end == End.GRANTED) {
                accepted = workers.accept(item);
            } else if (end == End.TIMED_OUT) {
                workers.turnedAway();
            } else {
                workers.endPut();
            }
            answered();
        }

        /** Tells {@code accepted}. */
        abstract void answered();

        /** Whether it has left the line, and the item won't be accepted; if not, the answer is there or about to be. */
        boolean leave() {
            boolean left = room.cancel(this);
            if (left) {
                workers.endPut();
            }
            return left;
        }
    }

    /**
     * The answer to a put that waits. It may be completed from outside (cancel, orTimeout) only by leaving the line: so a cancelled put's item
     * is never accepted, and one that was accepted says so.
     */
    private final class PutFuture extends CompletableFuture<Boolean> {
        final Place place;

        PutFuture(T item) {
            place = new Place(item) {
                @Override
                void answered() {
                    boolean answer = accepted;
                    runtime.callbackExecutor().execute(() -> PutFuture.super.complete(answer));
                }
            };
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            return place.leave() && super.cancel(mayInterruptIfRunning) || isCancelled();
        }

        @Override
        public boolean complete(Boolean value) {
            return place.leave() && super.complete(value);
        }

        @Override
        public boolean completeExceptionally(Throwable failure) {
            return place.leave() && super.completeExceptionally(failure);
        }
    }

    /** A put that holds its thread. */
    private final class Parked extends Place {
        private final Thread thread = Thread.currentThread();
        private volatile boolean answered;

        Parked(T item) {
            super(item);
        }

        @Override
        void answered() {
            answered = true; // publishes accepted
            LockSupport.unpark(thread);
        }

        boolean await() throws InterruptedException {
            boolean interrupted = false;
            while (!answered) {
                LockSupport.park(room);
                if (Thread.interrupted()) {
                    if (leave()) {
                        throw new InterruptedException();
                    }
                    interrupted = true; // too late: the answer is about to come
                }
            }
            if (interrupted) {
                thread.interrupt();
            }
            return accepted;
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
        return putBlocking(item, offerNanos);
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
        return putBlocking(item, Durations.waitNanos(timeout));
    }

    private boolean putBlocking(T item, long timeoutNanos) throws InterruptedException {
        Parked place = new Parked(item);
        return place(place, timeoutNanos) ? place.await() : place.accepted;
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
     * @return completes when all are done; how many failed is in the metrics. Fails with what {@code items} throws, and with an
     *     IllegalStateException if the queue was stopped before all were put and done
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
                        .thenCompose(report -> failure != null
                                ? CompletableFuture.failedFuture(failure)
                                : report.lost().isEmpty()
                                        ? CompletableFuture.completedFuture(null)
                                        : CompletableFuture.failedFuture(stoppedEarly())));
    }

    /** A loop, so that the stack stays flat however many find room at once. */
    private void putRest(Iterator<? extends T> items, CompletableFuture<@Nullable Void> allIn) {
        try {
            while (items.hasNext()) {
                CompletableFuture<Boolean> answer = put(items.next(), Long.MAX_VALUE);
                if (!answer.isDone()) {
                    answer.whenComplete((in, failure) -> {
                        if (in) {
                            putRest(items, allIn);
                        } else {
                            allIn.completeExceptionally(stoppedEarly());
                        }
                    });
                    return;
                }
                if (!answer.join()) {
                    throw stoppedEarly();
                }
            }
            allIn.complete(null);
        } catch (Throwable e) { // whatever the iterable throws
            allIn.completeExceptionally(e);
        }
    }

    private IllegalStateException stoppedEarly() {
        return new IllegalStateException("work queue '" + name + "' was stopped before all items were done");
    }

    // ---- stopping

    /** Stops, with a timeout of 30 s. */
    public CompletableFuture<StopReport<T>> stop() {
        return stop(CLOSE_TIMEOUT);
    }

    /**
     * Accepts no more, turns away the puts that wait, and goes on until everything accepted is done or the timeout has passed; what is not
     * done then is cancelled or interrupted, and reported. Idempotent: a later call's timeout counts if it ends earlier. A runtime that is
     * closed can't wait: the timeout has passed then.
     *
     * @param timeout how long to go on at most; 0 or less: not at all
     * @return completes when the queue is STOPPED
     */
    public CompletableFuture<StopReport<T>> stop(Duration timeout) {
        return workers.stop(Durations.waitNanos(timeout));
    }

    /** {@link #stop()}, and waits for it. Called by a worker, which it waits for, it ends at the timeout. */
    @Override
    public void close() {
        workers.awaitStop(CLOSE_TIMEOUT.toNanos());
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
            this.offerNanos = Durations.waitNanos(timeout);
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
