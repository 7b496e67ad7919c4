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

/** A guard with a life. What calls have to wait for is its stage's business. */
@SuppressWarnings("exports") // what it inherits is the public Guard; how is nobody's business
abstract class ExecutorGuard extends AbstractGuard implements AutoCloseable {
    private static final long CLOSE_NANOS = Duration.ofSeconds(30).toNanos();

    private final ExecutorStage stage;

    ExecutorGuard(ExecutorStage stage, WeirRuntime runtime) {
        super(stage.name(), runtime, List.of(stage));
        this.stage = stage;
    }

    static int requireConcurrency(int calls) {
        if (calls < 1) {
            throw new IllegalArgumentException("maxConcurrency = " + calls + ": allowed is 1 or more");
        }
        return calls;
    }

    /**
     * Runs a function for each item. Items wait in order for their turns, and the results are in the order of the items. The first failure fails
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

    /** How many calls wait for their turn. */
    public int waiting() {
        return stage.waiting();
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "(" + name() + ", " + inFlight() + " in flight, " + waiting() + " waiting"
                + (isShutdown() ? ", shut down)" : ")");
    }
}
