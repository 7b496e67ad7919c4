package io.weir.engine.breaker;

import static io.weir.engine.breaker.BreakerState.CLOSED;
import static io.weir.engine.breaker.BreakerState.HALF_OPEN;
import static io.weir.engine.breaker.BreakerState.OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Calls that overlap a transition, as the model checker found them, played in one thread: a script runs between two of
 * their steps. The other counterexamples that the contract and the design tell of, and their tests:
 *
 * <pre>
 *  a late failure pushes the recovery out           BreakerLateResultTest.aLateFailureDoesNotPushTheRecoveryTimeOut
 *  a late success closes a re-opened breaker        BreakerLateResultTest.aLateSuccessDoesNotCloseABreakerThatReopened
 *  a failure of generation 0 counts in generation 3 BreakerLateResultTest.aLateFailureOfGeneration0CountsForNothing…
 *   and opens it after a stall                      BreakerLateResultTest.aFailureOfGeneration0ThatStallsOpensNothing…
 *  a deadline is written by the loser of the CAS    BreakerLateResultTest.aDeadlineIsNotWrittenByTheLoserOfTheOpening
 *  an old deadline is read after the CAS            BreakerLateResultTest.anOpeningIsNeverSeenWithTheDeadlineOfTheOne…
 *  a success takes back an opening under way        BreakerLateResultTest.aSuccessCannotTakeBackAnOpeningThatIs…
 *  an excluded or cancelled trial leaks its slot    BreakerTrialTest.anInconclusiveTrialGivesItsSlotBack
 *  a trial that never reports holds HALF_OPEN       BreakerTrialTest.aTrialThatNeverReportsIsJudgedByTheNextToucher…
 *  a late touch delays the recovery                 BreakerTrialTest.aCallerAfterTheExpiryAndTheRecoveryTimeIsItself…
 *  a report twice frees somebody else's slot        BreakerTrialTest.aDoubleReportFreesNobodyElsesSlot
 *  a trial too old to begin calls the service       BreakerTrialTest.aTrialThatBeginsTooLateIsARejection
 *  a retry inside an expired trial is rejected      BreakerTrialTest.aRetryInsideATrialThatExpiredIsNotRejected…
 *  a trial that reported in time is called expired  BreakerTrialTest.aTrialThatReportsWhileItIsBeingJudgedIsNotExpired
 *  a failed slot is free before the re-opening      aSlotThatFailedAdmitsNobodyBeforeTheReopening
 *  use counts wrap                                  aWornOutHalfOpenIsRenewedWithItsSuccesses
 *  history grows for ever                           BreakerMemoryTest
 * </pre>
 */
class BreakerOverlapTest extends BreakerFixture {
    @Test
    void aTrialGivenBackWhileAResetOvertakesItCannotBeginAgain() {
        long trial = trialBegun();
        clock.atNextReading(breaker::reset); // the report has seen HALF_OPEN, and not its slot yet
        breaker.onExcluded(trial);
        assertThat(breaker.begin(trial)).isFalse();
    }

    @Test
    void aTrialGivenBackAfterAResetCannotBeginAgainEither() {
        long trial = trialBegun();
        breaker.reset();
        breaker.onExcluded(trial);
        assertThat(breaker.begin(trial)).isFalse();
        assertThat(breaker.metrics().late()).isEqualTo(1);
        assertThat(breaker.metrics().excluded()).isZero();
    }

    @Test
    void aTrialThatFailedMayGoOnWhicheverOfItsReportsComesNext() {
        long trial = trialBegun();
        breaker.onFailure(trial, -1);
        breaker.onExcluded(trial);
        breaker.onSuccess(trial, -1);
        assertThat(breaker.begin(trial)).as("FAILED is final (T3)").isTrue();
    }

    @Test
    void aTrialThatFailsLateMayGoOnAsOneThatFailsInTime() {
        long trial = trialBegun();
        breaker.reset();
        breaker.onFailure(trial, -1);
        breaker.onExcluded(trial);
        assertThat(breaker.begin(trial)).isTrue();
        assertState(CLOSED);
    }

    @Test
    void aCallerThatAResetOvertakesAtItsClaimIsAdmittedWithoutATrial() {
        breaker.onExcluded(trialBegun()); // HALF_OPEN, with no slot in use
        // Readings of an acquire: the judge's, then the claim's, between which and the claim the reset comes.
        clock.atNextReading(() -> clock.atNextReading(breaker::reset));
        long permit = admitted();
        assertState(CLOSED);
        assertThat(Breaker.isTrial(permit)).isFalse();
    }

    @Test
    void aCallerThatAResetOvertakesAtFullSlotsIsAdmittedWithThePresentPermit() {
        trialBegun();
        clock.atNextReading(() -> clock.atNextReading(breaker::reset));
        breaker.onFailure(admitted(), -1);
        assertThat(breaker.metrics().late()).as("its result counts").isZero();
        assertThat(breaker.metrics().failures()).isEqualTo(3 + 1);
        assertThat(breaker.metrics().rejected()).isZero();
    }

    @Test
    void aSlotOfThePastThatIsFreedLateAdmitsNobody() {
        breakerWith(config().halfOpenMaxCalls(2));
        long failing = trialBegun();
        long idle = admitted();
        // A caller has found it HALF_OPEN and full; before it looks at the slots, one trial re-opens the breaker, and
        // the
        // other frees its slot, late.
        clock.atNextReading(() -> clock.atNextReading(() -> {
            breaker.onFailure(failing, -1);
            breaker.onSuccess(idle, -1);
        }));
        refused();
        assertState(OPEN);
    }

