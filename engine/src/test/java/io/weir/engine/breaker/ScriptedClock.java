package io.weir.engine.breaker;

import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * A clock set by hand. A script can be run at its next reading, after the value to return was taken: so another
 * caller's whole action comes between one's clock reading and what one does with it, and interleavings are played in
 * one thread.
 */
final class ScriptedClock implements NanoClock {
    long now;
    private @Nullable Runnable script;

    ScriptedClock at(long nanos) {
        now = nanos;
        return this;
    }

    void advance(long nanos) {
        now += nanos;
    }

    void atNextReading(Runnable action) {
        script = action;
    }

    @Override
    public long nanoTime() {
        long reading = now;
        Runnable due = script;
        script = null;
        if (due != null) {
            due.run();
        }
        return reading;
    }
}
