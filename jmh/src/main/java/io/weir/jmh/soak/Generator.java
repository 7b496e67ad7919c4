package io.weir.jmh.soak;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Makes calls at the times of a schedule, a burst each millisecond, whatever became of those before: a generator that waited for answers would ask less whenever
 * the system is slow, and so leave out just the calls that would have shown it (coordinated omission). Being late itself, it makes up for it; how late it was is
 * part of the report, as nothing of that size can be held against what is measured.
 */
final class Generator implements Runnable {
    static final long TICK_NANOS = 1_000_000;

    /** How far behind it makes up for: more would be a load of another kind. */
    private static final int MOST_BEHIND = 200;

    /** One millisecond of load. */
    interface Tick {
        void run(long scheduled);
    }

    private final Tick tick;
    private final long end;
    private final Histogram behind = new Histogram(TimeUnit.MINUTES.toMicros(1), 3);
    private long ticks;
    private long skipped;

    Generator(Tick tick, long end) {
        this.tick = tick;
        this.end = end;
    }

    @Override
    public void run() {
        long next = System.nanoTime();
        while (next - end < 0) {
            long now = System.nanoTime();
            if (now - next < 0) {
                LockSupport.parkNanos(next - now);
                continue;
            }
            long late = now - next;
            behind.recordValue(Math.min(TimeUnit.NANOSECONDS.toMicros(late), behind.getHighestTrackableValue()));
            if (late > MOST_BEHIND * TICK_NANOS) {
                long over = late / TICK_NANOS - MOST_BEHIND;
                skipped += over;
                next += over * TICK_NANOS;
            }
            tick.run(next);
            ticks++;
            next += TICK_NANOS;
        }
    }

    // Read once its thread has ended.

    Histogram behind() {
        return behind;
    }

    long ticks() {
        return ticks;
    }

    long skipped() {
        return skipped;
    }
}
