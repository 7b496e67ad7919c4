package io.weir.engine.bucket;

import io.weir.engine.testing.ManualTime;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * A clock whose reader can be stopped: what is given to {@link #whileStopped} runs after its next reading was taken and before it is returned, so
 * that another caller's whole action comes between a thread's reading and what it does with it.
 */
final class StoppedClock implements NanoClock {
    private final ManualTime time;
    private @Nullable Runnable meanwhile;

    StoppedClock(ManualTime time) {
        this.time = time;
    }

    void whileStopped(Runnable action) {
        meanwhile = action;
    }

    @Override
    public long nanoTime() {
        long reading = time.nanoTime();
        Runnable due = meanwhile;
        meanwhile = null;
        if (due != null) {
            due.run();
        }
        return reading;
    }
}
