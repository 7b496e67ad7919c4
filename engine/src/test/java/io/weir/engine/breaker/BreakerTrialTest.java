package io.weir.engine.breaker;

import static io.weir.engine.breaker.BreakerState.CLOSED;
import static io.weir.engine.breaker.BreakerState.HALF_OPEN;
import static io.weir.engine.breaker.BreakerState.OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.breaker.Transition.Reason;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** T1 to T5, B4, B5: what becomes of trials and their slots. */
class BreakerTrialTest extends BreakerFixture {
    @Test
    void theFirstCallAfterTheRecoveryTimeIsTheFirstTrial() {
        open();
        clock.advance(RECOVERY - 1);
        refused();
        clock.advance(1);
        admitted();
        assertState(HALF_OPEN);
        refused();
    }

    @Test
    void asManyTrialsAsThereAreSlotsAndNoMore() {
        breakerWith(config().halfOpenMaxCalls(32).halfOpenSuccessThreshold(100));
        halfOpen();
        for (int i = 1; i < 32; i++) {
            begun();
        }
        refused();
    }

    @Test
    void aSuccessfulTrialClosesIt() {
        long trial = halfOpen();
        breaker.begin(trial);
        breaker.onSuccess(trial, -1);
        assertState(CLOSED);
    }

    @Test
    void itTakesTheSuccessThresholdToCloseIt() {
        breakerWith(config().halfOpenSuccessThreshold(3));
        long trial = halfOpen();
        breaker.begin(trial);
        breaker.onSuccess(trial, -1);
        succeed();
        assertState(HALF_OPEN);
        succeed();
        assertState(CLOSED);
    }

    @Test
    void aFailedTrialReopensItAtOnceAndRestartsTheRecoveryTime() {
        breakerWith(config().halfOpenMaxCalls(2).halfOpenSuccessThreshold(2));
        long trial = halfOpen();
        breaker.begin(trial);
        succeed();
        clock.advance(7);
        breaker.onFailure(trial, -1);
        assertState(OPEN);
        assertThat(breaker.retryAfterNanos()).isEqualTo(RECOVERY);
        assertThat(breaker.latestTransition().reason()).isEqualTo(Reason.TRIAL_FAILED);
    }

    static Stream<String> waysToGiveBack() {
        return Stream.of("excluded", "cancelled", "released");
    }

    private LongConsumer way(String name) {
        return switch (name) {
            case "excluded" -> breaker::onExcluded;
            case "cancelled" -> breaker::onCancelled;
            default -> breaker::release;
        };
    }

    /**
     * In the original this leaks the slot, and the breaker rejects for ever; the same complaint is Resilience4j #544,
     * #935, #1389.
     */
    @ParameterizedTest
    @MethodSource("waysToGiveBack")
    void anInconclusiveTrialGivesItsSlotBack(String way) {
        long trial = halfOpen();
        breaker.begin(trial);
        way(way).accept(trial);
        assertState(HALF_OPEN);
        succeed();
        assertState(CLOSED);
    }

    @ParameterizedTest
    @MethodSource("waysToGiveBack")
    void aTrialThatHasNotBegunGivesItsSlotBack(String way) {
        way(way).accept(halfOpen());
        assertState(HALF_OPEN);
        succeed();
        assertState(CLOSED);
    }

    @Test
    void aResultWithoutABeginningFreesTheSlotAndSaysNothing() {
        breaker.onSuccess(halfOpen(), -1);
        assertState(HALF_OPEN);
        breaker.onFailure(admitted(), -1);
        assertState(HALF_OPEN);
        assertThat(breaker.metrics().released()).isEqualTo(2);
        begun();
    }

    @Test
    void aSlotThatNeverBeginsIsFreedAfterTheTimeout() {
        halfOpen();
        clock.advance(TRIAL_TIMEOUT - 1);
        refused();
        clock.advance(1);
        succeed();
        assertState(CLOSED);
    }

    @Test
    void aTrialThatBeginsTooLateIsARejection() {
        long trial = halfOpen();
        clock.advance(TRIAL_TIMEOUT);
        assertThat(breaker.begin(trial)).isFalse();
        assertThat(breaker.metrics().rejected()).isEqualTo(1);
        breaker.release(trial); // what a pipeline does with every rejection
        assertThat(breaker.metrics().released()).isZero();
        assertThat(breaker.metrics().late()).isZero();
        begun();
    }

    @Test
    void aTrialThatBeginsAfterItsSlotWentToAnotherIsARejection() {
        long late = halfOpen();
        clock.advance(TRIAL_TIMEOUT);
        begun();
        assertThat(breaker.begin(late)).isFalse();
        refused();
    }

