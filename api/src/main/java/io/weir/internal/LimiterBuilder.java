package io.weir.internal;

import io.weir.engine.bucket.Slots;
import org.jspecify.annotations.Nullable;

/** A builder of limiters, as an executor sees it: it can make one whose line pays each call a slot together with its tokens. Not thread-safe. */
public abstract class LimiterBuilder {
    private @Nullable Slots slots;

    protected LimiterBuilder() {}

    /** What a call needs besides its tokens; null: nothing. */
    protected final @Nullable Slots slots() {
        return slots;
    }

    /** Makes the builder's limiters pay slots; whoever is granted holds one. */
    public static <B extends LimiterBuilder> B paying(B builder, Slots slots) {
        ((LimiterBuilder) builder).slots = slots;
        return builder;
    }
}
