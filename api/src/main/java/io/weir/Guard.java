package io.weir;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Guards calls: a breaker, a retry, a limiter, or a {@link Pipeline} of them. Thread-safe.
 *
 * <p>Three ways to run a call: {@link #execute} takes a call that returns a stage and returns a future; {@link #call}, {@link #run} and
 * {@link #get} run a blocking one on this thread; {@link #decorate} and {@link #decorateCall} wrap a function once for many calls.
 *
 * <p><b>Asynchronous.</b> {@code execute} never blocks the caller. The future fails with exactly what the call failed with (or with what a
 * guard says, a {@link WeirException}), never a wrapper; as everywhere in the JDK, a future that <i>depends</i> on it sees a {@link
 * java.util.concurrent.CompletionException}. Cancelling or completing the future from outside cuts the call short: whatever it waits in is
 * left, the stage in flight is cancelled. Dependents run on the thread that completes the call's own stage or, where the end comes by a
 * timer or by another caller, on the runtime's callback executor.
 *
 * <p><b>Blocking.</b> What the call throws comes out as it is. Waits honour interrupts: {@link CallInterruptedException}, with the flag set
 * again. A call that returns a {@link CompletionStage} is refused with {@link IllegalStateException}, as its end would be missed: use
 * {@code execute}.
 */
public interface Guard {

    /** The name, for messages, events and metrics. */
    String name();

    /**
     * Runs an asynchronous call.
     *
     * @param options cost, key, deadline and values of this call
     * @param call started once an attempt
     * @param <T> the type of the result
     * @return completes with the call's end
     */
    <T extends @Nullable Object> CompletableFuture<T> execute(CallOptions options, AsyncCall<? extends T> call);

    /**
     * Runs a blocking call on this thread.
     *
     * @param options cost, key, deadline and values of this call
     * @param call invoked once an attempt
     * @param <T> the type of the result
     * @param <E> what the call throws
     * @return the call's result
     * @throws E what the call threw
     */
    <T extends @Nullable Object, E extends Exception> T call(CallOptions options, Call<? extends T, ? extends E> call)
            throws E;

    /**
     * Runs an asynchronous call without options.
     *
     * @param call started once an attempt
     * @param <T> the type of the result
     * @return completes with the call's end
     */
    default <T extends @Nullable Object> CompletableFuture<T> execute(AsyncCall<? extends T> call) {
        return execute(CallOptions.NONE, call);
    }

    /**
     * Runs a blocking call on this thread, without options.
     *
     * @param call invoked once an attempt
     * @param <T> the type of the result
     * @param <E> what the call throws
     * @return the call's result
     * @throws E what the call threw
     */
    default <T extends @Nullable Object, E extends Exception> T call(Call<? extends T, ? extends E> call) throws E {
        return call(CallOptions.NONE, call);
    }

    /**
     * Runs a blocking call that throws nothing checked; for Kotlin, and for suppliers that are there already. What it throws all the same
     * passes through as it is.
     *
     * @param options cost, key, deadline and values of this call
     * @param supplier invoked once an attempt
     * @param <T> the type of the result
     */
    default <T extends @Nullable Object> T get(CallOptions options, Supplier<? extends T> supplier) {
        Objects.requireNonNull(supplier, "supplier");
        return this.<T, RuntimeException>call(options, supplier::get);
    }

    /**
     * Runs a blocking call that throws nothing checked, without options.
     *
     * @param supplier invoked once an attempt
     * @param <T> the type of the result
     */
    default <T extends @Nullable Object> T get(Supplier<? extends T> supplier) {
        return get(CallOptions.NONE, supplier);
    }

    /**
     * Runs a blocking call without a result.
     *
     * @param options cost, key, deadline and values of this call
     * @param action invoked once an attempt
     * @param <E> what the action throws
     * @throws E what the action threw
     */
    default <E extends Exception> void run(CallOptions options, CallAction<? extends E> action) throws E {
        Objects.requireNonNull(action, "action");
        this.<@Nullable Void, E>call(options, () -> {
            action.run();
            return null;
        });
    }

    /**
     * Runs a blocking call without a result and without options.
     *
     * @param action invoked once an attempt
     * @param <E> what the action throws
     * @throws E what the action threw
     */
    default <E extends Exception> void run(CallAction<? extends E> action) throws E {
        run(CallOptions.NONE, action);
    }

    /**
     * Runs an asynchronous call that looks at its context: the attempt's number, the time left, a hook for cancellation.
     *
     * @param options cost, key, deadline and values of this call
     * @param call started once an attempt
     * @param <T> the type of the result
     * @return completes with the call's end
     */
    default <T extends @Nullable Object> CompletableFuture<T> executeWith(
            CallOptions options, Function<? super CallContext, ? extends CompletionStage<? extends T>> call) {
        Objects.requireNonNull(call, "call");
        DetachedContext.Attempts attempts = new DetachedContext.Attempts(options);
        return this.<T>execute(options, () -> call.apply(attempts.next()));
    }

    /**
     * Runs a blocking call that looks at its context.
     *
     * @param options cost, key, deadline and values of this call
     * @param call invoked once an attempt
     * @param <T> the type of the result
     * @param <E> what the call throws
     * @return the call's result
     * @throws E what the call threw
     */
    default <T extends @Nullable Object, E extends Exception> T callWith(
            CallOptions options, CallFunction<? super CallContext, ? extends T, ? extends E> call) throws E {
        Objects.requireNonNull(call, "call");
        DetachedContext.Attempts attempts = new DetachedContext.Attempts(options);
        return this.<T, E>call(options, () -> call.apply(attempts.next()));
    }

    /**
     * Wraps a function that returns a stage.
     *
     * @param function called once an attempt
     * @param <A> the type of the argument
     * @param <R> the type of the result
     */
    default <A extends @Nullable Object, R extends @Nullable Object> Function<A, CompletableFuture<R>> decorate(
            Function<? super A, ? extends CompletionStage<? extends R>> function) {
        Objects.requireNonNull(function, "function");
        return argument -> this.<R>execute(CallOptions.NONE, () -> function.apply(argument));
    }

    /**
     * Wraps a function that returns a stage, with options that depend on the argument.
     *
     * @param options gives the options of each call
     * @param function called once an attempt
     * @param <A> the type of the argument
     * @param <R> the type of the result
     */
    default <A extends @Nullable Object, R extends @Nullable Object> Function<A, CompletableFuture<R>> decorate(
            Function<? super A, CallOptions> options,
            Function<? super A, ? extends CompletionStage<? extends R>> function) {
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(function, "function");
        return argument -> this.<R>execute(options.apply(argument), () -> function.apply(argument));
    }

    /**
     * Wraps a blocking function.
     *
     * @param function called once an attempt
     * @param <A> the type of the argument
     * @param <R> the type of the result
     * @param <E> what the function throws
     */
    default <A extends @Nullable Object, R extends @Nullable Object, E extends Exception>
            CallFunction<A, R, E> decorateCall(CallFunction<A, R, E> function) {
        Objects.requireNonNull(function, "function");
        return argument -> this.<R, E>call(CallOptions.NONE, () -> function.apply(argument));
    }

    /**
     * This guard with options for calls that bring none of their own.
     *
     * @param options stand in for {@link CallOptions#NONE}
     */
    default Guard with(CallOptions options) {
        return new GuardWithOptions(this, options);
    }

    /**
     * This guard around another one.
     *
     * @param inner stands between this guard and the call
     */
    default Guard around(Guard inner) {
        return Pipeline.of(this, inner);
    }

    /**
     * This guard around one that has a fallback: gets to hear what that ends with.
     *
     * @param inner stands between this guard and the call
     * @param <R> the type of the results
     */
    default <R extends @Nullable Object> TypedGuard<R> around(TypedGuard<R> inner) {
        return FusedTypedGuard.around(this, inner);
    }

    /**
     * This guard with an answer in the place of a failure.
     *
     * @param fallback stands outside of this guard
     * @param <R> the type of the results
     */
    default <R extends @Nullable Object> TypedGuard<R> withFallback(Fallback<? extends R> fallback) {
        return FusedTypedGuard.of(fallback, this);
    }

    /** The guard that guards nothing. */
    static Guard none() {
        return Pipeline.NONE;
    }
}
