package io.weir.engine.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.testing.StrangeClock;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a breaker promises under any clock, whatever it counts with. {@code -Dweir.clock.base=…} gives other seeds. */
class BreakerStrangeClockTest {
    private static final long BASE = Long.getLong("weir.clock.base", 20260101);
    private static final int SCHEDULES = Integer.getInteger("weir.clock.schedules", 200);
    private static final long RECOVERY = 3 * StrangeClock.SECOND;

    static Stream<DetectorConfig> detections() {
        return Stream.of(
                DetectorConfig.consecutive(5),
                DetectorConfig.cumulative(5),
                DetectorConfig.countWindow(20, 0.5, 5),
                DetectorConfig.timeWindow(10 * StrangeClock.SECOND, 0.5, 5));
    }

    private static Breaker breaker(StrangeClock clock, DetectorConfig detection) {
        return new Breaker(
                clock,
                BreakerConfig.builder()
                        .detection(detection)
                        .recoveryNanos(RECOVERY)
                        .trialTimeoutNanos(StrangeClock.HOUR * 1_000)
                        .build());
    }

    private static boolean fails(Breaker breaker) {
        long permit = breaker.tryAcquire();
        if (permit < 0) {
            return false;
        }
        assertThat(breaker.begin(permit)).isTrue();
        breaker.onFailure(permit, 1);
        return true;
    }

    @ParameterizedTest
    @MethodSource("detections")
    void fiveFailuresOpenItWhileTheClockStandsStillOrStepsBack(DetectorConfig detection) {
        for (int i = 0; i < SCHEDULES; i++) {
            SplittableRandom random = new SplittableRandom(BASE + i);
            StrangeClock clock = new StrangeClock(random);
            clock.beyond(2 * StrangeClock.HOUR);
            Breaker breaker = breaker(clock, detection);
            for (int n = 0; n < 5; n++) {
                assertThat(breaker.state()).as("seed %d", BASE + i).isEqualTo(BreakerState.CLOSED);
                assertThat(fails(breaker)).isTrue();
                clock.back(random.nextLong(StrangeClock.SECOND));
            }
            assertThat(breaker.state()).as("seed %d", BASE + i).isEqualTo(BreakerState.OPEN);
        }
    }

    @ParameterizedTest
    @MethodSource("detections")
    void anOpenOneAdmitsNobodyBeforeItsRecoveryTimeAndItsTrialAfterIt(DetectorConfig detection) {
        for (int i = 0; i < SCHEDULES; i++) {
            long seed = BASE + i;
            SplittableRandom random = new SplittableRandom(seed);
            StrangeClock clock = new StrangeClock(random);
            Breaker breaker = breaker(clock, detection);
            for (int round = 0; round < 20; round++) {
                while (breaker.state() == BreakerState.CLOSED) {
                    assertThat(fails(breaker)).isTrue();
                }
                long openedAt = clock.sinceStart();
                boolean admitted = false;
                for (int n = 0; n < 50 && !admitted; n++) {
                    clock.move();
                    long permit = breaker.tryAcquire();
                    admitted = permit >= 0;
                    assertThat(admitted)
                            .as(
                                    "seed %d, round %d: admitted %d ns after it opened",
                                    seed, round, clock.sinceStart() - openedAt)
                            .isEqualTo(clock.sinceStart() - openedAt >= RECOVERY);
                    succeedIf(admitted, breaker, permit);
                }
                if (!admitted) {
                    clock.beyond(RECOVERY);
                    succeedIf(true, breaker, breaker.tryAcquire());
                }
                assertThat(breaker.state()).as("seed %d, round %d", seed, round).isEqualTo(BreakerState.CLOSED);
            }
        }
    }

    private static void succeedIf(boolean admitted, Breaker breaker, long permit) {
        if (admitted) {
            assertThat(Breaker.isTrial(permit)).isTrue();
            assertThat(breaker.begin(permit)).isTrue();
            breaker.onSuccess(permit, 1);
        }
    }
}
