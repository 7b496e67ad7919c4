package io.weir;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A guard with a {@link Fallback} in it, and so with one type of results: the forms of {@link Guard}, which see there. Thread-safe.
 *
 * @param <R> the type of the results
 */
public interface TypedGuard<R extends @Nullable Object> {

    /** The name, for messages, events and metrics. */
    String name();

    /**
     * Runs an asynchronous call.
     *
     * @param options cost, key, deadline and values of this call
     * @param call started once an attempt
     * @return completes with the call's end, or the fallback's
     */
    CompletableFuture<R> execute(CallOptions options, AsyncCall<? extends R> call);

    /**
     * Runs a blocking call on this thread.
     *
     * @param options cost, key, deadline and values of this call
     * @param call invoked once an attempt
     * @param <E> what the call throws
     * @return the call's result, or the fallback's
     * @throws E what the call threw, if the fallback is not for it
     */
    <E extends Exception> R call(CallOptions options, Call<? extends R, ? extends E> call) throws E;

    /**
     * Runs an asynchronous call that looks at its context.
     *
     * @param options cost, key, deadline and values of this call
     * @param call started once an attempt
     * @return completes with the call's end, or the fallback's
     */
    CompletableFuture<R> executeWith(
            CallOptions options, Function<? super CallContext, ? extends CompletionStage<? extends R>> call);

    /**
     * Runs a blocking call that looks at its context.
     *
     * @param options cost, key, deadline and values of this call
     * @param call invoked once an attempt
     * @param <E> what the call throws
     * @return the call's result, or the fallback's
     * @throws E what the call threw, if the fallback is not for it
     */
    <E extends Exception> R callWith(
            CallOptions options, CallFunction<? super CallContext, ? extends R, ? extends E> call) throws E;

    /**
     * This guard inside another one, and another fallback outside of it.
     *
     * @param fallback asked for what this guard ends with
     */
    TypedGuard<R> withFallback(Fallback<? extends R> fallback);

    /**
     * This guard with options for calls that bring none of their own.
     *
     * @param options stand in for {@link CallOptions#NONE}
     */
    TypedGuard<R> with(CallOptions options);

    /**
     * Runs an asynchronous call without options.
     *
     * @param call started once an attempt
     * @return completes with the call's end, or the fallback's
     */
    default CompletableFuture<R> execute(AsyncCall<? extends R> call) {
        return execute(CallOptions.NONE, call);
    }

    /**
     * Runs a blocking call on this thread, without options.
     *
     * @param call invoked once an attempt
     * @param <E> what the call throws
     * @return the call's result, or the fallback's
     * @throws E what the call threw, if the fallback is not for it
     */
    default <E extends Exception> R call(Call<? extends R, ? extends E> call) throws E {
        return call(CallOptions.NONE, call);
    }

    /**
     * Runs a blocking call that throws nothing checked; for Kotlin, and for suppliers that are there already.
     *
     * @param options cost, key, deadline and values of this call
     * @param supplier invoked once an attempt
     */
    default R get(CallOptions options, Supplier<? extends R> supplier) {
        Objects.requireNonNull(supplier, "supplier");
        return this.<RuntimeException>call(options, supplier::get);
    }

    /**
     * Runs a blocking call that throws nothing checked, without options.
     *
     * @param supplier invoked once an attempt
     */
    default R get(Supplier<? extends R> supplier) {
        return get(CallOptions.NONE, supplier);
    }

    /**
     * Wraps a function that returns a stage.
     *
     * @param function called once an attempt
     * @param <A> the type of the argument
     */
    default <A extends @Nullable Object> Function<A, CompletableFuture<R>> decorate(
            Function<? super A, ? extends CompletionStage<? extends R>> function) {
        Objects.requireNonNull(function, "function");
        return argument -> execute(CallOptions.NONE, () -> function.apply(argument));
    }

    /**
     * Wraps a function that returns a stage, with options that depend on the argument.
     *
     * @param options gives the options of each call
     * @param function called once an attempt
     * @param <A> the type of the argument
     */
    default <A extends @Nullable Object> Function<A, CompletableFuture<R>> decorate(
            Function<? super A, CallOptions> options,
            Function<? super A, ? extends CompletionStage<? extends R>> function) {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(function, "function");
        return argument -> execute(options.apply(argument), () -> function.apply(argument));
    }

    /**
     * Wraps a blocking function.
     *
     * @param function called once an attempt
     * @param <A> the type of the argument
     * @param <E> what the function throws
     */
    default <A extends @Nullable Object, E extends Exception> CallFunction<A, R, E> decorateCall(
            CallFunction<A, ? extends R, E> function) {
        Objects.requireNonNull(function, "function");
        return argument -> this.<E>call(CallOptions.NONE, () -> function.apply(argument));
    }
}
