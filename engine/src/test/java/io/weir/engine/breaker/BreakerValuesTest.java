package io.weir.engine.breaker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The configuration as a value: both ends of each range, each part in equality, hash and text; and each counter. */
class BreakerValuesTest extends BreakerFixture {
    private static final DetectorConfig COUNT = DetectorConfig.countWindow(100, 0.5, 20);
    private static final DetectorConfig TIME = DetectorConfig.timeWindow(10_000_000, 0.5, 20);

    private static BreakerConfig.Builder base() {
        return BreakerConfig.builder()
                .detection(COUNT)
                .recoveryNanos(11)
                .openBackoff(OpenBackoff.exponential(1.5, 1_000).jitter(0.25))
                .halfOpenMaxCalls(3)
                .halfOpenSuccessThreshold(4)
                .trialTimeoutNanos(13)
                .metrics(false);
    }

    /** Each differs from the first, and from all others, in one part. */
    static List<List<Object>> values() {
        OpenBackoff backoff = OpenBackoff.exponential(2, 1_000).jitter(0.25);
        return List.of(
                List.of(
                        base().build(),
                        base().detection(TIME).build(),
                        base().recoveryNanos(12).build(),
                        base().openBackoff(OpenBackoff.fixed()).build(),
                        base().halfOpenMaxCalls(4).build(),
                        base().halfOpenSuccessThreshold(5).build(),
                        base().trialTimeoutNanos(14).build(),
                        base().metrics(true).build()),
                List.of(
                        COUNT,
                        TIME,
                        DetectorConfig.countWindow(101, 0.5, 20),
                        DetectorConfig.countWindow(100, 0.6, 20),
                        COUNT.minimumCalls(21),
                        COUNT.slowCalls(7, 0.5),
                        COUNT.slowCalls(8, 0.5),
                        COUNT.slowCalls(7, 0.6),
                        DetectorConfig.consecutive(100),
                        DetectorConfig.cumulative(100)),
                List.of(
                        backoff,
                        OpenBackoff.exponential(2.5, 1_000).jitter(0.25),
                        OpenBackoff.exponential(2, 1_001).jitter(0.25),
                        backoff.jitter(0.5),
                        OpenBackoff.fixed().jitter(0.25),
                        OpenBackoff.fixed()));
    }

    @ParameterizedTest
    @MethodSource("values")
    void valuesThatDifferInOnePartAreUnequalWithOtherHashesAndTexts(List<Object> values) {
        assertThat(values).doesNotHaveDuplicates();
        assertThat(values).extracting(Object::hashCode).doesNotHaveDuplicates();
        assertThat(values).extracting(Object::toString).doesNotHaveDuplicates();
        assertThat(values.get(0)).isNotEqualTo("another class");
    }

    @Test
    void equalPartsMakeEqualValues() {
        assertThat(base().build()).isEqualTo(base().build()).hasSameHashCodeAs(base().build());
        assertThat(COUNT.slowCalls(7, 0.5))
                .isEqualTo(DetectorConfig.countWindow(100, 0.5, 20).slowCalls(7, 0.5))
                .hasSameHashCodeAs(COUNT.slowCalls(7, 0.5));
        assertThat(OpenBackoff.exponential(2, 9).jitter(0.25))
                .isEqualTo(OpenBackoff.exponential(2, 9).jitter(0.25))
                .hasSameHashCodeAs(OpenBackoff.exponential(2, 9).jitter(0.25));
    }

    @Test
    void aConfigurationTellsWhatItWasGiven() {
        BreakerConfig config = base().build().toBuilder().build();
        assertThat(config.detection()).isEqualTo(COUNT);
        assertThat(config.recoveryNanos()).isEqualTo(11);
        assertThat(config.halfOpenMaxCalls()).isEqualTo(3);
        assertThat(config.halfOpenSuccessThreshold()).isEqualTo(4);
        assertThat(config.trialTimeoutNanos()).isEqualTo(13);
        assertThat(config.metrics()).isFalse();
        assertThat(config.openBackoff().factor()).isEqualTo(1.5);
        assertThat(config.openBackoff().maxNanos()).isEqualTo(1_000);
        assertThat(config.openBackoff().jitter()).isEqualTo(0.25);
        assertThat(COUNT.slowCallNanos()).isEqualTo(Long.MAX_VALUE);
        assertThat(COUNT.slowCalls(7, 0.5).slowCallNanos()).isEqualTo(7);
        assertThat(DetectorConfig.consecutive(7)).hasToString("consecutive(7)");
        assertThat(OpenBackoff.fixed()).hasToString("fixed");
        assertThat(config.openBackoff()).hasToString("exponential(1.5, max 1000 ns).jitter(0.25)");
        assertThat(OpenBackoff.fixed().jitter(0.5)).hasToString("fixed.jitter(0.5)");
    }

