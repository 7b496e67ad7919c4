package io.weir.internal;

import io.weir.AsyncCall;
import io.weir.Call;
import io.weir.CallContext;
import io.weir.CallFunction;
import io.weir.CallOptions;
import io.weir.Guard;
import io.weir.WeirRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A guard of Weir's own: knows its stages, so that a pipeline runs them fused in place of calling guard after guard.
 */
public abstract class AbstractGuard implements Guard {
    private final Chain chain;

    protected AbstractGuard(String name, WeirRuntime runtime, List<Stage> stages) {
        this.chain = new Chain(name, runtime, stages);
    }

    protected final WeirRuntime runtime() {
        return chain.runtime;
    }

    /** The runtime of a guard, or null if it isn't Weir's own, or guards nothing. */
    public static @Nullable WeirRuntime runtimeOf(Guard guard) {
        return guard instanceof AbstractGuard own
                ? own.chain.all().isEmpty() ? null : own.chain.runtime
                : guard instanceof View view ? runtimeOf(view.viewed()) : null;
    }

    /** The stages of a guard, outermost first: its own if it is Weir's, else one that calls its public methods. */
    public static List<Stage> stagesOf(Guard guard) {
        Objects.requireNonNull(guard, "guard");
        if (guard instanceof AbstractGuard own) {
            return own.chain.all();
        }
        return List.of(new ForeignStage(guard));
    }

    /**
     * Checks whether a guard in use can become like another one of its kind.
     *
     * @param guard in use
     * @param like built from the new description, and not in use
     * @return makes the change; throws {@link IllegalStateException} if the guard is closed
     * @throws IllegalArgumentException naming what can't change
     */
    public static Runnable changeTo(Guard guard, Guard like) {
        if (!(guard instanceof AbstractGuard own) || !(like instanceof AbstractGuard other)) {
            throw new IllegalArgumentException("it isn't Weir's own");
        }
        Stage[] now = own.chain.stages;
        Stage[] then = other.chain.stages;
        boolean sameShape = now.length == then.length;
        for (int i = 0; sameShape && i < now.length; i++) {
            sameShape = now[i].getClass() == then[i].getClass();
        }
        if (!sameShape) {
            throw new IllegalArgumentException("a part, such as a timeout, can't come or go");
        }
        List<Runnable> changes = new ArrayList<>();
        for (int i = 0; i < now.length; i++) {
            changes.add(now[i].changeTo(then[i]));
        }
        return () -> changes.forEach(Runnable::run);
    }

    @Override
    public final String name() {
        return chain.name;
    }

    @Override
    public final <T extends @Nullable Object> CompletableFuture<T> execute(
            CallOptions options, AsyncCall<? extends T> call) {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(call, "call");
        return chain.execute(options, call);
    }

    @Override
    public final <T extends @Nullable Object, E extends Exception> T call(
            CallOptions options, Call<? extends T, ? extends E> call) throws E {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(call, "call");
        return chain.<T>call(options, call);
    }

    @Override
    public final <T extends @Nullable Object> CompletableFuture<T> executeWith(
            CallOptions options, Function<? super CallContext, ? extends CompletionStage<? extends T>> call) {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(call, "call");
        return chain.execute(options, new ContextualAsyncCall<T>(call));
    }

    @Override
    public final <T extends @Nullable Object, E extends Exception> T callWith(
            CallOptions options, CallFunction<? super CallContext, ? extends T, ? extends E> call) throws E {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(call, "call");
        return chain.<T>call(options, new ContextualCall(call));
    }
}
