package io.weir.jcstress.permit;

import io.weir.engine.time.Timer;
import io.weir.engine.time.TimerNode;

/** For tests in which nothing is ever timed. */
final class NoTimer implements Timer {

    @Override
    public void arm(TimerNode node) {
        throw new AssertionError("armed " + node);
    }

    @Override
    public boolean cancel(TimerNode node) {
        return node.tryCancel();
    }

    @Override
    public void close() {}
}
