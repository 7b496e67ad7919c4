package io.weir.executor;

import io.weir.WeirRuntime;
import java.util.Objects;

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
public final class AsyncExecutor extends ExecutorGuard {

    private AsyncExecutor(ExecutorStage stage, WeirRuntime runtime) {
        super(stage, runtime);
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
            this.maxConcurrency = requireConcurrency(calls);
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
            return new AsyncExecutor(
                    new ExecutorStage(name, runtime, ExecutorStage.slots(runtime, maxConcurrency)), runtime);
        }
    }
}
