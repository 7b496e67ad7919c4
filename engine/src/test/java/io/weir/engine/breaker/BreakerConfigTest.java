package io.weir.engine.breaker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class BreakerConfigTest {
    @Test
    void theDefaultsAreTheContracts() {
        BreakerConfig config = BreakerConfig.defaults();
        assertThat(config.detection()).isEqualTo(DetectorConfig.consecutive(5));
        assertThat(config.recoveryNanos()).isEqualTo(30_000_000_000L);
        assertThat(config.trialTimeoutNanos()).isEqualTo(60_000_000_000L);
        assertThat(config.halfOpenMaxCalls()).isEqualTo(1);
        assertThat(config.halfOpenSuccessThreshold()).isEqualTo(1);
        assertThat(config.openBackoff()).isEqualTo(OpenBackoff.fixed());
        assertThat(config.metrics()).isTrue();
        assertThat(BreakerConfig.builder().build()).isEqualTo(config);
        assertThat(DetectorConfig.defaults()).isEqualTo(DetectorConfig.consecutive(5));
    }

    @Test
    void toBuilderKeepsEveryValue() {
        BreakerConfig config = BreakerConfig.builder()
                .detection(DetectorConfig.cumulative(7))
                .recoveryNanos(11)
                .openBackoff(OpenBackoff.exponential(1.5, 1_000))
                .halfOpenMaxCalls(3)
                .halfOpenSuccessThreshold(4)
                .trialTimeoutNanos(13)
                .metrics(false)
                .build();
        assertThat(config.toBuilder().build()).isEqualTo(config).hasSameHashCodeAs(config);
        assertThat(config.toBuilder().recoveryNanos(12).build()).isNotEqualTo(config);
        assertThat(config)
                .hasToString("BreakerConfig[detection=cumulative(7), recoveryNanos=11, openBackoff=exponential(1.5, max"
                        + " 1000 ns), halfOpenMaxCalls=3, halfOpenSuccessThreshold=4, trialTimeoutNanos=13,"
                        + " metrics=false]");
    }

    @Test
    void badValuesAreNamedWithWhatIsAllowed() {
        BreakerConfig.Builder builder = BreakerConfig.builder();
        bad(() -> builder.recoveryNanos(0), "recoveryNanos must be from 1 to 2305843009213693952, but was 0");
        bad(() -> builder.recoveryNanos(Long.MAX_VALUE), "recoveryNanos");
        bad(() -> builder.trialTimeoutNanos(-1), "trialTimeoutNanos must be from 1 to 2305843009213693952, but was -1");
        bad(() -> builder.halfOpenMaxCalls(0), "halfOpenMaxCalls must be from 1 to 32, but was 0");
        bad(() -> builder.halfOpenMaxCalls(33), "halfOpenMaxCalls must be from 1 to 32, but was 33");
        bad(() -> builder.halfOpenSuccessThreshold(0), "halfOpenSuccessThreshold");
        bad(() -> DetectorConfig.consecutive(0), "failures must be from 1 to 1073741824, but was 0");
        bad(() -> DetectorConfig.cumulative(-3), "failures");
        bad(() -> OpenBackoff.exponential(0.5, 1), "factor must be finite and at least 1.0, but was 0.5");
        bad(() -> OpenBackoff.exponential(Double.NaN, 1), "factor");
        bad(() -> OpenBackoff.exponential(Double.POSITIVE_INFINITY, 1), "factor");
        bad(() -> OpenBackoff.exponential(2, 0), "maxNanos");
        bad(() -> OpenBackoff.fixed().jitter(1), "jitter must be from 0.0 to below 1.0, but was 1.0");
        bad(() -> OpenBackoff.fixed().jitter(-0.1), "jitter");
        bad(() -> OpenBackoff.fixed().jitter(Double.NaN), "jitter");
        bad(
                () -> BreakerConfig.builder()
                        .recoveryNanos(100)
                        .openBackoff(OpenBackoff.exponential(2, 99))
                        .build(),
                "openBackoff's maxNanos must be at least recoveryNanos (100), but was 99");
    }

    @Test
    void badWindowsAreNamedWithWhatIsAllowed() {
        bad(() -> DetectorConfig.countWindow(0, 0.5, 1), "size must be from 1 to 1000000, but was 0");
        bad(() -> DetectorConfig.countWindow(1_000_001, 0.5, 1), "size must be from 1 to 1000000, but was 1000001");
        bad(
                () -> DetectorConfig.countWindow(10, 0.0, 1),
                "failureRate must be greater than 0.0 and at most 1.0, but was 0.0");
        bad(() -> DetectorConfig.countWindow(10, 1.01, 1), "failureRate");
        bad(() -> DetectorConfig.countWindow(10, Double.NaN, 1), "failureRate");
        bad(() -> DetectorConfig.countWindow(10, 0.5, 0), "minimumCalls must be from 1 to 10, but was 0");
        bad(() -> DetectorConfig.countWindow(10, 0.5, 11), "minimumCalls must be from 1 to 10, but was 11");
        bad(
                () -> DetectorConfig.timeWindow(9_999_999, 0.5, 1),
                "durationNanos must be from 10000000 to 3600000000000, but was 9999999");
        bad(() -> DetectorConfig.timeWindow(3_600_000_000_001L, 0.5, 1), "durationNanos");
        bad(() -> DetectorConfig.timeWindow(-1, 0.5, 1), "durationNanos");
        bad(() -> DetectorConfig.timeWindow(10_000_000, -0.5, 1), "failureRate");
        bad(
                () -> DetectorConfig.timeWindow(10_000_000, 0.5, 0),
                "minimumCalls must be from 1 to 1073741824, but was 0");
        DetectorConfig window = DetectorConfig.countWindow(10, 0.5, 1);
        bad(() -> window.slowCalls(0, 0.5), "slowCallNanos must be from 1 to 2305843009213693952, but was 0");
        bad(() -> window.slowCalls(1, 0), "slowCallRate must be greater than 0.0 and at most 1.0, but was 0.0");
        bad(
                () -> DetectorConfig.consecutive(5).slowCalls(1, 1),
                "slowCalls must be of a count or time window, but was of consecutive(5)");
    }

    @Test
    void windowsAreComparedByValueAndSayWhatTheyAre() {
        DetectorConfig count = DetectorConfig.countWindow(100, 0.5, 20);
        DetectorConfig time = DetectorConfig.timeWindow(10_000_000_000L, 0.5, 20);
        assertThat(count)
                .isEqualTo(DetectorConfig.countWindow(100, 0.5, 20))
                .hasSameHashCodeAs(DetectorConfig.countWindow(100, 0.5, 20))
                .isNotEqualTo(DetectorConfig.countWindow(100, 0.4, 20))
                .isNotEqualTo(DetectorConfig.countWindow(100, 0.5, 21))
                .isNotEqualTo(count.slowCalls(5, 0.5))
                .isNotEqualTo(DetectorConfig.consecutive(100))
                .hasToString("countWindow(100 calls, failures at rate 0.5 of at least 20)");
        assertThat(count.judgesDuration()).isFalse();
        assertThat(time.slowCalls(7, 0.25).judgesDuration()).isTrue();
        assertThat(time.slowCalls(7, 0.25))
                .hasToString(
                        "timeWindow(10000000000 ns, failures at rate 0.5 of at least 20, slow from 7 ns at rate 0.25)");
    }

    private static void bad(Runnable building, String message) {
        assertThatIllegalArgumentException().isThrownBy(building::run).withMessageContaining(message);
    }
}
