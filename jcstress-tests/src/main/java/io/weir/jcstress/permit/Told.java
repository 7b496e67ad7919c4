package io.weir.jcstress.permit;

import io.weir.engine.bucket.Waiter;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts how often it was told which end. */
final class Told extends Waiter {
    private final AtomicInteger granted = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();

    Told() {
        super(1);
    }

    @Override
    protected void onEnd(End end) {
        (end == End.GRANTED ? granted : closed).incrementAndGet();
    }

    int granted() {
        return granted.get();
    }

    int closed() {
        return closed.get();
    }
}
