package io.weir.internal;

import io.weir.AsyncCall;
import io.weir.CallContext;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An asynchronous call that wants its context; {@link PipelineCall} hands it over. */
record ContextualAsyncCall<T extends @Nullable Object>(
        Function<? super CallContext, ? extends CompletionStage<? extends T>> function) implements AsyncCall<T> {
    @Override
    public CompletionStage<? extends T> start() {
        throw new AssertionError("runs with a context only");
    }
}
