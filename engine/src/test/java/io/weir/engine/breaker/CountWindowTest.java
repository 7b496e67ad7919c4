package io.weir.engine.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.testing.AllocationMeter;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.NanoClock;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** W2, W3, W4, W5 and the wrap of {@link CountWindow}. */
class CountWindowTest {
    private static final long SLOW = 100;
    private static final WindowLimits NEVER = new WindowLimits(1, 2.0, SLOW, 2.0); // a rate that nothing reaches
    private static final NanoClock CLOCK = new ScriptedClock();

    /** The contract, in plain code: the last N, and a verdict after each. */
    private static final class LastN {
        private final int size;
        private final WindowLimits limits;
        private final Deque<boolean[]> outcomes = new ArrayDeque<>();
        private boolean tripped;

        LastN(int size, WindowLimits limits) {
            this.size = size;
            this.limits = limits;
        }

        boolean record(boolean failed, boolean slow) {
            if (!tripped) {
                outcomes.addLast(new boolean[] {failed, slow});
                if (outcomes.size() > size) {
                    outcomes.removeFirst();
                }
                int total = outcomes.size();
                tripped = total >= limits.minimumCalls
                        && (count(0) / (double) total >= limits.failureRate
                                || count(1) / (double) total >= limits.slowCallRate);
            }
            return tripped;
        }

        private long count(int which) {
            return outcomes.stream().filter(outcome -> outcome[which]).count();
        }

        @Override
        public String toString() {
            return outcomes.size() + "/" + count(0) + "/" + count(1) + (tripped ? "!" : "");
        }
    }

    private static boolean record(FailureDetector window, boolean failed, boolean slow) {
        long duration = slow ? SLOW : SLOW - 1;
        return failed ? window.onFailure(duration, CLOCK) : window.onSuccess(duration, CLOCK);
    }

    @Test
    void holdsTheLastNWhateverComesAndWhereverTheHintIs() {
        long seed = Long.getLong("weir.seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 100; round++) {
            int size = 1 + random.nextInt(random.nextBoolean() ? 4 : 70);
            boolean trips = random.nextBoolean();
            WindowLimits limits = trips
                    ? new WindowLimits(
                            1 + random.nextInt(size),
                            (1 + random.nextInt(20)) / 20.0,
                            SLOW,
                            (1 + random.nextInt(20)) / 20.0)
                    : NEVER;
            // Two to three lap bits: it wraps every few laps.
            CountWindow window = new CountWindow(size, limits, random.nextBoolean() ? 2 + random.nextInt(2) : 64);
            LastN model = new LastN(size, limits);
            double failing = random.nextDouble() * (random.nextBoolean() ? 0.05 : 1);
            double slow = random.nextDouble() * 0.1;
            for (int i = 0; i < 400; i++) {
                if (random.nextInt(10) == 0) {
                    window.misplaceHint(random.nextInt(size));
                }
                boolean isFailed = random.nextDouble() < failing;
                boolean isSlow = random.nextDouble() < slow;
                boolean expected = model.record(isFailed, isSlow);
                assertThat(record(window, isFailed, isSlow))
                        .as("seed %d, round %d, size %d, outcome %d", seed, round, size, i)
                        .isEqualTo(expected);
                assertThat(window)
                        .as("seed %d, round %d, size %d, outcome %d", seed, round, size, i)
                        .hasToString(model.toString());
            }
        }
    }

    @Test
    void aMillionCallsAreHeldExactly() {
        CountWindow window = new CountWindow(CountWindow.MAX_SIZE, NEVER);
        for (int i = 0; i < 2_500_000; i++) {
            record(window, i % 3 == 0, i % 5 == 0);
            if (i % 500_000 == 0) {
                window.misplaceHint(i % 7 * 100_000);
            }
        }
        int from = 1_500_000;
        int failures = 0;
        int slow = 0;
        for (int i = from; i < 2_500_000; i++) {
            failures += i % 3 == 0 ? 1 : 0;
            slow += i % 5 == 0 ? 1 : 0;
        }
        assertThat(window).hasToString("1000000/" + failures + "/" + slow);
    }

