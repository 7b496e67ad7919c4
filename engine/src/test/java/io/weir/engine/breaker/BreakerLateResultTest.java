package io.weir.engine.breaker;

import static io.weir.engine.breaker.BreakerState.CLOSED;
import static io.weir.engine.breaker.BreakerState.HALF_OPEN;
import static io.weir.engine.breaker.BreakerState.OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** B2 and B3: what a thread that stalled can do to a breaker that went on without it. Nothing. */
class BreakerLateResultTest extends BreakerFixture {
    @Test
    void aLateFailureOfGeneration0CountsForNothingInGeneration3() {
        long old = admitted();
        breaker.onSuccess(trialBegun(), -1);
        assertState(CLOSED);
        fail();
        fail();
        breaker.onFailure(old, -1);
        breaker.onFailure(old, -1);
        assertState(CLOSED); // 2 in a row of its own; the third opens it
        assertThat(breaker.metrics().late()).isEqualTo(2);
        fail();
        assertState(OPEN);
    }

    @Test
    void aLateFailureDoesNotPushTheRecoveryTimeOut() {
        long old = admitted();
        open();
        clock.advance(RECOVERY - 1);
        breaker.onFailure(old, -1);
        clock.advance(1);
        admitted();
    }

    @Test
    void aLateSuccessDoesNotCloseABreakerThatReopened() {
        breakerWith(config().halfOpenMaxCalls(2));
        long slow = trialBegun();
        fail();
        assertState(OPEN);
        breaker.onSuccess(slow, -1);
        assertState(OPEN);
        clock.advance(RECOVERY);
        long next = begun();
        breaker.onSuccess(slow, -1);
        assertState(HALF_OPEN);
        breaker.onSuccess(next, -1);
        assertState(CLOSED);
    }

    @Test
    void aLateSuccessDoesNotEndARowOfFailures() {
        long old = admitted();
        breaker.reset();
        fail();
        fail();
        breaker.onSuccess(old, -1);
        fail();
        assertState(OPEN);
    }

    @Test
    void aDeadlineIsNotWrittenByTheLoserOfTheOpening() {
        fail();
        fail();
        long stalled = begun();
        // The last failure trips, reads the clock, and stalls there; another's opens the breaker meanwhile, and later.
        long[] openedAt = new long[1];
        long other = begun();
        clock.atNextReading(() -> {
            clock.advance(40);
            breaker.onFailure(other, -1);
            openedAt[0] = clock.now;
            clock.advance(500);
        });
        breaker.onFailure(stalled, -1);
        assertThat(breaker.latestTransition().atNanos()).isEqualTo(openedAt[0]);
        assertThat(breaker.recentTransitions()).hasSize(1);
        admitted(); // 500 later it is due
    }

    @Test
    void aFailureOfGeneration0ThatStallsOpensNothingInGeneration3() {
        fail();
        fail();
        long stalled = begun();
        long other = begun();
        clock.atNextReading(() -> {
            breaker.onFailure(other, -1);
            clock.advance(RECOVERY);
            succeed();
            fail();
            fail();
        });
        breaker.onFailure(stalled, -1);
        assertState(CLOSED);
        assertThat(breaker.latestTransition().number()).isEqualTo(3);
        fail();
        assertState(OPEN);
    }

    @Test
    void anOpeningIsNeverSeenWithTheDeadlineOfTheOneBefore() {
        long trial = trialBegun();
        clock.advance(10);
        List<Long> seen = new ArrayList<>();
        // The hook runs at once after the CAS, before the thread that made it does anything else.
        breaker.onTransition(() -> {
            refused();
            seen.add(breaker.retryAfterNanos());
        });
        breaker.onFailure(trial, -1);
        assertThat(seen).containsExactly(RECOVERY);
    }

    /** Those that read the clock for nothing but the opening. */
    static Stream<DetectorConfig> detections() {
        return Stream.of(
                DetectorConfig.consecutive(3), DetectorConfig.cumulative(3), DetectorConfig.countWindow(3, 1.0, 3));
    }

    @ParameterizedTest
    @MethodSource("detections")
    void aSuccessCannotTakeBackAnOpeningThatIsUnderWay(DetectorConfig detection) {
        breakerWith(config().detection(detection));
        fail();
        fail();
        long stalled = begun();
        long other = begun();
        List<BreakerState> seen = new ArrayList<>();
        clock.atNextReading(() -> {
            breaker.onSuccess(other, -1);
            seen.add(breaker.state());
        });
        breaker.onFailure(stalled, -1);
        assertThat(seen).containsExactly(OPEN);
        assertThat(breaker.recentTransitions()).hasSize(1);
    }

    @Test
    void theLoserOfTheFirstTrialIsRefusedAndHoldsNoSlot() {
        open();
        clock.advance(RECOVERY);
        long[] winner = {-1};
        // acquire: the reading that finds the open time over
        clock.atNextReading(() -> winner[0] = admitted());
        refused();
        breaker.begin(winner[0]);
        breaker.onExcluded(winner[0]);
        admitted();
    }

    @Test
    void aPermitOfADisabledBreakerIsLateAfterIt() {
        breaker.disable();
        long old = begun();
        breaker.reset();
        for (int i = 0; i < 10; i++) {
            breaker.onFailure(old, -1);
        }
        assertState(CLOSED);
        assertThat(breaker.metrics().late()).isEqualTo(10);
    }

    @Test
    void aResetByHandMakesTheResultsOfCallsUnderWayLate() {
        long trial = trialBegun();
        breaker.reset();
        breaker.onFailure(trial, -1);
        assertState(CLOSED);
        breaker.forceOpen();
        breaker.onSuccess(trial, -1);
        assertState(BreakerState.FORCED_OPEN);
    }

    private long trialBegun() {
        long trial = halfOpen();
        assertThat(breaker.begin(trial)).isTrue();
        return trial;
    }
}