    @Test
    void theEndsOfARangeBelongToIt() {
        long most = Check.MAX_NANOS;
        assertThat(BreakerConfig.builder()
                        .recoveryNanos(1)
                        .trialTimeoutNanos(1)
                        .halfOpenMaxCalls(1)
                        .halfOpenSuccessThreshold(1)
                        .build()
                        .recoveryNanos())
                .isEqualTo(1);
        assertThat(BreakerConfig.builder()
                        .recoveryNanos(most)
                        .trialTimeoutNanos(most)
                        .halfOpenMaxCalls(32)
                        .halfOpenSuccessThreshold(1 << 30)
                        .openBackoff(OpenBackoff.exponential(1, most).jitter(Math.nextDown(1.0)))
                        .build()
                        .trialTimeoutNanos())
                .isEqualTo(most);
        assertThat(base().recoveryNanos(1_000).build().recoveryNanos())
                .as("the back-off's cap")
                .isEqualTo(1_000);
        assertThat(OpenBackoff.exponential(Double.MAX_VALUE, 1).factor()).isEqualTo(Double.MAX_VALUE);
        assertThat(DetectorConfig.consecutive(1 << 30)).hasToString("consecutive(1073741824)");
        assertThat(DetectorConfig.cumulative(1)).hasToString("cumulative(1)");
        assertThat(DetectorConfig.countWindow(1_000_000, 1.0, 1_000_000).toString())
                .contains("1000000 calls");
        assertThat(DetectorConfig.timeWindow(3_600_000_000_000L, 1.0, 1 << 30)
                        .slowCalls(most, 1.0)
                        .toString())
                .contains("3600000000000 ns", "slow from " + most + " ns at rate 1.0");
        bad(() -> DetectorConfig.consecutive((1 << 30) + 1), "failures");
        bad(() -> DetectorConfig.timeWindow(10_000_000, 0.5, (1 << 30) + 1), "minimumCalls");
        bad(() -> BreakerConfig.builder().recoveryNanos(most + 1), "recoveryNanos");
        bad(() -> BreakerConfig.builder().halfOpenSuccessThreshold((1 << 30) + 1), "halfOpenSuccessThreshold");
    }

    @Test
    void theMinimumOfAWindowIsWithinItsSize() {
        assertThat(COUNT.minimumCalls(100)).isEqualTo(DetectorConfig.countWindow(100, 0.5, 100));
        assertThat(TIME.slowCalls(3, 0.1).minimumCalls(1 << 30))
                .isEqualTo(DetectorConfig.timeWindow(10_000_000, 0.5, 1 << 30).slowCalls(3, 0.1));
        bad(() -> COUNT.minimumCalls(101), "minimumCalls must be from 1 to 100, but was 101");
        bad(() -> TIME.minimumCalls(0), "minimumCalls must be from 1 to 1073741824, but was 0");
        bad(
                () -> DetectorConfig.consecutive(5).minimumCalls(1),
                "minimumCalls must be of a count or time window, but was of consecutive(5)");
    }

