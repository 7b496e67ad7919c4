package io.weir.event;

import java.util.function.Consumer;

/**
 * Hears events: each once, and those of one guard in their order. Told on the runtime's callback executor, one event at a time; a listener
 * that falls more than 1,024 events behind loses the oldest, and its {@link Subscription} counts them. An exception is logged and harms
 * nobody. A listener may call any guard.
 */
@FunctionalInterface
public interface WeirListener {

    /**
     * Hears one event.
     *
     * @param event what happened
     */
    void onEvent(WeirEvent event);

    /**
     * Whether to be told at once, on the very thread that caused the event and before its call goes on, in place of the callback executor.
     * Only for listeners that do next to nothing: count, or record in a test. Then several threads may tell at the same time.
     */
    default boolean isImmediate() {
        return false;
    }

    /**
     * A listener for one kind of event.
     *
     * @param type the kind
     * @param action what to do with each
     * @param <X> the kind
     */
    static <X extends WeirEvent> WeirListener on(Class<X> type, Consumer<? super X> action) {
        return event -> {
            if (type.isInstance(event)) {
                action.accept(type.cast(event));
            }
        };
    }
}
