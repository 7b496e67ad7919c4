package io.weir.engine.permit;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.bucket.Waiter;
import io.weir.engine.testing.ManualTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** P1 to P5 of {@link Permits}: random calls and clock steps against a model with a plain queue; each schedule is its seed's. */
class PermitsSimulationTest {
    private static final int SCHEDULES = 100_000;
    private static final int STEPS = 40;

    @Test
    void everyScheduleDoesWhatTheModelDoes() {
        for (int seed = 0; seed < SCHEDULES; seed++) {
            new Schedule(seed).run();
        }
    }

    private static final class InLine extends Waiter {
        final Schedule in;
        final int id;
        final boolean timed;
        final long deadline;
        final boolean releasesAtOnce;

        InLine(Schedule in, int id, long timeout, boolean releasesAtOnce) {
            super(1);
            this.in = in;
            this.id = id;
            this.timed = timeout != Long.MAX_VALUE;
            this.deadline = in.time.nanoTime() + timeout;
            this.releasesAtOnce = releasesAtOnce;
        }

        @Override
        protected void onEnd(End end) {
            in.log.add(id + " " + end);
            if (end == End.GRANTED && releasesAtOnce) {
                in.permits.release(); // re-enters the drain
            }
        }
    }

    private static final class Schedule {
        private final int seed;
        private final Random random;
        private final ManualTime time = new ManualTime(Long.MAX_VALUE - 50); // the clock wraps on the way
        private final Permits permits;
        private final int maxWaiters;
        private final List<String> log = new ArrayList<>();
        private final List<InLine> all = new ArrayList<>();

        // The model.
        private final Deque<InLine> line = new ArrayDeque<>();
        private final List<String> expected = new ArrayList<>();
        private int limit;
        private int inUse;
        private boolean closed;

        Schedule(int seed) {
            this.seed = seed;
            random = new Random(seed);
            limit = 1 + random.nextInt(3);
            maxWaiters = random.nextInt(6);
            permits = new Permits(time, time, limit, maxWaiters);
        }

        void run() {
            for (int step = 0; step < STEPS && !closed; step++) {
                switch (random.nextInt(closing(step) ? 9 : 8)) {
                    case 0 -> tryAcquire();
                    case 1, 2 -> acquire();
                    case 3, 4 -> release();
                    case 5 -> cancel();
                    case 6 -> resize();
                    case 7 -> advance(random.nextInt(20));
                    default -> close();
                }
                compare();
            }
            while (inUse > 0) {
                release();
                compare();
            }
        }

        private static boolean closing(int step) {
            return step > STEPS / 2;
        }

        private void tryAcquire() {
            boolean granted = line.isEmpty() && inUse < limit;
            check(permits.tryAcquire(), granted);
            if (granted) {
                inUse++;
            }
        }

        private void acquire() {
            long timeout = random.nextBoolean() ? Long.MAX_VALUE : random.nextInt(30);
            InLine waiter = new InLine(this, all.size(), timeout, random.nextInt(4) == 0);
            long got = permits.acquire(waiter, timeout);
            if (line.isEmpty() && inUse < limit) {
                check(got, 0L);
                inUse++;
            } else if (timeout == 0 || line.size() == maxWaiters) {
                check(got, Permits.REFUSED);
            } else {
                check(got, Permits.QUEUED);
                all.add(waiter);
                line.add(waiter);
            }
        }

        private void release() {
            if (inUse > 0) {
                permits.release();
                inUse--;
                grant();
            }
        }

        private void cancel() {
            if (!all.isEmpty()) {
                InLine waiter = all.get(random.nextInt(all.size()));
                check(permits.cancel(waiter), line.remove(waiter));
            }
        }

        private void resize() {
            limit = 1 + random.nextInt(4);
            permits.resize(limit);
            grant();
        }

        private void advance(long nanos) {
            long end = time.nanoTime() + nanos;
            time.advance(nanos);
            // Those whose time has come leave in the order of their deadlines, then of their arrival; nobody is granted
            // for it.
            List<InLine> out = new ArrayList<>(line);
            out.removeIf(waiter -> !waiter.timed || waiter.deadline - end > 0);
            out.sort((a, b) -> Long.compare(a.deadline - b.deadline, 0));
            for (InLine waiter : out) {
                line.remove(waiter);
                expected.add(waiter.id + " " + Waiter.End.TIMED_OUT);
            }
        }

        private void close() {
            permits.close();
            closed = true;
            for (InLine waiter : line) {
                expected.add(waiter.id + " " + Waiter.End.CLOSED);
            }
            line.clear();
        }

        private void grant() {
            while (inUse < limit && !line.isEmpty()) {
                InLine waiter = line.remove();
                expected.add(waiter.id + " " + Waiter.End.GRANTED);
                if (!waiter.releasesAtOnce) {
                    inUse++;
                }
            }
        }

        private void compare() {
            check(log, expected);
            check(permits.inUse(), inUse);
            check(permits.limit(), limit);
            check(permits.waiters(), line.size());
        }

        private void check(Object actual, Object wanted) {
            if (!actual.equals(wanted)) {
                assertThat(actual).as("seed %d, after %s", seed, log).isEqualTo(wanted);
            }
        }
    }
}
