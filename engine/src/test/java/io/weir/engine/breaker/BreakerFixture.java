package io.weir.engine.breaker;

import static org.assertj.core.api.Assertions.assertThat;

/** A breaker with round numbers: opens at 3 failures in a row, recovers in 100 ns, trials time out after 50 ns. */
class BreakerFixture {
    static final long RECOVERY = 100;
    static final long TRIAL_TIMEOUT = 50;

    final ScriptedClock clock = new ScriptedClock().at(1_000);
    Breaker breaker = new Breaker(clock, config().build());

    static BreakerConfig.Builder config() {
        return BreakerConfig.builder()
                .detection(DetectorConfig.consecutive(3))
                .recoveryNanos(RECOVERY)
                .trialTimeoutNanos(TRIAL_TIMEOUT);
    }

    void breakerWith(BreakerConfig.Builder builder) {
        breaker = new Breaker(clock, builder.build());
    }

    long admitted() {
        long permit = breaker.tryAcquire();
        assertThat(permit).as("permit").isNotNegative();
        return permit;
    }

    long begun() {
        long permit = admitted();
        assertThat(breaker.begin(permit)).as("begin").isTrue();
        return permit;
    }

    void refused() {
        assertThat(breaker.tryAcquire()).as("permit").isNegative();
    }

    void succeed() {
        breaker.onSuccess(begun(), -1);
    }

    void fail() {
        breaker.onFailure(begun(), -1);
    }

    /** From CLOSED to OPEN, now. */
    void open() {
        while (breaker.stateNow() == BreakerState.CLOSED) {
            fail();
        }
        assertState(BreakerState.OPEN);
    }

    /** From CLOSED to HALF_OPEN, one recovery later; the first trial's permit, which has not begun. */
    long halfOpen() {
        open();
        clock.advance(RECOVERY);
        long trial = admitted();
        assertState(BreakerState.HALF_OPEN);
        return trial;
    }

    void assertState(BreakerState state) {
        assertThat(breaker.state()).isEqualTo(state);
    }
}
