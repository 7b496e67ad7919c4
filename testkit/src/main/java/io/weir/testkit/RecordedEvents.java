package io.weir.testkit;

import io.weir.event.WeirEvent;
import io.weir.event.WeirListener;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A listener that keeps what it hears, for assertions: {@code runtimeBuilder().listener(events)}. It is told at once, on the thread that
 * causes an event, so nothing has to be awaited. Thread-safe.
 */
public final class RecordedEvents implements WeirListener {
    private final List<WeirEvent> events = new CopyOnWriteArrayList<>();

    @Override
    public void onEvent(WeirEvent event) {
        events.add(event);
    }

    @Override
    public boolean isImmediate() {
        return true;
    }

    /** Everything heard so far, in order. */
    public List<WeirEvent> all() {
        return List.copyOf(events);
    }

    /**
     * What was heard of one kind, in order.
     *
     * @param type the kind
     * @param <X> the kind
     */
    public <X extends WeirEvent> List<X> of(Class<X> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** Forgets what was heard. */
    public void clear() {
        events.clear();
    }

    @Override
    public String toString() {
        return "RecordedEvents" + events;
    }
}
