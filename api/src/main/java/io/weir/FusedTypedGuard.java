package io.weir;

import io.weir.internal.AbstractGuard;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Guards and a fallback, or several, fused into one chain of stages. */
final class FusedTypedGuard<R extends @Nullable Object> implements TypedGuard<R> {
    private final Pipeline pipeline;
    private final CallOptions options;

    private FusedTypedGuard(Pipeline pipeline, CallOptions options) {
        this.pipeline = pipeline;
        this.options = options;
    }

    /** A fallback around a guard. */
    static <R extends @Nullable Object> TypedGuard<R> of(Fallback<? extends R> fallback, Guard inner) {
        Objects.requireNonNull(fallback, "fallback");
        return new FusedTypedGuard<>(Pipeline.of(new Standing(fallback, inner), inner), CallOptions.NONE);
    }

    /** A guard around a guard with a fallback. */
    static <R extends @Nullable Object> TypedGuard<R> around(Guard outer, TypedGuard<R> inner) {
        if (inner instanceof FusedTypedGuard<R> fused) {
            return new FusedTypedGuard<>(Pipeline.of(outer, fused.pipeline), fused.options);
        }
        throw new IllegalArgumentException(
                "inner = " + inner.name() + ": a pipeline takes Weir's own guards only, this is a "
                        + inner.getClass().getName());
    }

    /** The fallback where a pipeline wants guards; seen by nobody else. */
    private static final class Standing extends AbstractGuard {
        Standing(Fallback<?> fallback, Guard inner) {
            super(inner.name(), Pipeline.runtimeOf(List.of(inner)), List.of(new FallbackStage(fallback)));
        }

        @Override
        public String toString() {
            return "Fallback";
        }
    }

    private CallOptions or(CallOptions given) {
        Objects.requireNonNull(given, "options");
        return given == CallOptions.NONE ? options : given;
    }

    @Override
    public String name() {
        return pipeline.name();
    }

    @Override
    public CompletableFuture<R> execute(CallOptions given, AsyncCall<? extends R> call) {
        return pipeline.execute(or(given), call);
    }

    @Override
    public <E extends Exception> R call(CallOptions given, Call<? extends R, ? extends E> call) throws E {
        return pipeline.<R, E>call(or(given), call);
    }

    @Override
    public CompletableFuture<R> executeWith(
            CallOptions given, Function<? super CallContext, ? extends CompletionStage<? extends R>> call) {
        return pipeline.executeWith(or(given), call);
    }

    @Override
    public <E extends Exception> R callWith(
            CallOptions given, CallFunction<? super CallContext, ? extends R, ? extends E> call) throws E {
        return pipeline.<R, E>callWith(or(given), call);
    }

    @Override
    public TypedGuard<R> withFallback(Fallback<? extends R> fallback) {
        return FusedTypedGuard.<R>of(fallback, pipeline).with(options);
    }

    @Override
    public TypedGuard<R> with(CallOptions others) {
        return new FusedTypedGuard<>(pipeline, Objects.requireNonNull(others, "options"));
    }

    @Override
    public String toString() {
        return "TypedGuard" + pipeline.guards() + (options == CallOptions.NONE ? "" : " with " + options);
    }
}
