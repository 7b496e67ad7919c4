package io.weir;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * An asynchronous call that a {@link Guard} protects: starts the work and returns a stage that completes with its end. It is invoked once
 * an attempt. A call that throws, or returns null, has failed.
 *
 * @param <T> the result
 */
@FunctionalInterface
public interface AsyncCall<T extends @Nullable Object> {

    CompletionStage<? extends T> start() throws Exception;
}
