package io.weir.engine.permit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Each rule of each algorithm, by windows written out. */
class LimitAlgorithmsTest {
    private static final double MS = 1_000_000;
    private static final int CALLS = 10_000;

    private final LimitWindow window = new LimitWindow();

    private LimitWindow took(double millis, int inFlight) {
        return window.set(CALLS, millis * MS, (long) (millis * MS), 0, inFlight);
    }

    private LimitWindow dropped(int samples, double millis, int drops, int inFlight) {
        return window.set(samples, millis * MS, (long) (millis * MS), drops, inFlight);
    }

    private static double[] memoryOf(LimitAlgorithm algorithm) {
        return new double[algorithm.memorySize()];
    }

    // ---- AIMD

    @Test
    void aimdAddsOneAfterAGoodWindowAndTakesATenthAfterADropOrALatencyAboveItsThreshold() {
        AimdLimit aimd = new AimdLimit(0.9, (long) (100 * MS));
        assertThat(aimd.next(50, took(100, 50), new double[0])).isEqualTo(51);
        assertThat(aimd.next(50, took(100.1, 50), new double[0])).isEqualTo(45);
        assertThat(aimd.next(50, dropped(1_000, 10, 1, 50), new double[0])).isEqualTo(45);
        assertThat(aimd.next(50, dropped(0, 1, 1, 50), new double[0])).isEqualTo(45);
    }

    @Test
    void withoutACallTheAverageMeansNothingToAimd() {
        assertThat(new AimdLimit(0.9, 1).next(50, dropped(0, 100, 0, 50), new double[0]))
                .isEqualTo(51);
    }

    // ---- Vegas

    @Test
    void aQueueOfExactlyAlphaOrBetaIsEnough() {
        for (int limit : new int[] {6, 12}) { // half of it is queue
            VegasLimit vegas = new VegasLimit();
            double[] memory = memoryOf(vegas);
            vegas.next(limit, took(100, limit), memory);
            assertThat(vegas.next(limit, took(200, limit), memory)).isEqualTo(limit);
        }
    }

    @Test
    void vegasKeepsTheQueueBetweenAlphaAndBeta() {
        VegasLimit vegas = new VegasLimit();
        double[] memory = memoryOf(vegas);
        assertThat(vegas.next(100, took(100, 100), memory))
                .as("no queue: beta more")
                .isEqualTo(106);
        assertThat(vegas.next(100, took(102, 100), memory))
                .as("2 queue: log10 more")
                .isEqualTo(102);
        assertThat(vegas.next(100, took(105, 100), memory))
                .as("5 queue: enough")
                .isEqualTo(100);
        assertThat(vegas.next(100, took(107, 100), memory))
                .as("6.5 queue: log10 less")
                .isEqualTo(98);
        assertThat(vegas.next(100, dropped(1_000, 100, 1, 100), memory))
                .as("a drop")
                .isEqualTo(98);
        assertThat(vegas.next(5, took(100, 5), memoryOf(vegas))).isEqualTo(11);
        assertThat(vegas.next(5, dropped(10, 100, 1, 5), memoryOf(vegas)))
                .as("at least 1")
                .isEqualTo(4);
    }

    @Test
    void vegasTakesALatencyForUnloadedThatIsLowerByMoreThanChance() {
        VegasLimit vegas = new VegasLimit();
        double[] memory = memoryOf(vegas);
        vegas.next(100, took(100, 100), memory);
        vegas.next(100, took(98, 100), memory); // by chance, with 10,000 calls
        assertThat(vegas.next(100, took(105, 100), memory)).isEqualTo(100);
        for (int i = 0; i < 20; i++) {
            vegas.next(100, took(50, 100), memory);
        }
        assertThat(vegas.next(100, took(105, 100), memory))
                .as("half of it is queue now")
                .isEqualTo(98);
    }

    // ---- gradient

    @Test
    void theGradientGrowsByItsSmoothedQueueWhileLatencyIsAsUsual() {
        GradientLimit gradient = new GradientLimit();
        assertThat(gradient.next(100, took(100, 100), memoryOf(gradient))).isCloseTo(100.8, within(1e-9));
    }

