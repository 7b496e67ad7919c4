package io.weir.engine.permit;

import io.weir.engine.bucket.Waiter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Remembers its end, and the order among others. */
final class QueuedWaiter extends Waiter {
    private final List<QueuedWaiter> order;

    @Nullable
    End end;

    int ends;

    QueuedWaiter() {
        this(new ArrayList<>());
    }

    QueuedWaiter(List<QueuedWaiter> order) {
        super(1);
        this.order = order;
    }

    @Override
    protected void onEnd(End end) {
        this.end = end;
        ends++;
        order.add(this);
    }
}
