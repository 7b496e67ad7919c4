package io.weir.engine.breaker;

import static io.weir.engine.breaker.BreakerState.CLOSED;
import static io.weir.engine.breaker.BreakerState.HALF_OPEN;
import static io.weir.engine.breaker.BreakerState.OPEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.engine.testing.ManualTime;
import org.junit.jupiter.api.Test;

/** B7: a breaker that is reconfigured in use. */
class BreakerConfigureTest {
    private static final long RECOVERY = 1_000;

    private final ManualTime time = new ManualTime(-5);
    private final Breaker breaker = new Breaker(time, config(3).build());

    private static BreakerConfig.Builder config(int failures) {
        return BreakerConfig.builder()
                .detection(DetectorConfig.consecutive(failures))
                .recoveryNanos(RECOVERY);
    }

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            breaker.onFailure(breaker.tryAcquire(), -1);
        }
    }

    private void succeed() {
        long permit = breaker.tryAcquire();
        assertThat(breaker.begin(permit)).isTrue();
        breaker.onSuccess(permit, -1);
    }

    @Test
    void anotherDetectionBeginsAtOnceAndIsNoTransition() {
        fail(2);
        long admitted = breaker.tryAcquire();
        breaker.configure(config(2).build());
        breaker.onFailure(admitted, -1);
        assertThat(breaker.metrics().late()).isEqualTo(1);
        fail(1);
        assertThat(breaker.state()).isEqualTo(CLOSED);
        assertThat(breaker.latestTransition().number()).isZero();
        fail(1);
        assertThat(breaker.state()).isEqualTo(OPEN);
        assertThat(breaker.recentTransitions()).hasSize(1);
    }

    @Test
    void theSameDetectionKeepsWhatItHasSeen() {
        fail(2);
        breaker.configure(config(3).recoveryNanos(5).build());
        fail(1);
        assertThat(breaker.state()).isEqualTo(OPEN);
        assertThat(breaker.retryAfterNanos()).isEqualTo(5);
    }

    @Test
    void anOpenBreakerKeepsItsTimeAndClosesWithTheNewDetection() {
        fail(3);
        breaker.configure(config(1).recoveryNanos(5).build());
        assertThat(breaker.retryAfterNanos()).isEqualTo(RECOVERY);
        time.advance(RECOVERY);
        succeed();
        assertThat(breaker.state()).isEqualTo(CLOSED);
        fail(1);
        assertThat(breaker.state()).isEqualTo(OPEN);
    }

    @Test
    void howManySuccessesCloseItCountsFromTheNextResultOn() {
        breaker.configure(config(3).halfOpenSuccessThreshold(3).build());
        fail(3);
        time.advance(RECOVERY);
        succeed();
        breaker.configure(config(3).halfOpenSuccessThreshold(2).build());
        assertThat(breaker.state()).isEqualTo(HALF_OPEN);
        succeed();
        assertThat(breaker.state()).isEqualTo(CLOSED);
    }

    @Test
    void aBreakerThatHasSucceededOftenEnoughClosesAtOnce() {
        breaker.configure(config(3).halfOpenSuccessThreshold(3).build());
        fail(3);
        time.advance(RECOVERY);
        succeed();
        succeed();
        assertThat(breaker.state()).isEqualTo(HALF_OPEN);
        breaker.configure(config(3).halfOpenSuccessThreshold(2).build());
        assertThat(breaker.state()).isEqualTo(CLOSED);
    }

    @Test
    void aResetThatAConfigurationOvertakesClosesWithTheNewDetection() {
        ScriptedClock clock = new ScriptedClock();
        Breaker reset = new Breaker(clock, config(3).build());
        reset.forceOpen();
        // The reset has read the configuration, and then reads the clock.
        clock.atNextReading(() -> reset.configure(config(1).build()));
        reset.reset();
        assertThat(reset.state()).isEqualTo(CLOSED);
        reset.onFailure(reset.tryAcquire(), -1);
        assertThat(reset.state()).isEqualTo(OPEN);
        assertThat(reset.recentTransitions()).hasSize(3);
    }

    @Test
    void aCallFromBeforeAnotherDetectionIsLateAlsoAfterAReset() {
        long old = breaker.tryAcquire();
        breaker.configure(config(1).build());
        breaker.reset();
        breaker.onFailure(old, -1);
        assertThat(breaker.state()).isEqualTo(CLOSED);
        assertThat(breaker.metrics().late()).isEqualTo(1);
    }

    @Test
    void whenACallIsSlowCantChange() {
        BreakerConfig slow = config(3)
                .detection(DetectorConfig.countWindow(10, 0.5, 10).slowCalls(5, 0.5))
                .build();
        assertThatThrownBy(() -> breaker.configure(slow)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> breaker.configure(config(3).metrics(false).build()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(breaker.config()).isEqualTo(config(3).build());
    }
}