    @Test
    void aWindowWithFewLapsReallyWraps() {
        int size = 5;
        CountWindow window = new CountWindow(size, NEVER, 3); // laps 1 to 7, then 2 again
        long[] afterLap = new long[12];
        for (int lap = 1; lap < afterLap.length; lap++) {
            for (int i = 0; i < size; i++) {
                record(window, true, false);
            }
            afterLap[lap] = window.fingerprint();
        }
        assertThat(Arrays.copyOfRange(afterLap, 1, 8)).doesNotHaveDuplicates();
        assertThat(Arrays.copyOfRange(afterLap, 8, 12)).isEqualTo(Arrays.copyOfRange(afterLap, 2, 6));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8, 9, 100})
    void aSuccessWritesNothingWhileTheWindowIsFullOfThem(int size) {
        CountWindow window = new CountWindow(size, NEVER);
        for (int i = 0; i < size; i++) {
            long before = window.fingerprint();
            record(window, false, false);
            assertThat(window.fingerprint()).isNotEqualTo(before);
        }
        long full = window.fingerprint();
        for (int i = 0; i < 3 * size; i++) {
            record(window, false, false);
        }
        assertThat(window.fingerprint()).isEqualTo(full);
        record(window, true, false);
        assertThat(window).hasToString(size + "/1/0");
        for (int i = 0; i < size; i++) {
            record(window, false, false);
        }
        full = window.fingerprint();
        record(window, false, false);
        assertThat(window.fingerprint()).as("quiet again after N successes").isEqualTo(full);
        assertThat(window).hasToString(size + "/0/0");
    }

    @Test
    void theRateIsReachedAsItWasWritten() {
        for (int percent = 1; percent <= 100; percent++) {
            WindowLimits limits = new WindowLimits(100, percent / 100.0, Long.MAX_VALUE, Double.POSITIVE_INFINITY);
            assertThat(limits.reached(100, percent, 0)).as("%d of 100", percent).isTrue();
            assertThat(limits.reached(100, percent - 1, 0))
                    .as("%d of 100", percent - 1)
                    .isFalse();
        }
    }

    @Test
    void aSuccessMayBeTheOneThatReachesMinimumCalls() {
        CountWindow window = new CountWindow(10, new WindowLimits(4, 0.5, SLOW, 1.0));
        assertThat(record(window, true, false)).isFalse();
        assertThat(record(window, true, false)).isFalse();
        assertThat(record(window, false, false)).isFalse();
        assertThat(record(window, false, false)).isTrue();
        assertThat(record(window, false, false)).as("and for ever").isTrue();
        assertThat(window).hasToString("4/2/0!");
    }

    @Test
    void aCallOfUnknownDurationIsNotSlow() {
        CountWindow window = new CountWindow(2, new WindowLimits(1, 1.0, 1, 0.5));
        assertThat(window.onSuccess(-1, CLOCK)).isFalse();
        assertThat(window.onSuccess(0, CLOCK)).isFalse();
        assertThat(window.onSuccess(1, CLOCK)).isTrue();
    }

    @Test
    void manyThreadsLoseNoOutcome() throws InterruptedException {
        int each = 5_000;
        for (int size : new int[] {1, 3, 64, 1_000, 4 * each}) { // the last is full only if none is lost
            CountWindow window = new CountWindow(size, NEVER);
            run(4, thread -> {
                for (int i = 0; i < each; i++) {
                    record(window, true, thread % 2 == 0);
                }
            });
            assertThat(window.toString()).startsWith(size + "/" + size + "/");
            for (int i = 0; i < size; i++) {
                record(window, false, false);
            }
            assertThat(window).as("sums are back at 0: none drifted").hasToString(size + "/0/0");
        }
    }

    @Test
    @Tag("slow")
    void manyThreadsThatCrossTheRateMakeOneTransition() throws InterruptedException {
        for (int round = 0; round < 200; round++) {
            Breaker breaker = new Breaker(
                    CLOCK,
                    BreakerConfig.builder()
                            .detection(DetectorConfig.countWindow(100, 0.5, 40))
                            .build());
            long permit = breaker.tryAcquire();
            run(4, thread -> {
                for (int i = 0; i < 10; i++) {
                    if (thread % 2 == 0) {
                        breaker.onFailure(permit, 1);
                    } else {
                        breaker.onSuccess(permit, 1);
                    }
                }
            });
            assertThat(breaker.state()).isEqualTo(BreakerState.OPEN);
            assertThat(breaker.metrics().transitions()).isEqualTo(1);
        }
    }

    private interface Work {
        void run(int thread);
    }

    private static void run(int threads, Work work) throws InterruptedException {
        CountDownLatch ready = new CountDownLatch(threads);
        AtomicInteger done = new AtomicInteger();
        Thread[] all = new Thread[threads];
        for (int t = 0; t < threads; t++) {
            int thread = t;
            all[t] = new Thread(() -> {
                ready.countDown();
                while (ready.getCount() > 0) {
                    Thread.onSpinWait();
                }
                work.run(thread);
                done.incrementAndGet();
            });
            all[t].start();
        }
        for (Thread each : all) {
            each.join();
        }
        assertThat(done).hasValue(threads);
    }

    @Test
    void recordingAllocatesNothing() {
        CountWindow window = new CountWindow(100, NEVER);
        int[] count = new int[1];
        assertThat(AllocationMeter.leastBytes(100_000, () -> {
                    count[0]++;
                    record(window, count[0] % 7 == 0, count[0] % 5 == 0);
                }))
                .isLessThan(1_000);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 10_000, 1_000_000})
    void itTakesEightBytesAnOutcomeAndALittle(int size) {
        FailureDetector[] sink = new FailureDetector[1];
        DetectorConfig config = DetectorConfig.countWindow(size, 0.5, 1);
        long bytes = AllocationMeter.leastBytes(10, () -> sink[0] = config.newDetector()) / 10;
        assertThat(bytes).isBetween(8L * size, 8L * size + 400 + 100); // 100: the two readings, spread over ten
    }
}
