package io.weir.engine.breaker;

import static io.weir.engine.breaker.BreakerState.CLOSED;
import static io.weir.engine.breaker.BreakerState.HALF_OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The permit's bits, and what happens when they run out. */
class PermitsTest extends BreakerFixture {
    @Test
    void thePartsOfAPermitDoNotTouchEachOther() {
        for (long number : new long[] {0, 1, 5, (1L << 38) - 1}) {
            for (int slot : new int[] {0, 1, 31}) {
                for (int use : new int[] {0, 1, Permits.LAST_USE}) {
                    long permit = Permits.ofTrial(Permits.ofGeneration(number), slot, use);
                    assertThat(permit).isNotNegative();
                    assertThat(Permits.generation(permit)).isEqualTo(Permits.ofGeneration(number));
                    assertThat(Permits.slot(permit)).isEqualTo(slot);
                    assertThat(Permits.use(permit)).isEqualTo(use);
                    assertThat(Permits.isTrial(permit)).isEqualTo(use != 0);
                }
            }
        }
    }

    @Test
    void generationNumbersRecurAfter2To38AndNeverMakeAPermitNegative() {
        assertThat(Permits.ofGeneration(1L << 38)).isEqualTo(Permits.ofGeneration(0));
        assertThat(Permits.ofGeneration(-1)).isPositive();
    }

    @Test
    void aWornOutHalfOpenGenerationIsRenewedWithoutATransition() {
        breakerWith(config().halfOpenMaxCalls(2).halfOpenSuccessThreshold(2));
        long first = halfOpen();
        breaker.begin(first);
        breaker.onSuccess(first, -1); // counted once for all, also after the renewal
        long transitions = breaker.latestTransition().number();
        long old = admitted();
        breaker.onExcluded(old);
        for (int i = 0; i < 2 * Permits.LAST_USE + 10; i++) {
            breaker.onExcluded(admitted());
        }
        assertState(HALF_OPEN);
        assertThat(breaker.latestTransition().number()).isEqualTo(transitions);
        long own = begun();
        assertThat(Permits.generation(own)).isNotEqualTo(Permits.generation(old));
        breaker.onFailure(old, -1);
        assertThat(breaker.begin(old)).isFalse();
        assertState(HALF_OPEN);
        breaker.onSuccess(own, -1);
        assertState(CLOSED);
    }

    @Test
    void aWornOutSlotWaitsForTheOthersBeforeTheRenewal() {
        breakerWith(config().halfOpenMaxCalls(2).trialTimeoutNanos(Check.MAX_NANOS));
        long running = halfOpen();
        breaker.begin(running);
        for (int i = 0; i < Permits.LAST_USE; i++) {
            breaker.onExcluded(admitted());
        }
        refused(); // the running trial's verdict must not be lost with its generation
        breaker.onSuccess(running, -1);
        assertState(CLOSED);
    }
}
