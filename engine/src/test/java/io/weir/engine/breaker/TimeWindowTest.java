package io.weir.engine.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.testing.AllocationMeter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** V1, V2, V3, V4 of {@link TimeWindow}, and clocks that misbehave. */
class TimeWindowTest {
    private static final long SLICE = 1_000_000;
    private static final long DURATION = 10 * SLICE;
    private static final long SLOW = 100;
    private static final WindowLimits NEVER = new WindowLimits(1, 2.0, SLOW, 2.0); // a rate that nothing reaches

    private final ScriptedClock clock = new ScriptedClock().at(Long.MAX_VALUE - 3 * SLICE); // it wraps under way
    private TimeWindow window = new TimeWindow(DURATION, NEVER);

    private boolean succeed() {
        return window.onSuccess(SLOW - 1, clock);
    }

    private boolean fail() {
        return window.onFailure(SLOW - 1, clock);
    }

    /** The contract in plain code, with the slices where the window has them: by the first outcome's time. */
    private static final class Model {
        private record Outcome(long slice, boolean failed, boolean slow) {}

        private final WindowLimits limits;
        private final Deque<Outcome> outcomes = new ArrayDeque<>();
        private long elapsed; // since the first outcome; never goes back
        private boolean tripped;

        Model(WindowLimits limits) {
            this.limits = limits;
        }

        boolean record(long at, boolean failed, boolean slow) {
            if (!tripped) {
                elapsed = Math.max(elapsed, at);
                long slice = elapsed / SLICE;
                outcomes.add(new Outcome(slice, failed, slow));
                outcomes.removeIf(each -> each.slice <= slice - 10);
                double total = outcomes.size();
                tripped = total >= limits.minimumCalls
                        && (count(true, false) / total >= limits.failureRate
                                || count(false, true) / total >= limits.slowCallRate);
            }
            return tripped;
        }

        private long count(boolean failed, boolean slow) {
            return outcomes.stream()
                    .filter(each -> failed && each.failed || slow && each.slow)
                    .count();
        }

        @Override
        public String toString() {
            return outcomes.size() + "/" + count(true, false) + "/" + count(false, true);
        }
    }

    @Test
    void holdsTheOutcomesOfItsTenSlicesWhateverTheClockDoes() {
        long seed = Long.getLong("weir.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 100; round++) {
            WindowLimits limits = random.nextBoolean()
                    ? NEVER
                    : new WindowLimits(
                            1 + random.nextInt(20),
                            (1 + random.nextInt(20)) / 20.0,
                            SLOW,
                            (1 + random.nextInt(20)) / 20.0);
            window = new TimeWindow(DURATION, limits);
            Model model = new Model(limits);
            long start = random.nextLong();
            clock.at(start);
            double failing = random.nextDouble();
            for (int i = 0; i < 200; i++) {
                boolean isFailed = random.nextDouble() < failing;
                boolean isSlow = random.nextInt(8) == 0;
                boolean expected = model.record(clock.now - start, isFailed, isSlow);
                long duration = isSlow ? SLOW : -1;
                assertThat(isFailed ? window.onFailure(duration, clock) : window.onSuccess(duration, clock))
                        .as("seed %d, round %d, outcome %d", seed, round, i)
                        .isEqualTo(expected);
                assertThat(window.toString())
                        .as("seed %d, round %d, outcome %d", seed, round, i)
                        .startsWith(model + " +");
                clock.advance(
                        switch (random.nextInt(8)) {
                            case 0, 1, 2 -> 0;
                            case 3, 4 -> random.nextLong(SLICE);
                            case 5 -> random.nextLong(4 * SLICE);
                            case 6 -> -random.nextLong(Math.max(1, Math.min(2 * DURATION, clock.now - start)));
                            default -> random.nextInt(10) == 0 ? random.nextLong(1L << 60) : SLICE;
                        });
                if (clock.now - start < 0) {
                    clock.at(start);
                }
            }
        }
    }

    @Test
    void anOutcomeCountsForNineSlicesAndForNoMoreThanTen() {
        clock.advance(0);
        succeed(); // slices begin here
        clock.advance(SLICE - 1);
        fail();
        clock.advance(9 * SLICE);
        succeed();
        assertThat(window.toString()).as("9 slices on").startsWith("3/1/0");
        clock.advance(1);
        succeed();
        assertThat(window.toString()).as("a nanosecond later").startsWith("2/0/0");

        clock.advance(100 * DURATION);
        fail();
        clock.advance(10 * SLICE - 1);
        succeed();
        assertThat(window.toString()).as("all but 10 slices on").startsWith("2/1/0");
        clock.advance(1);
        succeed();
        assertThat(window.toString()).as("10 slices on").startsWith("2/0/0");
    }

    @Test
    void aClockThatStandsCountsAllInOneSlice() {
        assertThat(window).hasToString("0/0/0");
        for (int i = 0; i < 1_000; i++) {
            succeed();
        }
        assertThat(window).hasToString("1000/0/0 +0");
    }

