package io.weir;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A typed key for a value that a call carries in its {@link CallOptions}. Keys are equal by identity, so that two libraries can use one
 * name without meeting.
 *
 * @param <V> the type of the value
 */
public final class CallKey<V extends @Nullable Object> {
    private final String name;

    private CallKey(String name) {
        this.name = name;
    }

    /**
     * Makes a new key.
     *
     * @param name for messages
     * @param <V> the type of the value
     */
    public static <V extends @Nullable Object> CallKey<V> of(String name) {
        return new CallKey<>(Objects.requireNonNull(name, "name"));
    }

    public String name() {
        return name;
    }

    @Override
    public String toString() {
        return "CallKey(" + name + ")";
    }
}
