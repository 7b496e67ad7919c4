package io.weir.engine.testing;

import io.weir.engine.time.Timer;
import io.weir.engine.time.TimerNode;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/** A clock and a timer that move when they are told to. Deterministic: due nodes fire in the order of their deadlines, then of arming. For one thread. */
@NullMarked
public final class ManualTime implements NanoClock, Timer {

    private final List<TimerNode> nodes = new ArrayList<>();
    private long now;
    private boolean closed;
    private int armedEver;

    public ManualTime(long startNanos) {
        now = startNanos;
    }

    @Override
    public long nanoTime() {
        return now;
    }

    /** Sets the clock, backwards too, without firing anything. */
    public void set(long nanos) {
        now = nanos;
    }

    /** Moves on, stopping at each deadline on the way to fire what is due. */
    public void advance(long nanos) {
        long end = now + nanos;
        while (true) {
            TimerNode next = next();
            if (next == null || next.deadlineNanos() - end > 0) {
                break;
            }
            if (next.deadlineNanos() - now > 0) {
                now = next.deadlineNanos();
            }
            nodes.remove(next);
            next.tryFire();
        }
        now = end;
    }

    /** Fires what is due now. */
    public void fireDue() {
        advance(0);
    }

    private @Nullable TimerNode next() {
        nodes.removeIf(node -> !node.isArmed());
        TimerNode first = null;
        for (TimerNode node : nodes) {
            if (first == null || node.deadlineNanos() - first.deadlineNanos() < 0) {
                first = node;
            }
        }
        return first;
    }

    /** How many nodes may still fire. */
    public int armed() {
        nodes.removeIf(node -> !node.isArmed());
        return nodes.size();
    }

    /** How many nodes were ever armed. */
    public int armedEver() {
        return armedEver;
    }

    /** The nanoseconds until the next node is due. */
    public long untilNext() {
        TimerNode next = next();
        return next == null ? Long.MAX_VALUE : next.deadlineNanos() - now;
    }

    @Override
    public void arm(TimerNode node) {
        armedEver++;
        if (closed) {
            node.tryAbort();
        } else {
            nodes.add(node);
        }
    }

    @Override
    public boolean cancel(TimerNode node) {
        return node.tryCancel();
    }

    @Override
    public void close() {
        closed = true;
        for (TimerNode node : List.copyOf(nodes)) {
            node.tryAbort();
        }
        nodes.clear();
    }
}
