package io.weir;

import io.weir.internal.View;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A view of a guard: calls that bring no options of their own get some. */
final class GuardWithOptions implements Guard, View {
    private final Guard guard;
    private final CallOptions options;

    GuardWithOptions(Guard guard, CallOptions options) {
        this.guard = guard;
        this.options = Objects.requireNonNull(options, "options");
    }

    private CallOptions or(CallOptions given) {
        return given == CallOptions.NONE ? options : given;
    }

    @Override
    public Guard viewed() {
        return guard;
    }

    @Override
    public String name() {
        return guard.name();
    }

    @Override
    public <T extends @Nullable Object> CompletableFuture<T> execute(CallOptions given, AsyncCall<? extends T> call) {
        return guard.execute(or(given), call);
    }

    @Override
    public <T extends @Nullable Object, E extends Exception> T call(
            CallOptions given, Call<? extends T, ? extends E> call) throws E {
        return guard.<T, E>call(or(given), call);
    }

    @Override
    public <T extends @Nullable Object> CompletableFuture<T> executeWith(
            CallOptions given, Function<? super CallContext, ? extends CompletionStage<? extends T>> call) {
        return guard.executeWith(or(given), call);
    }

    @Override
    public <T extends @Nullable Object, E extends Exception> T callWith(
            CallOptions given, CallFunction<? super CallContext, ? extends T, ? extends E> call) throws E {
        return guard.<T, E>callWith(or(given), call);
    }

    @Override
    public Guard around(Guard inner) {
        return guard.around(inner).with(options);
    }

    @Override
    public <R extends @Nullable Object> TypedGuard<R> around(TypedGuard<R> inner) {
        return guard.around(inner).with(options);
    }

    @Override
    public <R extends @Nullable Object> TypedGuard<R> withFallback(Fallback<? extends R> fallback) {
        return guard.<R>withFallback(fallback).with(options);
    }

    @Override
    public String toString() {
        return guard + " with " + options;
    }
}
