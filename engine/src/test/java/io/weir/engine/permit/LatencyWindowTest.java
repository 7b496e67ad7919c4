package io.weir.engine.permit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LatencyWindowTest {
    private static final long WINDOW = 1_000_000;

    private static LatencyWindow window(int minCalls) {
        return new LatencyWindow(WINDOW, minCalls, 0);
    }

    private static LimitWindow close(LatencyWindow window, long now) {
        LimitWindow closed = window.closeIfDue(now);
        assertThat(closed).isNotNull();
        return closed;
    }

    @Test
    void whatIsClosedIsWhatWasRecordedAndIsGoneThen() {
        LatencyWindow window = window(1);
        window.success(256_000, 3);
        window.success(512_000, 7);
        window.dropped(5);
        assertThat(window).hasToString("LatencyWindow[2 samples, 1 drops]");
        LimitWindow closed = close(window, WINDOW);
        assertThat(closed.samples()).isEqualTo(2);
        assertThat(closed.averageRttNanos()).isEqualTo(384_000);
        assertThat(closed.minRttNanos()).isEqualTo(256_000);
        assertThat(closed.drops()).isEqualTo(1);
        assertThat(closed.dropRatio()).isCloseTo(1 / 3.0, within(1e-9));
        assertThat(closed.maxInFlight()).isEqualTo(7);
        assertThat(closed.uses(14)).isTrue();
        assertThat(closed.uses(14.1)).isFalse();
        window.reopen(WINDOW);
        assertThat(window).hasToString("LatencyWindow[0 samples, 0 drops]");
    }

    @Test
    void whileOneClosesItNobodyElseDoes() {
        LatencyWindow window = window(1);
        window.success(1_000, 1);
        close(window, WINDOW);
        window.success(1_000, 1); // goes into the next
        assertThat(window.closeIfDue(WINDOW * 1_000)).isNull();
        window.reopen(WINDOW);
        assertThat(window.closeIfDue(2 * WINDOW - 1)).isNull();
        assertThat(close(window, 2 * WINDOW).samples()).isEqualTo(1);
    }

    @Test
    void itIsClosedWhenItIsOldAndFullEnough() {
        LatencyWindow window = window(3);
        window.success(1_000, 1);
        window.success(1_000, 1);
        assertThat(window.closeIfDue(WINDOW)).isNull();
        window.dropped(1);
        assertThat(window.closeIfDue(WINDOW - 2)).isNull();
        assertThat(window.closeIfDue(WINDOW)).isNotNull();
    }

    @Test
    void itLastsTwiceAsLongAsACallButNotForEver() {
        LatencyWindow window = window(1);
        window.success(3 * WINDOW, 1);
        close(window, WINDOW);
        window.reopen(0);
        window.success(Long.MAX_VALUE, 1);
        assertThat(window.closeIfDue(5 * WINDOW)).isNull();
        close(window, 6 * WINDOW + 1_000);
        window.reopen(0);
        window.success(1, 1);
        assertThat(window.closeIfDue(29 * WINDOW)).isNull();
        close(window, 30 * WINDOW);
    }

    // ---- bad samples and clocks

    @Test
    void aNegativeLatencyIsLeftOutAndAHugeOneCountsAsEighteenMinutes() {
        LatencyWindow window = window(1);
        window.success(-1, 99);
        window.success(Long.MIN_VALUE, 99);
        assertThat(window.samples()).isZero();
        window.success(Long.MAX_VALUE, 1);
        LimitWindow closed = close(window, WINDOW);
        assertThat(closed.averageRttNanos()).isEqualTo(((1L << 32) - 1) * 256.0);
        assertThat(closed.maxInFlight()).isEqualTo(1);
    }

    @Test
    void zeroLatenciesOfACoarseClockCountButNeverShowAsZero() {
        LatencyWindow window = window(1);
        window.success(0, 1);
        LimitWindow closed = close(window, WINDOW);
        assertThat(closed.samples()).isEqualTo(1);
        assertThat(closed.averageRttNanos()).isEqualTo(1);
        assertThat(closed.minRttNanos()).isEqualTo(1);
    }

    @Test
    void theSumOfAFullWindowOfTheLongestCallsFits() {
        LatencyWindow window = window(1);
        for (int i = 0; i < LatencyWindow.MAX_SAMPLES + 10; i++) {
            window.success(Long.MAX_VALUE, 1);
        }
        LimitWindow closed = close(window, WINDOW);
        assertThat(closed.samples()).isEqualTo(LatencyWindow.MAX_SAMPLES);
        assertThat(closed.averageRttNanos()).isEqualTo(((1L << 32) - 1) * 256.0);
    }

    @Test
    void aClockThatGoesBackByMoreThanTheLongestWindowBeginsItAnew() {
        LatencyWindow window = window(1);
        window.success(1_000, 1);
        assertThat(window.closeIfDue(-10 * WINDOW)).isNull(); // a reading of a thread that was stopped
        assertThat(window.closeIfDue(-1_000 * WINDOW)).isNull(); // a clock that stepped
        assertThat(window.closeIfDue(-999 * WINDOW - 2)).isNull();
        assertThat(close(window, -999 * WINDOW).samples()).isEqualTo(1);
    }

    @Test
    void aClockThatGoesBackByTheLongestWindowAndOneMoreDoesNotBeginItAnew() {
        for (long back : new long[] {-29 * WINDOW, -30 * WINDOW}) { // it is due at 1
            LatencyWindow window = window(1);
            window.success(1_000, 1);
            assertThat(window.closeIfDue(back)).isNull();
            assertThat(window.closeIfDue(back + 2 * WINDOW))
                    .as("is not due, as it would be if it had begun anew at %d", back)
                    .isNull();
            assertThat(window.closeIfDue(WINDOW)).isNotNull();
        }
    }

    @Test
    void theMostInFlightMayBeADroppedCallsToo() {
        LatencyWindow window = window(1);
        window.success(1_000, 3);
        window.dropped(9);
        window.success(1_000, 4);
        assertThat(window.drops()).isEqualTo(1);
        assertThat(close(window, WINDOW).maxInFlight()).isEqualTo(9);
    }

    @Test
    void itIsDueAcrossTheClocksWrap() {
        LatencyWindow window = new LatencyWindow(WINDOW, 1, Long.MAX_VALUE - 5);
        window.success(1_000, 1);
        assertThat(window.closeIfDue(Long.MAX_VALUE)).isNull();
        assertThat(window.closeIfDue(Long.MIN_VALUE + WINDOW)).isNotNull();
    }

    @Test
    void badParametersAreNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LatencyWindow(1, 1, 0))
                .withMessage("windowNanos is 1; it must be between 2 and 2^40");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LatencyWindow(WINDOW, 0, 0))
                .withMessage("minCalls is 0; it must be between 1 and 32768");
    }
}
