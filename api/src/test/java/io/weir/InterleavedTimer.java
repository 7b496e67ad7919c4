package io.weir;

import io.weir.engine.time.Timer;
import io.weir.engine.time.TimerNode;

/** A timer at whose arming something else runs first, or right after, as another thread might at that moment. */
public final class InterleavedTimer implements Timer {
    private final Timer timer;
    private Runnable before = () -> {};
    private Runnable after = () -> {};

    /**
     * Nothing else runs as yet.
     *
     * @param timer does the work
     */
    public InterleavedTimer(Timer timer) {
        this.timer = timer;
    }

    public InterleavedTimer before(Runnable meanwhile) {
        before = meanwhile;
        return this;
    }

    public InterleavedTimer after(Runnable meanwhile) {
        after = meanwhile;
        return this;
    }

    @Override
    public void arm(TimerNode node) {
        before.run();
        timer.arm(node);
        after.run();
    }

    @Override
    public boolean cancel(TimerNode node) {
        return timer.cancel(node);
    }

    @Override
    public void close() {
        timer.close();
    }
}
