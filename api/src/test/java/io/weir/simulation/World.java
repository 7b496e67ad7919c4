package io.weir.simulation;

import io.weir.WeirRuntime;
import io.weir.engine.time.Timer;
import io.weir.engine.time.TimerNode;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Clock, timer and callback executor of one schedule. Whatever Weir asks of them is a point where another thread may run: by the seed, other
 * events happen inside of a clock reading, an arming, a cancel, or a hand-over, as if the thread that asked had been stopped there. The code
 * has no locks, so whatever another thread can do then, this one can do nested. A reading may be that of before or after the stop.
 */
final class World {
    private static final int DEEPEST = 3;

    enum Mode {
        /** Tasks run in order and at once, timers when they are due, and no thread is stopped: times and orders are exact. */
        PROMPT,
        /** Tasks and timers run in any order, and late; no thread is stopped. */
        LATE,
        /** The same, and the clock jumps ahead by hours, steps back, and stands still. */
        JUMPING,
        /** As late, and threads are stopped anywhere. */
        STOPPED
    }

    final SplittableRandom random;
    final Mode mode;
    final WeirRuntime runtime;
    final List<TimerNode> armed = new ArrayList<>();
    private final List<Task> tasks = new ArrayList<>();
    private final long start;
    private final double stopProbability;
    private final StringBuilder trace;
    private long now;
    /** The latest reading that there was. */
    private long peak;

    /** How far the clock has gone ahead in all. */
    private long passed;

    private boolean steppedBack;

    private Budget budget;
    /** Of the frames: how many threads are stopped. */
    private int depth;

    private int stops;
    private boolean timerClosed;
    /** The longest time from a thread's first step to its last. */
    long longestFrame;
    /** The longest time that a task has waited. */
    long longestDelay;
    /** The number of the present event of those that no other is stopped for. */
    int step;
    /** What happens while a thread is stopped. */
    Runnable other = () -> {};

    /** Who the innermost probe has let in last, on the present thread. */
    Attempt walking;

    /** The first one: thrown between two events, as Weir would catch it. */
    private Violation violation;

    private record Task(Runnable body, long since) {}

