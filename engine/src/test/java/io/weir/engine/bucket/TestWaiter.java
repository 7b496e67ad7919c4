package io.weir.engine.bucket;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Remembers its end. */
final class TestWaiter extends Waiter {
    final List<Waiter> order;

    @Nullable
    End end;

    int ends;

    TestWaiter(double tokens) {
        this(tokens, new ArrayList<>());
    }

    TestWaiter(double tokens, List<Waiter> order) {
        super(tokens);
        this.order = order;
    }

    @Override
    protected void onEnd(End end) {
        this.end = end;
        ends++;
        order.add(this);
    }
}
