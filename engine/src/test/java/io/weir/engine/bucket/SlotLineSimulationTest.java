package io.weir.engine.bucket;

import io.weir.engine.permit.Permits;
import io.weir.engine.testing.ManualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * H1 to H5 of {@link SlotSupply}: random starts, waits, ends, cancels, timeouts, clock steps, changes of rate and closes on buckets that share their slots,
 * against a model in plain numbers. After each step: the slots in use are the calls that run; each bucket's level is the model's, so no call has paid that
 * didn't start, and none started unpaid; each line is first come, first served; nobody waits whose tokens are there while a slot is free; a bucket whose head
 * is ready is passed by each other bucket once at most.
 *
 * <p>{@code -Dweir.simulation.schedules} and {@code -Dweir.simulation.seed} for more of them, or the one that failed.
 */
class SlotLineSimulationTest {
    private static final int SCHEDULES = Integer.getInteger("weir.simulation.schedules", 20_000);
    private static final long FIRST_SEED = Long.getLong("weir.simulation.seed", 1);
    private static final int STEPS = 60;
    private static final double TOKEN = 1_024; // nanoseconds at the rate 1, so that ticks and the model are exact
    private static final double MAX = 4;

    @Test
    void whateverHappensSlotsAndTokensAddUp() {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES; seed++) {
            Schedule schedule = new Schedule(seed);
            try {
                schedule.run();
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed + ": " + e + "\n" + String.join("\n", schedule.log), e);
            }
        }
    }

    private static final class Line {
        final int number;
        final TokenBucket bucket;
        final List<InLine> waiting = new ArrayList<>();
        double rate = 1;
        double level = MAX;
        long at;
        boolean closed;
        /** How often each other line was granted since this one's head was seen ready; null if it isn't. */
        int @Nullable [] passed;

        Line(int number, TokenBucket bucket, long at) {
            this.number = number;
            this.bucket = bucket;
            this.at = at;
        }
    }

    private static final class InLine extends Waiter {
        final Schedule in;
        final Line line;
        final boolean endsAtOnce;

        InLine(Schedule in, Line line, double tokens, boolean endsAtOnce) {
            super(tokens);
            this.in = in;
            this.line = line;
            this.endsAtOnce = endsAtOnce;
        }

        @Override
        protected void onEnd(End end) {
            in.ended(this, end);
        }

        @Override
        public String toString() {
            return "line " + line.number + " for " + tokens();
        }
    }

    private static final class Schedule {
        final List<String> log = new ArrayList<>();
        private final SplittableRandom random;
        private final ManualTime time = new ManualTime(Long.MAX_VALUE - 20_000); // the clock wraps on the way
        private final Permits permits;
        private final Line[] lines;
        private int running;
        private @Nullable AssertionError wrong;

        Schedule(long seed) {
            random = new SplittableRandom(seed);
            permits = new Permits(time, time, 1 + random.nextInt(2), Integer.MAX_VALUE);
            lines = new Line[2 + random.nextInt(2)];
            for (int i = 0; i < lines.length; i++) {
                BucketConfig config = BucketConfig.builder()
                        .rate(1)
                        .periodNanos((long) TOKEN)
                        .maxTokens(MAX)
                        .build();
                lines[i] = new Line(i, new TokenBucket(time, time, config, permits), time.nanoTime());
            }
        }

        private Line line() {
            return lines[random.nextInt(lines.length)];
        }

        private double cost() {
            return random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 1;
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                step(step);
                settled();
            }
            // In the end everybody gets what is his, and nothing is left anywhere.
            for (int i = 0; i < 2_000 && !isEmpty(); i++) {
                if (running > 0) {
                    end();
                }
                time.advance((long) (16 * TOKEN));
                settled();
            }
            check(isEmpty(), "somebody waits for ever");
            while (running > 0) {
                end();
            }
            settled();
            check(permits.waiters() == 0, "a place is left over");
        }

        private boolean isEmpty() {
            for (Line line : lines) {
                if (!line.waiting.isEmpty()) {
                    return false;
                }
            }
            return true;
        }

        private void step(int step) {
            Line line = line();
            switch (random.nextInt(16)) {
                case 0, 1 -> start(line, cost());
                case 2, 3, 4, 5, 6 -> acquire(line, cost());
                case 7, 8, 9 -> {
                    if (running > 0) {
                        end();
                    }
                }
                case 10 -> {
                    if (!line.waiting.isEmpty()) {
                        InLine waiter = line.waiting.get(random.nextInt(line.waiting.size()));
                        log.add("cancel " + waiter);
                        gone(waiter); // those behind may be granted within the cancel
                        check(line.bucket.cancel(waiter), "cancelled");
                    }
                }
                case 11 -> update(line);
                case 12 -> {
                    if (step > STEPS / 2 && random.nextInt(4) == 0 && !line.closed) {
                        log.add("close " + line.number);
                        line.closed = true;
                        line.bucket.close();
                        check(line.waiting.isEmpty(), "closed");
                    }
                }
                case 13 -> {
                    long late = random.nextInt(3_000);
                    log.add("the timer is late by " + late);
                    time.set(time.nanoTime() + late);
                    if (random.nextBoolean() && running > 0) {
                        end();
                    } else {
                        acquire(line, cost());
                    }
                    time.fireDue();
                }
                default -> {
                    long nanos = random.nextInt(3) == 0 ? random.nextInt(6_000) : random.nextInt(800);
                    log.add("advance " + nanos);
                    time.advance(nanos);
                }
            }
        }

        /** As an executor does: a slot, then the tokens. */
        private void start(Line line, double tokens) {
            if (line.closed) {
                return;
            }
            boolean others = !line.waiting.isEmpty();
            boolean slot = permits.tryAcquire();
            boolean granted = slot && line.bucket.tryAcquire(tokens);
            log.add("start on " + line.number + " for " + tokens + ": " + slot + ", " + granted);
            if (granted) {
                check(!others || line.waiting.isEmpty(), "overtaken");
                granted(line, tokens);
            } else if (slot) {
                permits.release();
            }
        }

        private void acquire(Line line, double tokens) {
            if (line.closed) {
                return;
            }
            InLine waiter = new InLine(this, line, tokens, random.nextInt(6) == 0);
            boolean others = !line.waiting.isEmpty();
            line.waiting.add(waiter);
            long timeout = random.nextInt(4) > 0 ? Long.MAX_VALUE : random.nextInt(8_000);
            long answer = line.bucket.acquire(waiter, timeout);
            log.add(waiter + ": " + answer);
            if (answer >= 0) {
                line.waiting.remove(waiter);
            }
            if (answer == 0) {
                check(!others, "overtaken");
                granted(line, tokens);
            }
        }

        private void end() {
            log.add("a call ends");
            running--;
            permits.release();
        }

        private void update(Line line) {
            if (line.closed) {
                return;
            }
            double rate = List.of(0.5, 1.0, 2.0).get(random.nextInt(3));
            refill(line);
            if (rate < line.rate) {
                line.level = line.level * rate / line.rate;
            }
            line.rate = rate;
            log.add("rate of " + line.number + " is " + rate);
            line.bucket.update(BucketUpdate.none().rate(rate));
            line.level = Math.min(line.level, MAX);
        }

        /** What is wrong here is told later, as the line takes no notice of it. */
        void ended(InLine waiter, Waiter.End end) {
            try {
                checkEnd(waiter, end);
            } catch (AssertionError e) {
                wrong = wrong == null ? e : wrong;
            }
        }

        private void checkEnd(InLine waiter, Waiter.End end) {
            log.add(waiter + " is " + end);
            Line line = waiter.line;
            if (end == Waiter.End.GRANTED) {
                check(line.waiting.get(0) == waiter, "first come, first served");
                granted(line, waiter.tokens());
                gone(waiter);
                if (waiter.endsAtOnce) {
                    end(); // re-enters the drains
                }
            } else {
                check(end == (line.closed ? Waiter.End.CLOSED : Waiter.End.TIMED_OUT), "its end");
                gone(waiter);
            }
        }

        private void gone(InLine waiter) {
            check(waiter.line.waiting.remove(waiter), "in line");
            waiter.line.passed = null; // another head, that may have to wait for tokens first
        }

        private void granted(Line line, double tokens) {
            refill(line);
            running++;
            check(running <= permits.limit(), "more than there are slots");
            check(line.level >= tokens - 1e-6, "unpaid: " + line.level);
            line.level -= tokens;
            for (Line other : lines) {
                if (other != line && other.passed != null) {
                    check(++other.passed[line.number] <= 1, "line " + other.number + " is passed again");
                }
            }
            line.passed = null;
        }

        private void refill(Line line) {
            long now = time.nanoTime();
            line.level = Math.min(MAX, line.level + (now - line.at) / TOKEN * line.rate);
            line.at = now;
        }

        private void settled() {
            if (wrong != null) {
                throw wrong;
            }
            check(permits.inUse() == running, "slots in use: " + permits + ", running " + running);
            int ready = 0;
            for (Line line : lines) {
                refill(line);
                if (line.closed) {
                    line.passed = null;
                    continue;
                }
                check(
                        Math.abs(line.bucket.availableTokens() - Math.max(0, line.level)) < 1e-6,
                        "line " + line.number + " has " + line.bucket.availableTokens() + ", not " + line.level);
                check(line.bucket.waiters() == line.waiting.size(), "waiters");
                boolean isReady = !line.waiting.isEmpty()
                        && line.level >= line.waiting.get(0).tokens() - 1e-9;
                if (isReady) {
                    ready++;
                    check(running == permits.limit(), "line " + line.number + " waits beside a free slot");
                    line.passed = line.passed == null ? new int[lines.length] : line.passed;
                } else {
                    line.passed = null;
                    if (!line.waiting.isEmpty()) {
                        double due = (line.waiting.get(0).tokens() - line.level) * TOKEN / line.rate;
                        check(time.untilNext() <= due + 3, "no timer for line " + line.number);
                    }
                }
            }
            check(permits.waiters() == ready, "a place for each line that is ready: " + permits + ", ready " + ready);
        }

        private static void check(boolean ok, String what) {
            if (!ok) {
                throw new AssertionError(what);
            }
        }
    }
}
