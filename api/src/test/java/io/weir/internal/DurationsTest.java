package io.weir.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DurationsTest {
    private static final Duration LONGEST = Duration.ofSeconds(Long.MAX_VALUE);
    private static final Duration SHORTEST = Duration.ofSeconds(Long.MIN_VALUE);

    @Test
    void whatALongHoldsIsExact() {
        assertThat(Durations.saturatedNanos(Duration.ofNanos(-7))).isEqualTo(-7);
        assertThat(Durations.waitNanos(Duration.ofSeconds(3))).isEqualTo(3_000_000_000L);
        assertThat(Durations.addableNanos(Duration.ofNanos(-7))).isEqualTo(-7);
    }

    @Test
    void whatALongDoesNotHoldIsTheNearestThatItDoes() {
        assertThat(Durations.saturatedNanos(LONGEST)).isEqualTo(Long.MAX_VALUE);
        assertThat(Durations.saturatedNanos(SHORTEST)).isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void aWaitIsNeverNegative() {
        assertThat(Durations.waitNanos(Duration.ofNanos(-1))).isZero();
        assertThat(Durations.waitNanos(SHORTEST)).isZero();
        assertThat(Durations.waitNanos(LONGEST)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aSumWithAClockReadingLeavesRoom() {
        assertThat(Durations.addableNanos(Duration.ofNanos(Long.MAX_VALUE))).isEqualTo(Durations.FOREVER);
        assertThat(Durations.addableNanos(LONGEST)).isEqualTo(Durations.FOREVER);
        assertThat(Durations.addableNanos(SHORTEST)).isEqualTo(-Durations.FOREVER);
    }
}
