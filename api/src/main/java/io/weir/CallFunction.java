package io.weir;

import org.jspecify.annotations.Nullable;

/**
 * A blocking call with an argument.
 *
 * @param <A> the argument
 * @param <R> the result
 * @param <E> what the function throws
 */
@FunctionalInterface
public interface CallFunction<A extends @Nullable Object, R extends @Nullable Object, E extends Exception> {

    R apply(A argument) throws E;
}
