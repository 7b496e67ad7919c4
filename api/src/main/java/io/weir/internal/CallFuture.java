package io.weir.internal;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The caller's side of a call: whoever completes the future from outside cuts the call short first.
 *
 * @param <T> the result
 */
abstract class CallFuture<T extends @Nullable Object> extends CompletableFuture<T> {

    /** Cuts the call short. Nothing completes the future for it. */
    abstract void cutShortByUser();

    /** Completes the future with the call's own end. */
    final void endedWell(T value) {
        super.complete(value);
    }

    /** Completes the future with the call's own end. */
    final void endedExceptionally(Throwable failure) {
        super.completeExceptionally(failure);
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        cutShortByUser();
        return super.cancel(mayInterruptIfRunning);
    }

    @Override
    public boolean complete(T value) {
        cutShortByUser();
        return super.complete(value);
    }

    @Override
    public boolean completeExceptionally(Throwable failure) {
        Objects.requireNonNull(failure, "failure"); // before the call is cut short for a completion that doesn't come
        cutShortByUser();
        return super.completeExceptionally(failure);
    }

    // The JDK's own of these complete the future past the methods above.

    @Override
    public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier) {
        return completeAsync(supplier, defaultExecutor());
    }

    @Override
    public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier, Executor executor) {
        Objects.requireNonNull(supplier, "supplier");
        executor.execute(() -> {
            if (isDone()) {
                return;
            }
            T value;
            try {
                value = supplier.get();
            } catch (Throwable e) {
                completeExceptionally(e);
                return;
            }
            complete(value);
        });
        return this;
    }

    @Override
    public void obtrudeValue(T value) {
        cutShortByUser();
        super.obtrudeValue(value);
    }

    @Override
    public void obtrudeException(Throwable failure) {
        Objects.requireNonNull(failure, "failure");
        cutShortByUser();
        super.obtrudeException(failure);
    }
}