    @Test
    void aTrialBeginsJustWithinTheTimeoutAndItsTimeRunsFromThere() {
        long trial = halfOpen();
        clock.advance(TRIAL_TIMEOUT - 1);
        assertThat(breaker.begin(trial)).isTrue();
        clock.advance(TRIAL_TIMEOUT - 1);
        assertState(HALF_OPEN);
        breaker.onSuccess(trial, -1);
        assertState(CLOSED);
    }

    @Test
    void aTrialThatNeverReportsIsJudgedByTheNextToucherAsIfAtItsStartPlusTheTimeout() {
        begunTrial();
        long expiry = clock.now + TRIAL_TIMEOUT;
        clock.advance(TRIAL_TIMEOUT + 60);
        assertState(OPEN);
        assertThat(breaker.latestTransition().atNanos()).isEqualTo(expiry);
        assertThat(breaker.latestTransition().reason()).isEqualTo(Reason.TRIAL_EXPIRED);
        assertThat(breaker.retryAfterNanos()).isEqualTo(RECOVERY - 60);
    }

    @Test
    void aCallerAfterTheExpiryAndTheRecoveryTimeIsItselfTheNextTrial() {
        begunTrial();
        clock.advance(TRIAL_TIMEOUT + RECOVERY);
        long next = admitted();
        assertState(HALF_OPEN);
        assertThat(breaker.recentTransitions())
                .extracting(Transition::to)
                .containsExactly(OPEN, HALF_OPEN, OPEN, HALF_OPEN);
        breaker.begin(next);
        breaker.onSuccess(next, -1);
        assertState(CLOSED);
    }

    @Test
    void aTrialsOwnReportIsJudgedFirst() {
        long trial = begunTrial();
        clock.advance(TRIAL_TIMEOUT);
        breaker.onSuccess(trial, -1);
        assertState(OPEN);
        assertThat(breaker.metrics().late()).isEqualTo(1);
        assertThat(breaker.metrics().successes()).isZero();
    }

    @Test
    void everyTouchJudgesButToStringDoesNot() {
        Stream<Runnable> touches = Stream.of(
                () -> breaker.tryAcquire(),
                () -> breaker.state(),
                () -> breaker.metrics(),
                () -> breaker.retryAfterNanos(),
                () -> breaker.recentTransitions(),
                () -> breaker.onSuccess(0, -1),
                () -> breaker.onFailure(0, -1),
                () -> breaker.onExcluded(0),
                () -> breaker.onCancelled(0),
                () -> breaker.release(0));
        touches.forEach(touch -> {
            breakerWith(config());
            begunTrial();
            clock.advance(TRIAL_TIMEOUT);
            assertThat(breaker.toString()).contains("HALF_OPEN");
            assertThat(breaker.stateNow()).isEqualTo(HALF_OPEN);
            touch.run();
            assertThat(breaker.stateNow()).isEqualTo(OPEN);
        });
    }

    @Test
    void theOldestOfSeveralExpiredTrialsSetsTheTime() {
        breakerWith(config().halfOpenMaxCalls(3));
        long first = halfOpen();
        clock.advance(10);
        begun();
        clock.advance(10);
        breaker.begin(first);
        clock.advance(200);
        assertState(OPEN);
        assertThat(breaker.latestTransition().atNanos()).isEqualTo(clock.now - 210 + TRIAL_TIMEOUT);
    }

    @Test
    void aDoubleReportFreesNobodyElsesSlot() {
        breakerWith(config().halfOpenSuccessThreshold(2));
        long first = begunTrial();
        breaker.onExcluded(first);
        long second = begun();
        breaker.onExcluded(first);
        breaker.onCancelled(first);
        breaker.onSuccess(first, -1);
        breaker.onFailure(first, -1);
        breaker.release(first);
        refused(); // the second still holds it
        assertState(HALF_OPEN);
        assertThat(breaker.metrics().late()).isEqualTo(4);
        breaker.onSuccess(second, -1);
        succeed();
        assertState(CLOSED);
    }

    @Test
    void aReportAfterTheSlotWasFreedForNeverBeginningIsLate() {
        long first = halfOpen();
        clock.advance(TRIAL_TIMEOUT);
        long second = begun();
        breaker.onSuccess(first, -1);
        assertState(HALF_OPEN);
        refused();
        breaker.onSuccess(second, -1);
        assertState(CLOSED);
    }