    @Test
    void eachEndOfACallHasItsCounter() {
        breakerWith(config().detection(DetectorConfig.countWindow(100, 1.0, 100).slowCalls(50, 1.0)));
        assertThat(breaker.wantsDuration()).isTrue();
        ends(1, 50);
        breaker.metricsOnly(); // counted by another way than when closed
        ends(2, 50);
        long late = admitted();
        breaker.forceOpen();
        for (int i = 0; i < 3; i++) {
            breaker.onSuccess(late, 50);
        }
        for (int i = 0; i < 4; i++) {
            refused();
        }
        BreakerMetrics metrics = breaker.metrics();
        assertThat(metrics.successes()).isEqualTo(2 * (1 + 2));
        assertThat(metrics.failures()).isEqualTo(3 * (1 + 2));
        assertThat(metrics.slow()).isEqualTo(1 + 2 + 2 * (1 + 2));
        assertThat(metrics.excluded()).isEqualTo(4 * (1 + 2));
        assertThat(metrics.cancelled()).isEqualTo(5 * (1 + 2));
        assertThat(metrics.released()).isEqualTo(6 * (1 + 2));
        assertThat(metrics.rejected()).isEqualTo(4);
        assertThat(metrics.late()).isEqualTo(3);
        assertThat(metrics.state()).isEqualTo(BreakerState.FORCED_OPEN);
        assertThat(metrics)
                .hasToString("FORCED_OPEN[successes=6, failures=9, excluded=12, cancelled=15, released=18, rejected=4,"
                        + " slow=9, late=3, transitions=2]");
        assertThat(breaker.metrics().lastTransitionNanos()).isEqualTo(clock.now);
        breakerWith(config());
        assertThat(breaker.wantsDuration()).isFalse();
    }

    /** Times so many: 2 successes (1 slow), 3 failures (2 slow), 4 excluded, 5 cancelled, 6 released. */
    private void ends(int times, long slow) {
        for (int i = 0; i < times; i++) {
            breaker.onSuccess(begun(), slow);
            breaker.onSuccess(begun(), slow - 1);
            breaker.onFailure(begun(), slow);
            breaker.onFailure(begun(), slow + 1);
            breaker.onFailure(begun(), slow - 1);
            for (int k = 0; k < 4; k++) {
                breaker.onExcluded(begun());
            }
            for (int k = 0; k < 5; k++) {
                breaker.onCancelled(begun());
            }
            for (int k = 0; k < 6; k++) {
                breaker.release(admitted());
            }
        }
    }

    @Test
    void aTrialsResultIsCounted() {
        breaker.onFailure(begunTrial(), -1);
        assertThat(breaker.metrics().failures()).isEqualTo(3 + 1);
        clock.advance(RECOVERY);
        succeed();
        assertThat(breaker.metrics().successes()).isEqualTo(1);
        breaker.onExcluded(begunTrial());
        assertThat(breaker.metrics().excluded()).isEqualTo(1);
        breaker.onCancelled(begun());
        assertThat(breaker.metrics().cancelled()).isEqualTo(1);
        assertThat(breaker.metrics().late()).isZero();
    }

    private long begunTrial() {
        long trial = halfOpen();
        assertThat(breaker.begin(trial)).isTrue();
        return trial;
    }

    @Test
    void aTrialsPermitIsTold() {
        assertThat(Breaker.isTrial(admitted())).isFalse();
        assertThat(Breaker.isTrial(halfOpen())).isTrue();
    }

    @Test
    void aTransitionTellsWhatHappenedWhenAndFromWhere() {
        Transition made = breaker.latestTransition();
        assertThat(made.reason()).isEqualTo(Transition.Reason.CREATED);
        assertThat(made.previous()).isNull();
        clock.advance(5);
        open();
        Transition opened = breaker.latestTransition();
        assertThat(opened.from()).isEqualTo(BreakerState.CLOSED);
        assertThat(opened.to()).isEqualTo(BreakerState.OPEN);
        assertThat(opened.reason()).isEqualTo(Transition.Reason.FAILURES);
        assertThat(opened.atNanos()).isEqualTo(1_005);
        assertThat(opened.number()).isEqualTo(1);
        assertThat(opened.previous()).isSameAs(made);
        clock.advance(RECOVERY);
        succeed();
        assertThat(breaker.recentTransitions())
                .extracting(Transition::reason)
                .containsExactly(
                        Transition.Reason.FAILURES,
                        Transition.Reason.RECOVERY_TIME_OVER,
                        Transition.Reason.TRIALS_SUCCEEDED);
        breaker.reset();
        assertThat(breaker.latestTransition().reason()).isEqualTo(Transition.Reason.RESET);
        breaker.disable();
        assertThat(breaker.latestTransition().reason()).isEqualTo(Transition.Reason.BY_HAND);
    }

    private static void bad(Runnable building, String message) {
        assertThatIllegalArgumentException().isThrownBy(building::run).withMessageContaining(message);
    }
}
