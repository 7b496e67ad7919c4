package io.weir;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * A blocking call that a {@link Guard} protects. Generic in what it throws: code that throws nothing checked needs no {@code throws}
 * clause, and an {@code IOException} comes out of the guard as an {@code IOException}.
 *
 * @param <T> the result
 * @param <E> what the call throws
 */
@FunctionalInterface
public interface Call<T extends @Nullable Object, E extends Exception> extends Callable<T> {

    @Override
    T call() throws E;
}