    @Test
    void aClockThatStepsBackGoesOnInThePresentSlice() {
        succeed();
        clock.advance(5 * SLICE);
        fail();
        clock.advance(-1_000 * DURATION);
        fail();
        assertThat(window).hasToString("3/2/0 +1");
        clock.advance(1_000 * DURATION + SLICE);
        succeed();
        assertThat(window).hasToString("4/2/0 +2");
    }

    @Test
    void aClockThatJumpsForgetsAll() {
        for (long jump : new long[] {DURATION, 365 * 86_400_000_000_000L, 1L << 62, Long.MAX_VALUE - SLICE}) {
            fail();
            clock.advance(jump);
            succeed();
            assertThat(window).as("after %d ns", jump).hasToString("1/0/0 +0");
        }
    }

    @Test
    void aSuccessMayBeTheOneThatReachesMinimumCalls() {
        window = new TimeWindow(DURATION, new WindowLimits(3, 0.3, SLOW, 1.0));
        assertThat(fail()).isFalse();
        assertThat(succeed()).isFalse();
        assertThat(succeed()).isTrue();
    }

    @Test
    void successesThatLeaveTheWindowRaiseTheRate() {
        window = new TimeWindow(DURATION, new WindowLimits(2, 0.5, SLOW, 1.0));
        for (int i = 0; i < 10; i++) {
            succeed();
        }
        clock.advance(5 * SLICE);
        assertThat(fail()).isFalse();
        clock.advance(5 * SLICE);
        assertThat(succeed()).as("one failure and one success are left").isTrue();
        clock.advance(100 * DURATION);
        assertThat(succeed()).as("final").isTrue();
    }

    @Test
    void slowCallsTripItWhetherTheySucceedOrFail() {
        window = new TimeWindow(DURATION, new WindowLimits(4, 1.0, SLOW, 0.5));
        assertThat(window.onSuccess(SLOW, clock)).isFalse();
        assertThat(window.onSuccess(SLOW - 1, clock)).isFalse();
        assertThat(window.onSuccess(-1, clock)).isFalse();
        assertThat(window.onFailure(SLOW, clock)).isTrue();
    }

    @Test
    void aThreadThatStallsBetweenItsClockReadingAndItsCASLosesNothing() {
        succeed();
        clock.advance(SLICE);
        clock.atNextReading(() -> {
            clock.advance(2 * SLICE);
            fail(); // another thread, two slices later, is first
        });
        succeed();
        assertThat(window).hasToString("3/1/0 +1");
    }

    @Test
    void aThreadThatStallsAcrossTheEndOfASliceJudgesByWhatIsThereNow() {
        window = new TimeWindow(DURATION, new WindowLimits(3, 1.0, SLOW, 1.0));
        fail();
        clock.atNextReading(() -> {
            clock.advance(SLICE);
            assertThat(fail()).isFalse(); // another thread, in the next slice
        });
        assertThat(fail()).as("three of three, in two slices").isTrue();
        assertThat(window).hasToString("3/3/0 +1!");
    }

    @Test
    void itHoldsNoMoreThanTenSlices() {
        for (int i = 0; i < 1_000; i++) {
            clock.advance(SLICE);
            succeed();
        }
        assertThat(window).hasToString("10/0/0 +9");
    }

    @Test
    void threadsLoseNoOutcomeWhileTheWindowMovesOn() throws InterruptedException {
        int each = 20_000;
        TimeWindow shared = new TimeWindow(100_000_000_000L * 10, NEVER);
        // The clock passes eight slices while they record, so that none leaves the window.
        AtomicBoolean going = new AtomicBoolean(true);
        ManualClock moving = new ManualClock();
        Thread mover = new Thread(() -> {
            for (int i = 0; i < 8 && going.get(); i++) {
                moving.now += 100_000_000_000L;
                Thread.yield();
            }
        });
        Thread[] all = new Thread[3];
        for (int t = 0; t < all.length; t++) {
            boolean fails = t == 0;
            all[t] = new Thread(() -> {
                for (int i = 0; i < each; i++) {
                    if (fails) {
                        shared.onFailure(SLOW, moving);
                    } else {
                        shared.onSuccess(-1, moving);
                    }
                }
            });
            all[t].start();
        }
        mover.start();
        for (Thread thread : all) {
            thread.join();
        }
        going.set(false);
        mover.join();
        assertThat(shared.toString()).startsWith(3 * each + "/" + each + "/" + each + " +");
    }

    private static final class ManualClock implements org.agrona.concurrent.NanoClock {
        volatile long now;

        @Override
        public long nanoTime() {
            return now;
        }
    }

    @Test
    void recordingAllocatesNothingWithinASlice() {
        assertThat(AllocationMeter.leastBytes(100_000, () -> {
                    succeed();
                    fail();
                }))
                .isLessThan(1_000);
    }

    @Test
    void aSliceTakesLittleHoweverManyCallsThereAre() {
        long bytes = AllocationMeter.leastBytes(1_000, () -> {
                    clock.advance(SLICE);
                    succeed();
                })
                / 1_000;
        assertThat(bytes).as("bytes a slice").isLessThan(400);
    }
}
