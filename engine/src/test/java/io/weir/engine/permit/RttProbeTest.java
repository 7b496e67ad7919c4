package io.weir.engine.permit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** What a probe learns of latency, and when it begins and ends. */
class RttProbeTest {
    private static final int BUSY = 1_000_000; // in flight

    private final double[] memory = new double[RttProbe.MEMORY];
    private final LimitWindow window = new LimitWindow();

    private LimitWindow took(double nanos, int calls) {
        return window.set(calls, nanos, (long) nanos, 0, BUSY);
    }

    private LimitWindow failing() {
        return window.set(5, 100, 100, 5, BUSY);
    }

    private double learnt(double averageNanos, double calls) {
        RttProbe.learn(averageNanos, calls, memory);
        return RttProbe.noLoad(memory);
    }

    @Test
    void measurementsThatAgreeAreAveragedByTheirCalls() {
        assertThat(learnt(100, 1_000)).isEqualTo(100);
        assertThat(learnt(102, 1_000)).isEqualTo(101);
        assertThat(learnt(104, 1_000)).as("2,000 calls before it").isEqualTo(102);
        assertThat(learnt(105, 1_000)).as("never more than 2,000").isEqualTo(103);
    }

    @Test
    void aMeasurementThatDiffersByMoreThanChanceTakesThePlaceOfWhatWasKnown() {
        learnt(100, 1_000);
        learnt(100, 1_000);
        assertThat(learnt(120, 1_000)).as("slower").isEqualTo(120);
        assertThat(learnt(122, 1_000)).as("of as many calls now").isEqualTo(121);
        assertThat(learnt(90, 1_000)).as("faster").isEqualTo(90);
        assertThat(learnt(92, 1_000)).isEqualTo(91);
    }

    @Test
    void theFewerCallsTheMoreMayBeChance() {
        learnt(100, 16); // 4 standard errors of 16 calls are all of it
        assertThat(learnt(200, 16)).isEqualTo(150);
        assertThat(learnt(301, 32)).as("the smaller number counts").isEqualTo(301);
    }

    @Test
    void noCallsTeachNothing() {
        assertThat(learnt(500, 0)).isZero();
        learnt(100, 1_000);
        assertThat(learnt(500, 0)).isEqualTo(100);
        assertThat(learnt(102, 1_000)).isEqualTo(101);
    }

    @Test
    void aWindowIsFasterIfItIsByMoreThanChanceAndCountsHalf() {
        learnt(100, 10_000);
        RttProbe.learnIfFaster(took(96, 10_000), memory); // 4 hundredths are chance
        assertThat(RttProbe.noLoad(memory)).isEqualTo(100);
        RttProbe.learnIfFaster(took(95, 10_000), memory);
        assertThat(RttProbe.noLoad(memory)).isEqualTo(97.5);
        RttProbe.learnIfFaster(took(200, 10_000), memory);
        assertThat(RttProbe.noLoad(memory)).isEqualTo(97.5);
        RttProbe.learnIfFaster(took(50, 1_000), memory);
        assertThat(learnt(75.75, 1_000))
                .as("of as many calls as the window had")
                .isCloseTo(74.75, within(1e-9));
    }

    /** A probe that halves the limit at the second full window. */
    private RttProbe drained(double limit) {
        RttProbe probe = new RttProbe(1);
        assertThat(probe.next(limit, took(100, 10), memory)).isZero();
        assertThat(probe.next(limit, took(100, 10), memory)).isEqualTo(limit / 2);
        assertThat(probe.next(limit / 2, took(900, 10), memory))
                .as("the queue drains")
                .isEqualTo(limit / 2);
        return probe;
    }

    @Test
    void whatIsMeasuredIsTheAverageOfAllCallsOfItsWindows() {
        RttProbe probe = drained(100);
        assertThat(probe.next(50, took(100, 300), memory)).isEqualTo(50);
        assertThat(probe.next(50, took(200, 600), memory)).isEqualTo(50);
        assertThat(probe.next(50, took(150, 100), memory))
                .as("a thousand are enough")
                .isEqualTo(100);
        assertThat(RttProbe.noLoad(memory)).isCloseTo((300 * 100.0 + 600 * 200 + 100 * 150) / 1_000, within(1e-9));
    }

    @Test
    void aCallLessThanAThousandIsNotEnough() {
        RttProbe probe = drained(100);
        assertThat(probe.next(50, took(100, 999), memory)).isEqualTo(50);
        assertThat(probe.next(50, took(100, 1), memory)).isEqualTo(100);
    }

    @Test
    void aProbeThatFailsIsNotTakenUpAgainBeforeItsTime() {
        RttProbe probe = new RttProbe(2);
        probe.next(100, took(100, 10), memory);
        probe.next(100, took(100, 10), memory);
        assertThat(probe.next(100, took(100, 10), memory)).isEqualTo(50);
        assertThat(probe.next(50, failing(), memory)).isZero();
        assertThat(probe.next(50, took(100, 10), memory)).isZero();
        assertThat(probe.next(50, took(100, 10), memory))
                .as("two windows later")
                .isEqualTo(25);
    }

    @Test
    void withoutAnIntervalItNeverProbes() {
        RttProbe probe = new RttProbe(0);
        for (int i = 0; i < 100; i++) {
            assertThat(probe.next(i < 50 ? 100 : 10, took(100, 10), memory)).isZero();
        }
    }

    @Test
    void aLimitOfTwoIsHalvedAndASmallerOneIsNot() {
        RttProbe probe = new RttProbe(1);
        probe.next(1.9, took(100, 10), memory);
        assertThat(probe.next(1.9, took(100, 10), memory)).isZero();
        assertThat(probe.next(2, took(100, 10), memory)).isEqualTo(1);
    }

    @Test
    void aLimitThatHasFallenByMoreThanHalfIsMeasuredAtOnce() {
        RttProbe probe = new RttProbe(60);
        probe.next(100, took(100, 10), memory);
        assertThat(probe.next(50, took(100, 10), memory)).as("half").isZero();
        assertThat(probe.next(49, took(100, 10), memory)).isEqualTo(24.5);
    }
}