    @Test
    void theGradientShrinksWithLatencyAndNeverByMoreThanHalfOfItsWeight() {
        GradientLimit gradient = new GradientLimit(1, 4, 0.2, 600, 60);
        double[] memory = memoryOf(gradient);
        for (int i = 0; i < 55; i++) {
            gradient.next(100, took(100, 40), memory); // a small weight for what comes
        }
        assertThat(gradient.next(100, took(125, 100), memory)).isBetween(80 + 0.2 * 84, 80 + 0.2 * 84.5);
        assertThat(gradient.next(100, took(1e6, 100), memory)).isCloseTo(80 + 0.2 * 54, within(1e-9));
    }

    @Test
    void droppedCallsLowerTheGradientByHalfOfTheirPart() {
        GradientLimit gradient = new GradientLimit();
        assertThat(gradient.next(100, dropped(900, 100, 100, 100), memoryOf(gradient)))
                .isCloseTo(80 + 0.2 * (95 + 4), within(1e-9));
        assertThat(gradient.next(100, dropped(0, 1, 10, 100), memoryOf(gradient)))
                .as("nothing but drops")
                .isCloseTo(90, within(1e-9));
    }

    @Test
    void fewDropsDoNotStarveTheGradient() {
        GradientLimit gradient = new GradientLimit();
        double[] memory = memoryOf(gradient);
        double limit = 100;
        for (int i = 0; i < 1_000; i++) {
            limit = gradient.next(limit, dropped(999, 100, 1, (int) limit), memory);
        }
        assertThat(limit).isGreaterThan(100);
    }

    @Test
    void oneOutlierDoesNotPoisonTheUsualLatency() {
        GradientLimit gradient = new GradientLimit();
        double[] memory = memoryOf(gradient);
        for (int i = 0; i < 50; i++) {
            gradient.next(100, took(100, 40), memory);
        }
        gradient.next(100, took(1e9, 100), memory); // clocks step
        assertThat(gradient.next(100, took(200, 100), memory))
                .as("still a queue")
                .isLessThan(92);
    }

    @Test
    void afterOverloadTheUsualLatencyComesBackSoon() {
        GradientLimit gradient = new GradientLimit();
        double[] memory = memoryOf(gradient);
        for (int i = 0; i < 600; i++) {
            gradient.next(100, took(1_000, 40), memory);
        }
        for (int i = 0; i < 60; i++) {
            gradient.next(100, took(100, 40), memory);
        }
        assertThat(gradient.next(100, took(250, 100), memory))
                .as("a queue again")
                .isLessThan(100);
    }

    // ---- the probe

    @Test
    void afterSixtyWindowsTheLimitIsHalvedToMeasureAndThenResumed() {
        GradientLimit gradient = new GradientLimit();
        double[] memory = memoryOf(gradient);
        double limit = 100;
        for (int i = 0; i < 60; i++) {
            limit = gradient.next(100, took(100, 100), memory);
            assertThat(limit).isGreaterThan(100);
        }
        assertThat(gradient.next(100, took(200, 100), memory)).isEqualTo(50); // halved
        assertThat(gradient.next(50, took(150, 100), memory)).isEqualTo(50); // drained
        assertThat(gradient.next(50, took(140, 50), memory)).isEqualTo(100); // measured: 140 ms is its nature
        assertThat(gradient.next(100, took(140, 100), memory)).isGreaterThan(100);
    }

    @Test
    void whatIsMeasuredIsUsualFromThenOn() {
        GradientLimit gradient = new GradientLimit();
        double[] memory = memoryOf(gradient);
        gradient.next(100, took(100, 100), memory);
        assertThat(gradient.next(49, took(100, 49), memory)).isEqualTo(24.5);
        gradient.next(24.5, took(150, 49), memory);
        assertThat(gradient.next(24.5, took(140, 49), memory)).isEqualTo(49);
        assertThat(gradient.next(49, took(280, 49), memory))
                .as("twice as long as measured")
                .isLessThan(49);
    }

    @Test
    void aProbeThatCameToNothingLeavesTheUsualLatencyAsItWas() {
        GradientLimit gradient = new GradientLimit();
        double[] memory = memoryOf(gradient);
        for (int i = 0; i < 30; i++) {
            gradient.next(100, took(100, 40), memory);
        }
        assertThat(gradient.next(49, took(100, 49), memory)).isEqualTo(24.5);
        gradient.next(24.5, dropped(5, 100, 5, 49), memory);
        assertThat(gradient.next(100, took(200, 100), memory))
                .as("twice the usual")
                .isLessThan(100);
    }

