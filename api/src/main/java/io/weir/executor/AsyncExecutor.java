package io.weir.executor;

import io.weir.WeirRuntime;
import io.weir.internal.AbstractGuard;
import io.weir.internal.Durations;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs calls, at most so many at once; the rest wait in order, and hold no thread. A guard with a life: {@link #shutdown} admits no more calls,
 * waits for those it has, and cancels what is left after a timeout. It has no threads of its own: an asynchronous call runs where it is started
 * or, if it had to wait, is started on the runtime's callback executor; a blocking one holds its own thread.
 *
 * <p>A call after the shutdown fails with {@link IllegalStateException}; one that the shutdown cancels with {@link
 * java.util.concurrent.CancellationException}: its stage in flight is cancelled, or its thread interrupted. May stand in a pipeline once only, as
 * a call would wait for the slot that it holds itself. Thread-safe.
 */
@SuppressWarnings("exports") // what it inherits is the public Guard; how is nobody's business
public final class AsyncExecutor extends AbstractGuard implements AutoCloseable {
    private static final long CLOSE_NANOS = Duration.ofSeconds(30).toNanos();

    private final ExecutorStage stage;

    private AsyncExecutor(ExecutorStage stage, WeirRuntime runtime) {
        super(stage.name(), runtime, List.of(stage));
        this.stage = stage;
    }

    /**
     * An executor of at most so many calls at once.
     *
     * @param name for messages
     * @param maxConcurrency how many; at least 1
     */
    public static AsyncExecutor of(String name, int maxConcurrency) {
        return builder(name).maxConcurrency(maxConcurrency).build();
    }

    /**
     * Begins an executor.
     *
     * @param name for messages
     */
    public static Builder builder(String name) {
        return new Builder(name);
    }

    /**
     * Runs a function for each item. Items wait in order for their slots, and the results are in the order of the items. The first failure fails
     * it, and the rest is cancelled; so does whoever completes or cancels the future.
     *
     * @param items read at once; what they throw fails it
     * @param function called once an item
     * @param <A> what it is called with
     * @param <R> the results
     * @return completes with all results, which may be null; unmodifiable
     */
    public <A extends @Nullable Object, R extends @Nullable Object> CompletableFuture<List<R>> map(
            Iterable<? extends A> items, Function<? super A, ? extends CompletionStage<? extends R>> function) {
        Objects.requireNonNull(function, "function");
        MapFuture<R> all = new MapFuture<>();
        try {
            for (A item : items) {
                if (all.isDone()) {
                    break;
                }
                all.add(this.<R>execute(() -> function.apply(item)));
            }
        } catch (RuntimeException | Error e) {
            all.completeExceptionally(e);
        }
        all.start();
        return all;
    }

    /** {@link #shutdown(Duration)} that waits as long as it takes. */
    public CompletableFuture<Boolean> shutdown() {
        return stage.shutdown(Long.MAX_VALUE);
    }

    /**
     * Admits no more calls, waits until those in flight and in line have ended, and cancels what is left when the timeout has passed. A blocking call
     * that ignores its interrupt is not waited for. Idempotent: a later call's timeout counts if it ends earlier.
     *
     * @param timeout how long to wait at most; 0 or less: not at all
     * @return true if every call has ended by itself; false if there were some to cancel. The futures of the last calls may complete a moment
     *     later
     */
    public CompletableFuture<Boolean> shutdown(Duration timeout) {
        return stage.shutdown(Durations.waitNanos(timeout));
    }

    /** Shuts down with a timeout of 30 s, and waits for it. Not to be called by one of its own calls, which would wait for itself. */
    @Override
    public void close() {
        stage.shutdown(CLOSE_NANOS).join();
    }

    /** Whether {@link #shutdown} has been called. */
    public boolean isShutdown() {
        return stage.isShutdown();
    }

    /** How many calls hold a slot. */
    public int inFlight() {
        return stage.permits().inUse();
    }

    /** How many calls wait for a slot. */
    public int waiting() {
        return stage.permits().waiters();
    }

    @Override
    public String toString() {
        return "AsyncExecutor(" + name() + ", " + inFlight() + " in flight, " + waiting() + " waiting"
                + (isShutdown() ? ", shut down)" : ")");
    }

    /** Builds executors. Not thread-safe. */
    public static final class Builder {
        private final String name;
        private int maxConcurrency = Integer.MAX_VALUE;
        private WeirRuntime runtime = WeirRuntime.shared();

        private Builder(String name) {
            this.name = Objects.requireNonNull(name, "name");
        }

        /**
         * How many calls may be in flight at once.
         *
         * @param calls at least 1; unbounded by default
         */
        public Builder maxConcurrency(int calls) {
            if (calls < 1) {
                throw new IllegalArgumentException("maxConcurrency = " + calls + ": allowed is 1 or more");
            }
            this.maxConcurrency = calls;
            return this;
        }

        /**
         * Where time and callbacks come from.
         *
         * @param runtime the shared one by default
         */
        public Builder runtime(WeirRuntime runtime) {
            this.runtime = Objects.requireNonNull(runtime, "runtime");
            return this;
        }

        public AsyncExecutor build() {
            return new AsyncExecutor(new ExecutorStage(name, runtime, maxConcurrency), runtime);
        }
    }
}
