package io.weir.engine.bucket;

import io.weir.engine.time.Timer;
import io.weir.engine.time.TimerNode;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.agrona.concurrent.NanoClock;

/** A timer of few nodes, fired by whoever says so; thread-safe. */
final class FiredByHand implements Timer {
    private final NanoClock clock;
    private final AtomicReferenceArray<TimerNode> nodes = new AtomicReferenceArray<>(64);
    private final AtomicInteger armed = new AtomicInteger();

    FiredByHand(NanoClock clock) {
        this.clock = clock;
    }

    @Override
    public void arm(TimerNode node) {
        nodes.set(armed.getAndIncrement(), node);
    }

    @Override
    public boolean cancel(TimerNode node) {
        return node.tryCancel();
    }

    /** Fires what is due and has been armed before; false if nothing was. */
    boolean fire() {
        boolean any = false;
        for (int i = armed.get() - 1; i >= 0; i--) {
            TimerNode node = nodes.get(i);
            if (node != null && node.deadlineNanos() - clock.nanoTime() <= 0 && node.isArmed()) {
                any |= node.tryFire();
            }
        }
        return any;
    }

    /** Whether something is due within so many nanoseconds from now. */
    boolean isArmedWithin(long nanos) {
        for (int i = armed.get() - 1; i >= 0; i--) {
            TimerNode node = nodes.get(i);
            if (node != null && node.isArmed() && node.deadlineNanos() - clock.nanoTime() <= nanos) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {}
}