    @Test
    void aSlotOfThePastThatIsFreedByATooLateBeginningAdmitsNobody() {
        long idle = halfOpen();
        clock.atNextReading(() -> clock.atNextReading(() -> {
            breaker.forceOpen();
            clock.advance(TRIAL_TIMEOUT);
            assertThat(breaker.begin(idle)).isFalse();
        }));
        refused();
    }

    @Test
    void aTrialClaimedBeforeATransitionMayBeginAfterIt() {
        breaker.onExcluded(trialBegun());
        long claimed = admitted();
        breaker.reset();
        assertThat(breaker.begin(claimed)).isTrue();
        breaker.onFailure(claimed, -1);
        assertState(CLOSED);
    }

    @Test
    void aReportIsNotLostToItsOwnCallsBeginning() {
        long trial = halfOpen();
        // A begin has read the clock, and is about to say RUNNING, when the call is cancelled; and the other way round,
        // which a script can't play: BreakerHalfOpenLincheckTest and TrialBeginOrCancel (jcstress) do.
        clock.atNextReading(() -> breaker.onCancelled(trial));
        assertThat(breaker.begin(trial)).isFalse();
        succeed();
        assertState(CLOSED);
    }

    @Test
    void aSlotThatFailedAdmitsNobodyBeforeTheReopening() {
        TrialSlots trials = new TrialSlots(Permits.ofGeneration(1), 1, TRIAL_TIMEOUT, 0, clock.now);
        long permit = trials.firstPermit();
        trials.begin(permit, clock);
        trials.settle(permit, Outcome.FAILURE, clock); // and the thread stalls here
        assertThat(trials.claim(clock.now)).isNegative();
        clock.advance(10 * TRIAL_TIMEOUT);
        assertThat(trials.claim(clock.now)).isNegative();
        assertThat(trials.settle(permit, Outcome.SUCCESS, clock)).isEqualTo(TrialSlots.Settled.LATE);
        assertThat(trials.judge(clock.now)).as("whoever comes, helps").satisfies(failed -> {
            assertThat(failed.phase).isEqualTo(TrialSlots.Phase.FAILED);
            assertThat(failed.atNanos).isEqualTo(clock.now - 10 * TRIAL_TIMEOUT);
        });
    }

    @Test
    void aSuccessIsCountedInTheStepThatFreesItsSlot() {
        TrialSlots trials = new TrialSlots(Permits.ofGeneration(1), 1, TRIAL_TIMEOUT, 0, clock.now);
        long permit = trials.firstPermit();
        trials.begin(permit, clock);
        assertThat(trials.settle(permit, Outcome.SUCCESS, clock)).isEqualTo(TrialSlots.Settled.DONE);
        assertThat(trials.successes()).isEqualTo(1); // nobody can see the slot free and the success missing
        assertThat(trials.claim(clock.now)).isNotNegative();
    }

    @Test
    void whoeverMeetsEnoughSuccessesCloses() {
        breakerWith(config().halfOpenMaxCalls(2).halfOpenSuccessThreshold(2));
        long one = trialBegun();
        long other = begun();
        // The first success has been judged, and settles after the other; each alone would be one too few.
        clock.atNextReading(() -> breaker.onSuccess(other, -1));
        breaker.onSuccess(one, -1);
        assertState(CLOSED);
        assertThat(breaker.recentTransitions()).hasSize(3);
    }

    @Test
    void aSuccessThatStallsBeforeTheClosingIsHelpedByTheNextCaller() {
        long trial = trialBegun();
        List<BreakerState> seen = new ArrayList<>();
        // Readings of the report: the judge's, then the closing's. The success is in, and its thread stalls there.
        clock.atNextReading(() -> clock.atNextReading(() -> {
            breaker.onFailure(admitted(), -1);
            seen.add(breaker.state());
        }));
        breaker.onSuccess(trial, -1);
        assertThat(seen).containsExactly(CLOSED);
        assertThat(breaker.metrics().late())
                .as("the caller's permit is of the closed one")
                .isZero();
        assertThat(breaker.recentTransitions()).hasSize(3);
    }

    @Test
    void aWornOutHalfOpenIsRenewedWithItsSuccesses() {
        breakerWith(config().halfOpenSuccessThreshold(2));
        breaker.onSuccess(trialBegun(), -1);
        long last = -1;
        for (int use = 2; use <= Permits.LAST_USE; use++) {
            last = admitted();
            breaker.onExcluded(last);
        }
        long renewed = begun();
        assertThat(breaker.begin(last)).isFalse();
        breaker.onFailure(last, -1);
        assertThat(breaker.recentTransitions()).as("a renewal is no transition").hasSize(2);
        refused();
        breaker.onSuccess(renewed, -1);
        assertState(CLOSED);
    }

    @Test
    void ofTwoCallersThatMeetAWornOutHalfOpenOneRenewsIt() {
        breaker.onExcluded(halfOpen());
        for (int use = 2; use <= Permits.LAST_USE; use++) {
            breaker.release(admitted());
        }
        long[] winner = {-1};
        clock.atNextReading(() -> clock.atNextReading(() -> winner[0] = admitted()));
        refused();
        breaker.begin(winner[0]);
        breaker.onSuccess(winner[0], -1);
        assertState(CLOSED);
    }

    @Test
    void aTrialOfARenewalIsNotTakenForOneOfTheNextHalfOpen() {
        breaker.onExcluded(halfOpen());
        for (int use = 2; use <= Permits.LAST_USE; use++) {
            breaker.release(admitted());
        }
        long renewed = begun();
        breaker.onFailure(renewed, -1);
        clock.advance(RECOVERY);
        long next = begun();
        breaker.onSuccess(renewed, -1);
        assertState(HALF_OPEN);
        breaker.onSuccess(next, -1);
        assertState(CLOSED);
    }

    private long trialBegun() {
        long trial = halfOpen();
        assertThat(breaker.begin(trial)).isTrue();
        return trial;
    }
}
