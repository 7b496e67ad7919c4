package io.weir.engine.testing;

import java.util.SplittableRandom;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.NullMarked;

/** A clock that stands still, creeps, steps back, jumps an hour in both directions, and wraps on the way, as its seed wants. For one thread. */
@NullMarked
public final class StrangeClock implements NanoClock {
    public static final long SECOND = 1_000_000_000L;
    public static final long HOUR = 3_600 * SECOND;

    private final SplittableRandom random;
    private final long start = Long.MAX_VALUE - HOUR; // soon wrapped
    private long elapsed;
    private long furthest;

    public StrangeClock(SplittableRandom random) {
        this.random = random;
    }

    @Override
    public long nanoTime() {
        return start + elapsed;
    }

    /** Moves somehow, or not at all; never before its start. */
    public void move() {
        int what = random.nextInt(100);
        if (what >= 50) {
            long step = what < 85
                    ? random.nextLong(SECOND / 5)
                    : what < 93 ? -random.nextLong(2 * SECOND) : what < 98 ? -random.nextLong(HOUR) : HOUR;
            elapsed = Math.max(0, elapsed + step);
            furthest = Math.max(furthest, elapsed);
        }
    }

    /** Goes so far beyond everything it has ever read. */
    public void beyond(long nanos) {
        elapsed = furthest + nanos;
        furthest = elapsed;
    }

    /** Steps back, but not before its start. */
    public void back(long nanos) {
        elapsed = Math.max(0, elapsed - nanos);
    }

    /** How far it has been from its start. */
    public long furthest() {
        return furthest;
    }

    /** How far it is from its start. */
    public long sinceStart() {
        return elapsed;
    }
}
