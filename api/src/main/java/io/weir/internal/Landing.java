package io.weir.internal;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The callback of a stage that isn't the first, or no plain JDK future. It may call twice, or late; only its first call counts. */
final class Landing implements BiConsumer<@Nullable Object, @Nullable Throwable> {
    private final PipelineCall<?> owner;
    private final AtomicBoolean called = new AtomicBoolean();
    // Plain: arrived() releases them with its CAS of the gate, the driver acquires them by reading it.
    @Nullable
    Object result;

    @Nullable
    Throwable failure;

    Landing(PipelineCall<?> owner) {
        this.owner = owner;
    }

    @Override
    public void accept(@Nullable Object value, @Nullable Throwable thrown) {
        if (called.compareAndSet(false, true)) {
            result = value;
            failure = thrown;
            owner.hasLanded(this);
        }
    }
}