    World(SplittableRandom random, boolean traced) {
        this.random = random;
        this.trace = traced ? new StringBuilder() : null;
        int kind = random.nextInt(12);
        mode = kind < 3 ? Mode.PROMPT : kind < 5 ? Mode.LATE : kind < 7 ? Mode.JUMPING : Mode.STOPPED;
        stopProbability = mode == Mode.STOPPED ? 0.01 + 0.2 * random.nextDouble() * random.nextDouble() : 0;
        start = switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> -random.nextLong(10_000_000_000L);
            case 2 -> Long.MAX_VALUE - random.nextLong(10_000_000_000L); // wraps on the way
            default -> random.nextLong();
        };
        now = start;
        peak = start;
        runtime = WeirRuntime.builder()
                .clock(this::reading)
                .wallClock(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC))
                .timer(new SimulatedTimer())
                .callbackExecutor(this::accept)
                .build();
    }

    /** The one that all retries share, if any asks. */
    Budget budget() {
        if (budget == null) {
            budget = new Budget(this);
        }
        return budget;
    }

    // ---- time

    long now() {
        return now;
    }

    /** The clock, from when the schedule began. */
    long clock() {
        return now - start;
    }

    /** The time since the schedule began: the latest that the clock has shown. */
    long elapsed() {
        return peak - start;
    }

    /** The time that has passed, steps back left out: what the clock has gone ahead in all. */
    long passed() {
        return passed;
    }

    boolean hasSteppedBack() {
        return steppedBack;
    }

    /** How far the clock is from the latest that it has shown. */
    long behind() {
        return peak - now;
    }

    private long reading() {
        long before = now;
        stop();
        return before == now || random.nextBoolean() ? now : before;
    }

    /** Moves the clock; in a prompt world no further than to the next deadline. */
    void advance(long nanos) {
        long goal = now + nanos;
        if (mode == Mode.PROMPT) {
            for (TimerNode node : armed) {
                if (node.isArmed() && node.deadlineNanos() - goal < 0) {
                    goal = node.deadlineNanos();
                }
            }
        }
        if (goal - now > 0) {
            set(goal);
        }
    }

    private void set(long reading) {
        steppedBack |= reading - now < 0;
        passed += Math.max(0, reading - now);
        now = reading;
        peak = now - peak > 0 ? now : peak;
        log(() -> "clock -> " + clock());
    }

    /** An hour ahead, some way back, or as far as it ever was; only in a jumping world. */
    void jump() {
        switch (random.nextInt(4)) {
            case 0 -> set(now + 3_600_000_000_000L);
            case 1 -> set(now - random.nextLong(7_200_000_000_000L));
            case 2 -> set(now - random.nextLong(2_000_000_000L));
            default -> set(peak);
        }
    }

    /** Moves the clock past everything that it ever showed, and over whatever is due: for when nobody waits. */
    void rest(long nanos) {
        set(peak + nanos);
    }

    /** The time until the next deadline; less than 0 if there is none. */
    long untilNextDeadline() {
        long least = -1;
        for (TimerNode node : armed) {
            if (node.isArmed()) {
                long left = Math.max(0, node.deadlineNanos() - now);
                least = least < 0 ? left : Math.min(least, left);
            }
        }
        return least;
    }

    // ---- threads

    /** A point where a thread may be stopped while others run. */
    void stop() {
        if (stopProbability > 0 && depth > 0 && depth < DEEPEST && stops > 0 && random.nextDouble() < stopProbability) {
            stops--;
            log(() -> "stopped:");
            frame(other);
            log(() -> "goes on");
        }
    }

    void violated(Invariant invariant, String what) {
        if (violation == null) {
            violation = new Violation(invariant, what);
            log(() -> "VIOLATED " + violation.getMessage());
        }
    }

    void check(boolean holds, Invariant invariant, Supplier<String> what) {
        if (!holds) {
            violated(invariant, what.get());
        }
    }

    void throwViolation() {
        if (violation != null) {
            throw violation;
        }
    }

    /** What one thread does in one go. */
    void frame(Runnable body) {
        long began = now;
        Attempt before = walking;
        if (depth == 0) {
            step++;
            stops = 6;
        }
        depth++;
        try {
            body.run();
        } finally {
            depth--;
            walking = before;
            longestFrame = Math.max(longestFrame, now - began);
        }
    }

    boolean isTimerClosed() {
        return timerClosed;
    }

    boolean isNested() {
        return depth > 1;
    }

    // ---- the callback executor

    private void accept(Runnable body) {
        stop();
        tasks.add(new Task(body, now));
        stop();
    }

    int tasks() {
        return tasks.size();
    }

    boolean runTask() {
        if (tasks.isEmpty()) {
            return false;
        }
        Task task = tasks.remove(mode == Mode.PROMPT ? 0 : random.nextInt(tasks.size()));
        longestDelay = Math.max(longestDelay, now - task.since);
        log(() -> "task");
        try {
            task.body.run();
        } catch (RuntimeException e) {
            violated(Invariant.NO_SURPRISE, "a task threw " + e);
        }
        return true;
    }

    // ---- the timer

    boolean fireTimer() {
        armed.removeIf(node -> !node.isArmed());
        List<TimerNode> due =
                armed.stream().filter(node -> node.deadlineNanos() - now <= 0).toList();
        if (due.isEmpty()) {
            return false;
        }
        TimerNode node = due.get(random.nextInt(due.size()));
        armed.remove(node);
        log(() -> "timer of " + (node.deadlineNanos() - start));
        node.tryFire();
        return true;
    }

    int armedTimers() {
        armed.removeIf(node -> !node.isArmed());
        return armed.size();
    }

    private final class SimulatedTimer implements Timer {
        @Override
        public void arm(TimerNode node) {
            stop();
            if (timerClosed) {
                node.tryAbort();
            } else {
                armed.add(node);
            }
            stop();
        }

        @Override
        public boolean cancel(TimerNode node) {
            stop();
            boolean won = node.tryCancel();
            armed.remove(node);
            stop();
            return won;
        }

        @Override
        public void close() {
            timerClosed = true;
            while (!armed.isEmpty()) {
                armed.remove(random.nextInt(armed.size())).tryAbort();
            }
        }
    }

    // ---- the trace

    void log(Supplier<String> what) {
        if (trace != null) {
            trace.append(String.format("%4d %s%s%n", step, "  ".repeat(Math.max(0, depth)), what.get()));
        }
    }

    String trace() {
        return trace == null ? "" : trace.toString();
    }
}
