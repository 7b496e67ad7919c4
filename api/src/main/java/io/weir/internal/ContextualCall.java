package io.weir.internal;

import io.weir.CallContext;
import io.weir.CallFunction;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** A blocking call that wants its context; {@link BlockingCall} hands it over. */
record ContextualCall(CallFunction<? super CallContext, ?, ?> function) implements Callable<@Nullable Object> {
    @Override
    public @Nullable Object call() {
        throw new AssertionError("runs with a context only");
    }
}
