package io.weir;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a call gives in the place of a failure, or of a result that is as good as one. Condition first, answer last: {@code
 * Fallback.on(TimeoutException.class).value(Invoice.EMPTY)}; without a condition, on any exception.
 *
 * <p>No guard, as it knows the type of the results: {@link Guard#withFallback} makes a {@link TypedGuard} of both. Not asked for an {@link
 * Error}, unless a condition names it, nor for a call that its user cancelled or interrupted. If the fallback fails itself, that is the
 * call's failure, with the first one suppressed in it.
 *
 * <p>The call's deadline is kept by the outermost guard. A fallback outside of it is asked when it passes, and takes the time it takes; one
 * further in is cut short like everything else there. Immutable and thread-safe, if the functions are.
 *
 * @param <R> the type of the results
 */
public final class Fallback<R extends @Nullable Object> {
    private final When<?> when;
    private final BiFunction<Object, CallOptions, @Nullable Object> answer;
    private final boolean isStage;

    private Fallback(When<?> when, BiFunction<Object, CallOptions, @Nullable Object> answer, boolean isStage) {
        this.when = when;
        this.answer = answer;
        this.isStage = isStage;
    }

    /** What makes a condition: a failure's, and whether time was up before the call was invoked; or a result's. */
    private interface Condition {
        boolean test(Object cause, boolean expired);
    }

    /**
     * A value, on any exception.
     *
     * @param value the result; may be null if the type allows it
     * @param <R> the type of the results
     */
    public static <R extends @Nullable Object> Fallback<R> value(R value) {
        return anyException().value(value);
    }

    /**
     * A function of the failure, on any exception.
     *
     * @param function gives the result; must not block if calls are asynchronous
     * @param <R> the type of the results
     */
    public static <R extends @Nullable Object> Fallback<R> from(Function<? super Throwable, ? extends R> function) {
        return anyException().from(function);
    }

    private static When<Throwable> anyException() {
        return new When<>(
                Throwable.class,
                (failure, expired) -> failure instanceof Exception && !(failure instanceof InterruptedException),
                false);
    }

    /**
     * On failures of these classes.
     *
     * @param types at least one; subclasses are included
     */
    @SafeVarargs
    public static When<Throwable> on(Class<? extends Throwable>... types) {
        List<Class<? extends Throwable>> all = new ArrayList<>(types.length);
        for (Class<? extends Throwable> type : types) {
            all.add(Objects.requireNonNull(type, "types"));
        }
        if (all.isEmpty()) {
            throw new IllegalArgumentException("types = []: allowed is at least one class");
        }
        return new When<>(
                Throwable.class, (failure, expired) -> all.stream().anyMatch(type -> type.isInstance(failure)), false);
    }

    /** On rejections: a guard refused the call, or time was up, before it was invoked. */
    public static When<Throwable> onRejection() {
        return new When<>(
                Throwable.class, (failure, expired) -> expired || failure instanceof CallRejectedException, false);
    }

    /**
     * On some failures.
     *
     * @param predicate which; out of the wrappers that futures put around them
     */
    public static When<Throwable> onFailure(Predicate<? super Throwable> predicate) {
        Objects.requireNonNull(predicate, "predicate");
        return new When<>(
                Throwable.class,
                (failure, expired) -> failure instanceof Throwable thrown && predicate.test(thrown),
                false);
    }

    /**
     * On some results. The functions get the result.
     *
     * @param type only results of this type are asked about; never null
     * @param predicate which of them
     * @param <X> the type of those results
     */
    public static <X> When<X> onResult(Class<X> type, Predicate<? super X> predicate) {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(predicate, "predicate");
        return new When<>(type, (result, expired) -> predicate.test(type.cast(result)), true);
    }

    /**
     * When a fallback is asked; what it answers makes it one.
     *
     * @param <X> what its functions get: the failure, or the result
     */
    public static final class When<X> {
        private final Class<X> type;
        private final Condition condition;
        private final boolean ofResults;

        private When(Class<X> type, Condition condition, boolean ofResults) {
            this.type = type;
            this.condition = condition;
            this.ofResults = ofResults;
        }

        /**
         * A value.
         *
         * @param value the result; may be null if the type allows it
         * @param <R> the type of the results
         */
        public <R extends @Nullable Object> Fallback<R> value(R value) {
            return new Fallback<>(this, (cause, options) -> value, false);
        }

        /**
         * A function of the failure, or of the result.
         *
         * @param function gives the result; must not block if calls are asynchronous
         * @param <R> the type of the results
         */
        public <R extends @Nullable Object> Fallback<R> from(Function<? super X, ? extends R> function) {
            Objects.requireNonNull(function, "function");
            return new Fallback<>(this, (cause, options) -> function.apply(type.cast(cause)), false);
        }

        /**
         * A function of the failure, or of the result, and of the call's options: a {@link CallKey} brings what else it needs, such as the
         * key of a cache.
         *
         * @param function gives the result; must not block if calls are asynchronous
         * @param <R> the type of the results
         */
        public <R extends @Nullable Object> Fallback<R> fromCall(
                BiFunction<? super X, ? super CallOptions, ? extends R> function) {
            Objects.requireNonNull(function, "function");
            return new Fallback<>(this, (cause, options) -> function.apply(type.cast(cause), options), false);
        }

        /**
         * Another asynchronous call. A blocking call holds its thread until that has ended.
         *
         * @param function starts it; null is a failure
         * @param <R> the type of the results
         */
        public <R extends @Nullable Object> Fallback<R> fromStage(
                Function<? super X, ? extends CompletionStage<? extends R>> function) {
            Objects.requireNonNull(function, "function");
            return new Fallback<>(this, (cause, options) -> function.apply(type.cast(cause)), true);
        }
    }

    // ---- for the stage

    boolean looksAtResults() {
        return when.ofResults;
    }

    boolean isStage() {
        return isStage;
    }

    /** The failure or the result if this fallback is to be asked, else null. */
    @Nullable
    Object cause(@Nullable Object result, @Nullable Throwable failure, boolean expired) {
        Object cause = when.ofResults ? result : failure;
        if (cause == null || (failure == null) != when.ofResults || !when.type.isInstance(cause)) {
            return null;
        }
        return when.condition.test(cause, expired) ? cause : null;
    }

    @Nullable
    Object answer(Object cause, CallOptions options) {
        return answer.apply(cause, options);
    }
}