    @Test
    void aForeignPermitMovesNothing() {
        long trial = begunTrial();
        breaker.onFailure(trial ^ 1, -1);
        breaker.onFailure(trial | (31L << Permits.USE_BITS), -1);
        breaker.onFailure(trial & ~Permits.LAST_USE, -1);
        assertThat(breaker.begin(trial | (31L << Permits.USE_BITS))).isFalse();
        assertState(HALF_OPEN);
        breaker.onSuccess(trial, -1);
        assertState(CLOSED);
    }

    @Test
    void aRetryInsideATrialBeginsTwice() {
        long trial = begunTrial();
        long start = clock.now;
        clock.advance(TRIAL_TIMEOUT - 1);
        assertThat(breaker.begin(trial)).isTrue();
        clock.advance(1);
        assertState(OPEN); // the time runs from the first beginning
        assertThat(breaker.latestTransition().atNanos()).isEqualTo(start + TRIAL_TIMEOUT);
    }

    @Test
    void aRetryInsideATrialThatExpiredIsNotRejectedAlsoGenerationsLater() {
        long trial = begunTrial();
        for (int i = 0; i < Generation.PAST; i++) {
            assertThat(breaker.begin(trial)).isTrue();
            clock.advance(TRIAL_TIMEOUT + RECOVERY);
            begun(); // the next trial, which does not report either
            assertThat(breaker.begin(trial)).isTrue();
        }
        assertState(HALF_OPEN);
        clock.advance(TRIAL_TIMEOUT + RECOVERY);
        begun();
        assertThat(breaker.begin(trial)).as("forgotten").isFalse();
    }

    @Test
    void aTrialClaimedButNotBegunWhenAnotherReopensBeginsOnlyWithinTheTimeout() {
        breakerWith(config().halfOpenMaxCalls(3));
        long failing = begunTrial();
        long soon = admitted();
        long late = admitted();
        breaker.onFailure(failing, -1);
        assertState(OPEN);
        assertThat(breaker.begin(soon)).isTrue();
        clock.advance(TRIAL_TIMEOUT);
        assertThat(breaker.begin(late)).isFalse();
    }

    @Test
    void twoAttemptsThatBeginAtTheSameTimeBothBegin() {
        long trial = halfOpen();
        clock.atNextReading(() -> assertThat(breaker.begin(trial)).isTrue());
        assertThat(breaker.begin(trial)).isTrue();
    }

    @Test
    void anAttemptTooOldToBeginGoesOnIfAnotherHasJustBegun() {
        long trial = halfOpen();
        clock.advance(TRIAL_TIMEOUT);
        clock.atNextReading(() -> {
            clock.advance(-1);
            assertThat(breaker.begin(trial)).isTrue();
        });
        assertThat(breaker.begin(trial)).isTrue();
    }

    @Test
    void aTrialThatReportsWhileItIsBeingJudgedIsNotExpired() {
        long trial = begunTrial();
        clock.advance(TRIAL_TIMEOUT);
        // The judge has read the clock; before it looks at the slot, the report comes in on a reading before the
        // expiry.
        clock.atNextReading(() -> {
            clock.advance(-1);
            breaker.onSuccess(trial, -1);
            clock.advance(1);
        });
        assertState(CLOSED);
        assertThat(breaker.metrics().late()).isZero();
    }

    @Test
    void aFailureThatStallsBetweenItsSlotAndTheReopeningIsHelped() {
        breakerWith(config().halfOpenMaxCalls(2));
        long failing = begunTrial();
        long other = begun();
        // Readings of a failing report: the judge's, then the one for its slot. A success comes between them: it wins.
        clock.atNextReading(() -> clock.atNextReading(() -> breaker.onSuccess(other, -1)));
        breaker.onFailure(failing, -1);
        assertState(CLOSED);
        assertThat(breaker.recentTransitions()).hasSize(3);
    }

    @Test
    void aRefusedCallIsToldWhenTheOldestTrialTimesOut() {
        breakerWith(config().halfOpenMaxCalls(2));
        begunTrial();
        clock.advance(30);
        assertThat(breaker.retryAfterNanos()).as("a slot is free").isZero();
        begun();
        assertThat(breaker.retryAfterNanos()).isEqualTo(TRIAL_TIMEOUT - 30);
    }

    @Test
    void whatARefusedCallIsToldIsAtMostTheRecoveryTime() {
        breakerWith(config().trialTimeoutNanos(10 * RECOVERY));
        begunTrial();
        assertThat(breaker.retryAfterNanos()).isEqualTo(RECOVERY);
    }

    private long begunTrial() {
        long trial = halfOpen();
        assertThat(breaker.begin(trial)).isTrue();
        return trial;
    }
}
