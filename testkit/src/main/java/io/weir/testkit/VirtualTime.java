package io.weir.testkit;

import io.weir.WeirRuntime;
import io.weir.engine.time.Timer;
import io.weir.engine.time.TimerNode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Time that stands still until a test moves it: a monotonic clock, a wall clock, a timer and an executor that go
 * together, so that a test of an hour of retries takes a millisecond and always goes the same way.
 *
 * <p>Nothing happens by itself. {@link #advance} first runs the tasks that were given to {@link #executor}; then, for
 * each timer that gets due, in the order of the deadlines (and of arming, where those are equal), sets the clock to its
 * deadline, fires it, and runs the tasks that came of it; and last sets the clock to its goal. All of it in the calling
 * thread. {@link #runPending} does the same without moving the clock.
 *
 * <p>What timers and tasks throw doesn't stop the others; the first failure is thrown by the call that ran them, with
 * the others suppressed.
 *
 * <p>Thread-safe: arming, cancelling, executing and reading go on from any thread, at any time. One thread at a time
 * moves the clock; others wait for it. A timer or task that moves it fails with an {@link IllegalStateException}.
 */
public final class VirtualTime {
    private final ReentrantLock driving = new ReentrantLock();
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final VirtualTimer timer = new VirtualTimer();
    private final long startNanos;
    private final Instant startWall;
    private volatile long nowNanos;

    /** Time that starts at 0 ns, on 2026-01-01 at midnight UTC. */
    public VirtualTime() {
        this(0);
    }

    /**
     * Time that starts at a reading of the monotonic clock, on 2026-01-01 at midnight UTC.
     *
     * @param startNanos any value: a real monotonic clock may be negative, and wraps
     */
    public VirtualTime(long startNanos) {
        this(startNanos, Instant.parse("2026-01-01T00:00:00Z"));
    }

    /**
     * Time that starts where you say.
     *
     * @param startNanos the monotonic clock; any value, as a real one may be negative, and wraps
     * @param startWall the wall clock
     */
    public VirtualTime(long startNanos, Instant startWall) {
        this.startNanos = startNanos;
        this.startWall = Objects.requireNonNull(startWall, "startWall");
        nowNanos = startNanos;
    }

    /** The monotonic clock, in nanoseconds. */
    public long nanoTime() {
        return nowNanos;
    }

    /** The wall clock. It moves with the monotonic one. */
    public Instant wallTime() {
        return startWall.plusNanos(nowNanos - startNanos);
    }

    /** A timer on this clock. Always the same one. Closing it tells all timers that are armed. */
    public Timer timer() {
        return timer;
    }

    /**
     * An executor that keeps tasks until the clock is moved or {@link #runPending} is called, and runs them in order.
     */
    public Executor executor() {
        return tasks::add;
    }

    /** How many timers are armed. */
    public int pendingTimers() {
        return timer.entries.size();
    }

    /**
     * Begins a runtime that lives in this time: its clocks, its timer, and its callback executor. What completes because of a timer does so
     * within {@link #advance}; what completes because of another caller, within {@link #advance} or {@link #runPending}.
     */
    public WeirRuntime.Builder runtimeBuilder() {
        return WeirRuntime.builder()
                .clock(this::nanoTime)
                .wallClock(new WallClock(this, ZoneOffset.UTC))
                .timer(timer)
                .callbackExecutor(executor());
    }

    /** The wall clock as the JDK has it. */
    private static final class WallClock extends Clock {
        private final VirtualTime time;
        private final ZoneId zone;

        WallClock(VirtualTime time, ZoneId zone) {
            this.time = time;
            this.zone = zone;
        }

        @Override
        public ZoneId getZone() {
            return zone;
        }

        @Override
        public Clock withZone(ZoneId other) {
            return new WallClock(time, other);
        }

        @Override
        public Instant instant() {
            return time.wallTime();
        }
    }

    /** How many tasks wait in the executor. */
    public int pendingTasks() {
        return tasks.size();
    }

    /**
     * Moves the time on, and runs everything that gets due by then.
     *
     * @param by how far, not negative
     * @throws IllegalArgumentException if {@code by} is negative, or beyond 292 years
     * @throws IllegalStateException if called by a timer or a task
     */
    public void advance(Duration by) {
        long nanos;
        try {
            nanos = by.toNanos();
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "by is " + by + ", must be at most " + Duration.ofNanos(Long.MAX_VALUE), e);
        }
        if (nanos < 0) {
            throw new IllegalArgumentException("by is " + by + ", must not be negative");
        }
        drive(nanos, false, 0);
    }

    /**
     * Moves the time on to a reading of the monotonic clock, and runs everything that gets due by then.
     *
     * @param nanoTime what {@link #nanoTime} will be; not before what it is
     * @throws IllegalArgumentException if that is in the past
     * @throws IllegalStateException if called by a timer or a task
     */
    public void advanceTo(long nanoTime) {
        drive(0, true, nanoTime);
    }

    /**
     * Runs the tasks in the executor, and the timers that are due, without moving the time.
     *
     * @throws IllegalStateException if called by a timer or a task
     */
    public void runPending() {
        drive(0, false, 0);
    }

    private void drive(long by, boolean absolute, long nanoTime) {
        if (driving.isHeldByCurrentThread()) {
            throw new IllegalStateException("a timer or a task may not move the time that runs it");
        }
        driving.lock();
        try {
            long goal = absolute ? nanoTime : nowNanos + by;
            if (absolute && goal - nowNanos < 0) {
                throw new IllegalArgumentException("nanoTime is " + goal + ", must not be before now, " + nowNanos);
            }
            if (goal - startNanos < nowNanos - startNanos) {
                throw new IllegalArgumentException(
                        "the clock may go at most 292 years from its start at " + startNanos);
            }
            runUntil(goal);
        } finally {
            driving.unlock();
        }
    }

    private void runUntil(long goal) {
        Failures failures = new Failures();
        runTasks(failures);
        for (Entry entry = timer.pollUntil(goal); entry != null; entry = timer.pollUntil(goal)) {
            long deadline = entry.node.deadlineNanos();
            if (entry.isAfter(nowNanos)) {
                nowNanos = deadline;
            }
            failures.run(entry.node::tryFire);
            runTasks(failures);
        }
        nowNanos = goal;
        failures.rethrow();
    }

    private void runTasks(Failures failures) {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            failures.run(task);
        }
    }

    /** An armed node. Ordered by deadline and then by arming. */
    private static final class Entry implements Comparable<Entry> {
        final TimerNode node;
        final long sequence;
        /** Nanoseconds from the clock's start; saturated, so that the order is total whatever the deadlines. */
        final long position;

        private final long start;

        Entry(TimerNode node, long now, long start, long sequence) {
            this.node = node;
            this.sequence = sequence;
            this.start = start;
            long elapsed = now - start;
            long left = node.deadlineNanos() - now;
            if (left < Long.MIN_VALUE / 2) {
                left = Long.MAX_VALUE; // "now + Long.MAX_VALUE", read a little later
            }
            long sum = elapsed + left;
            position = left > 0 && sum < 0 ? Long.MAX_VALUE : sum;
        }

        boolean isAfter(long nanoTime) {
            return position > nanoTime - start;
        }

        @Override
        public int compareTo(Entry other) {
            int byDeadline = Long.compare(position, other.position);
            return byDeadline != 0 ? byDeadline : Long.compare(sequence, other.sequence);
        }
    }

    private final class VirtualTimer implements Timer {
        final ConcurrentSkipListSet<Entry> entries = new ConcurrentSkipListSet<>();
        private final AtomicLong sequence = new AtomicLong();
        private volatile boolean closed;

        @Override
        public void arm(TimerNode node) {
            if (closed) {
                node.tryAbort();
                return;
            }
            if (!node.isArmed()) {
                return;
            }
            Entry entry = new Entry(node, nowNanos, startNanos, sequence.getAndIncrement());
            node.attach(entry);
            entries.add(entry);
            // Look again, after the entry can be seen: a cancel or a close that ran meanwhile may have missed it.
            if (!node.isArmed()) {
                entries.remove(entry);
            } else if (closed) {
                entries.remove(entry);
                node.tryAbort();
            }
        }

        @Override
        public boolean cancel(TimerNode node) {
            if (!node.tryCancel()) {
                return false;
            }
            if (node.attachment() instanceof Entry entry) {
                entries.remove(entry);
            }
            return true;
        }

        @Override
        public void close() {
            closed = true;
            Failures failures = new Failures();
            for (Entry entry = entries.pollFirst(); entry != null; entry = entries.pollFirst()) {
                failures.run(entry.node::tryAbort);
            }
            failures.rethrow();
        }

        @Nullable
        Entry pollUntil(long goal) {
            for (Entry first : entries) { // in order, and unharmed by concurrent changes
                if (first.isAfter(goal)) {
                    return null;
                }
                if (entries.remove(first)) {
                    return first;
                }
            }
            return null;
        }

        @Override
        public String toString() {
            return "VirtualTime.timer[" + entries.size() + " armed]";
        }
    }

    /** The first failure, with the others suppressed. */
    private static final class Failures {
        private @Nullable Throwable first;

        void run(Runnable body) {
            try {
                body.run();
            } catch (Throwable e) {
                if (first == null) {
                    first = e;
                } else if (first != e) {
                    first.addSuppressed(e);
                }
            }
        }

        void rethrow() {
            if (first instanceof Error error) {
                throw error;
            }
            if (first instanceof RuntimeException exception) {
                throw exception;
            }
            if (first != null) {
                throw new IllegalStateException("a timer or a task failed", first); // a checked one, thrown sneakily
            }
        }
    }

    /** The clock, for people. */
    @Override
    public String toString() {
        return "VirtualTime[" + nowNanos + " ns, " + wallTime() + ", " + pendingTimers() + " timers, " + pendingTasks()
                + " tasks]";
    }
}