    @Test
    void aMeasurementOfFewCallsTakesFourWindowsAtMost() {
        VegasLimit vegas = new VegasLimit(3, 6, 2);
        double[] memory = memoryOf(vegas);
        vegas.next(100, took(100, 100), memory);
        vegas.next(100, took(100, 100), memory);
        assertThat(vegas.next(100, took(100, 100), memory)).isEqualTo(50);
        assertThat(vegas.next(50, took(100, 100), memory)).isEqualTo(50);
        for (int i = 0; i < 3; i++) {
            assertThat(vegas.next(50, dropped(10, 100, 0, 50), memory)).isEqualTo(50);
        }
        assertThat(vegas.next(50, dropped(10, 100, 0, 50), memory)).isEqualTo(100);
    }

    @Test
    void aLimitThatHasHalvedIsMeasuredAtOnce() {
        GradientLimit gradient = new GradientLimit();
        double[] memory = memoryOf(gradient);
        gradient.next(100, took(100, 100), memory);
        assertThat(gradient.next(49, took(200, 49), memory)).isEqualTo(24.5);
    }

    @Test
    void quietWindowsPutTheProbeOff() {
        GradientLimit gradient = new GradientLimit();
        double[] memory = memoryOf(gradient);
        for (int i = 0; i < 300; i++) {
            assertThat(gradient.next(100, took(100, i % 50 == 0 ? 49 : 100), memory))
                    .isGreaterThan(99);
        }
    }

    @Test
    void aServiceThatFailsMeanwhileEndsTheProbe() {
        VegasLimit vegas = new VegasLimit(3, 6, 1);
        double[] memory = memoryOf(vegas);
        vegas.next(100, took(100, 100), memory);
        assertThat(vegas.next(100, took(100, 100), memory)).isEqualTo(50);
        assertThat(vegas.next(50, dropped(5, 100, 5, 100), memory)).isCloseTo(48.3, within(0.01));
    }

    // ---- any window

    @Test
    void noWindowMakesAnAlgorithmForgetNumbers() {
        for (LimitAlgorithm algorithm : new LimitAlgorithm[] {
            new AimdLimit(), new VegasLimit(), new GradientLimit(), new GradientLimit(1, 1e6, 1, 1, 0)
        }) {
            double[] memory = memoryOf(algorithm);
            double limit = 20;
            for (int samples : new int[] {0, 1, 32_768}) {
                for (double average : new double[] {0, -5, 1, 1e18}) {
                    for (int drops : new int[] {0, 1, Integer.MAX_VALUE}) {
                        for (int inFlight : new int[] {0, 1, Integer.MAX_VALUE}) {
                            for (int i = 0; i < 70 && samples + drops > 0; i++) {
                                window.set(samples, average, Long.MAX_VALUE, drops, inFlight);
                                double next = algorithm.next(limit, window, memory);
                                assertThat(next).as("%s, %s", algorithm, window).isFinite();
                                limit = Math.max(1, Math.min(1_000, next));
                            }
                        }
                    }
                }
            }
            assertThat(memory).as(algorithm.toString()).doesNotContain(Double.NaN, Double.POSITIVE_INFINITY);
        }
    }

    // ---- bad input

    @Test
    void badParametersAreNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AimdLimit(1, 1))
                .withMessage("backoffRatio is 1.0; it must be at least 0.5 and below 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AimdLimit(0.9, 0))
                .withMessage("latencyNanos is 0; it must be 1 or more");
        assertThatIllegalArgumentException().isThrownBy(() -> new VegasLimit(Double.NaN, 6, 60));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new VegasLimit(3, 2, 60))
                .withMessage("beta is 2.0; it must be between alpha, 3.0, and 1000000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new VegasLimit(3, 6, -1))
                .withMessage("probeWindows is -1; it must be 0 (never) or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GradientLimit(0.9))
                .withMessage("tolerance is 0.9; it must be between 1 and 100");
        assertThatIllegalArgumentException().isThrownBy(() -> new GradientLimit(1, 0, 0.2, 600, 60));
        assertThatIllegalArgumentException().isThrownBy(() -> new GradientLimit(1, 4, 0, 600, 60));
        assertThatIllegalArgumentException().isThrownBy(() -> new GradientLimit(1, 4, 0.2, 0, 60));
    }
}
