package io.weir.engine.permit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Q1 to Q3 of {@link LatencyQuantile}. */
class LatencyQuantileTest {
    private static final long WINDOW = 1_000_000;
    /** Shortly before the clock wraps. */
    private static final long START = Long.sum(Long.MAX_VALUE, -10);

    private static LatencyQuantile quantile(double which, int minimum) {
        return new LatencyQuantile(which, minimum, WINDOW, START);
    }

    @Test
    void bucketsFollowOneAnotherAndEndAnEighthAboveTheirBeginningAtMost() {
        long end = LatencyQuantile.upperNanos(0);
        assertThat(LatencyQuantile.bucket(0)).isZero();
        assertThat(LatencyQuantile.bucket(end - 1)).isZero();
        int last = LatencyQuantile.bucket(Long.MAX_VALUE);
        for (int bucket = 1; bucket <= last; bucket++) {
            assertThat(LatencyQuantile.bucket(end)).isEqualTo(bucket);
            long begin = end;
            end = LatencyQuantile.upperNanos(bucket);
            assertThat(end - begin).isPositive().isLessThanOrEqualTo(begin / 8);
            assertThat(LatencyQuantile.bucket(end - 1)).isEqualTo(bucket);
        }
        assertThat(LatencyQuantile.bucket(end)).isEqualTo(last);
    }

    @Test
    void itIsTheExactQuantileToAnEighth() {
        long seed = Long.getLong("weir.seed", 20_260_102);
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 200; round++) {
            double which = 0.5 + random.nextDouble() * 0.49;
            LatencyQuantile quantile = quantile(which, 1);
            long[] latencies = new long[32 * (1 + random.nextInt(40))];
            for (int i = 0; i < latencies.length; i++) {
                latencies[i] = 2_000 + (long) (1e7 * Math.pow(random.nextDouble(), 4));
                quantile.record(latencies[i], START);
            }
            Arrays.sort(latencies);
            long exact = latencies[(int) Math.ceil(which * latencies.length) - 1];
            assertThat(quantile.estimateNanos(START))
                    .as("seed %d, round %d, quantile %s of %d", seed, round, which, latencies.length)
                    .isBetween(exact, exact + exact / 8 + 1);
        }
    }

    @Test
    void tooFewLatenciesSayNothing() {
        LatencyQuantile quantile = quantile(0.9, 3);
        quantile.record(5_000, START);
        quantile.record(5_000, START);
        quantile.record(-1, START);
        assertThat(quantile.estimateNanos(START)).isEqualTo(LatencyQuantile.UNKNOWN);
        quantile.record(5_000, START);
        assertThat(quantile.estimateNanos(START)).isPositive();
    }

    @Test
    void aLatencyOfNothingCounts() {
        LatencyQuantile quantile = quantile(0.5, 1);
        quantile.record(0, START);
        assertThat(quantile.estimateNanos(START)).isEqualTo(LatencyQuantile.upperNanos(0));
    }

    @Test
    void theHalfBeforeCountsAndTheOneBeforeThatDoesNot() {
        LatencyQuantile quantile = quantile(0.5, 4);
        for (int i = 0; i < 4; i++) {
            quantile.record(1_000_000, START);
        }
        long next = START + WINDOW / 2;
        assertThat(quantile.estimateNanos(next)).isGreaterThan(1_000_000);
        quantile.record(4_000, next);
        assertThat(quantile.estimateNanos(next))
                .as("4 of 5 are of the half before")
                .isGreaterThan(1_000_000);
        quantile.record(4_000, next + WINDOW / 2);
        assertThat(quantile.estimateNanos(next + WINDOW / 2)).as("two are left").isEqualTo(LatencyQuantile.UNKNOWN);
    }

    @Test
    void whatIsOlderThanTheWindowSaysNothing() {
        LatencyQuantile quantile = quantile(0.5, 1);
        quantile.record(4_000, START);
        assertThat(quantile.estimateNanos(START + WINDOW - 1)).isPositive();
        assertThat(quantile.estimateNanos(START + WINDOW)).isEqualTo(LatencyQuantile.UNKNOWN);
        quantile.record(2_000, START + 9 * WINDOW);
        assertThat(quantile.estimateNanos(START + 9 * WINDOW)).isLessThan(4_000).isPositive();
    }

    @Test
    void aClockThatStepsBackCountsToThePresentHalf() {
        LatencyQuantile quantile = quantile(0.5, 2);
        quantile.record(4_000, START + WINDOW);
        quantile.record(4_000, START);
        assertThat(quantile.estimateNanos(START - WINDOW)).isPositive();
    }

    @Test
    void badConfigurationIsRefused() {
        assertThatThrownBy(() -> quantile(1, 1))
                .hasMessageContaining("quantile")
                .hasMessageContaining("1.0");
        assertThatThrownBy(() -> quantile(Double.NaN, 1)).hasMessageContaining("quantile");
        assertThatThrownBy(() -> quantile(0.5, 0)).hasMessageContaining("minimum");
        assertThatThrownBy(() -> new LatencyQuantile(0.5, 1, 1, 0)).hasMessageContaining("windowNanos");
    }
}
