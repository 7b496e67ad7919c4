package io.weir.testkit;

import io.weir.AsyncCall;
import io.weir.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A call that ends as scripted, one entry an invocation; the last entry is repeated when the script is over. Serves as a blocking and as an
 * asynchronous call. Write the script first; then it is thread-safe.
 *
 * @param <T> the type of the results
 */
public final class ScriptedCall<T extends @Nullable Object> implements Call<T, Exception>, AsyncCall<T> {
    private final List<Entry<T>> script = new ArrayList<>();
    private final AtomicInteger invocations = new AtomicInteger();

    private interface Entry<T extends @Nullable Object> {
        CompletionStage<? extends T> play();
    }

    private ScriptedCall() {}

    /**
     * An empty script.
     *
     * @param <T> the type of the results
     */
    public static <T extends @Nullable Object> ScriptedCall<T> create() {
        return new ScriptedCall<>();
    }

    /**
     * Next, it returns.
     *
     * @param result the result
     */
    public ScriptedCall<T> thenReturn(T result) {
        return then(() -> CompletableFuture.completedFuture(result));
    }

    /**
     * Next, it fails: the blocking call throws, the asynchronous one gives a stage that has failed.
     *
     * @param failure what with
     */
    public ScriptedCall<T> thenFail(Throwable failure) {
        Objects.requireNonNull(failure, "failure");
        return then(() -> CompletableFuture.failedFuture(failure));
    }

    /**
     * Next, it gives this stage, to be completed by the test. The blocking call waits for it.
     *
     * @param stage the stage
     */
    public ScriptedCall<T> thenStage(CompletionStage<? extends T> stage) {
        return then(() -> stage);
    }

    /** Next, it never ends. */
    public ScriptedCall<T> thenHang() {
        return then(CompletableFuture::new);
    }

    private ScriptedCall<T> then(Entry<T> entry) {
        script.add(entry);
        return this;
    }

    /** How often it was invoked. */
    public int invocations() {
        return invocations.get();
    }

    @Override
    public CompletionStage<? extends T> start() {
        if (script.isEmpty()) {
            throw new IllegalStateException(
                    "the script is empty: begin with thenReturn, thenFail, thenStage or thenHang");
        }
        return script.get(Math.min(invocations.getAndIncrement(), script.size() - 1))
                .play();
    }

    @Override
    public T call() throws Exception {
        try {
            return start().toCompletableFuture().get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof Exception exception) {
                throw exception;
            }
            if (cause instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException("scripted failure", cause);
        }
    }
}
