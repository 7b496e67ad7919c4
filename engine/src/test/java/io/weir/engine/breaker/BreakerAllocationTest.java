package io.weir.engine.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.Test;

/** No bytes on the hot paths. */
class BreakerAllocationTest {
    private static final int CALLS = 100_000;

    private final AllocatedBytes allocated = new AllocatedBytes();
    private final Breaker breaker = new Breaker(new SystemNanoClock(), BreakerConfig.defaults());

    @Test
    void aClosedBreakerAllocatesNothingForASuccessfulCall() {
        assertNoBytes(() -> breaker.onSuccess(begun(), 17));
    }

    @Test
    void aClosedBreakerAllocatesNothingForFailuresAmongSuccesses() {
        assertNoBytes(() -> {
            breaker.onFailure(begun(), 17);
            breaker.onSuccess(begun(), 17);
        });
    }

    @Test
    void anOpenBreakerAllocatesNothingForARefusal() {
        for (int i = 0; i < 5; i++) {
            breaker.onFailure(begun(), 17);
        }
        assertThat(breaker.state()).isEqualTo(BreakerState.OPEN);
        assertNoBytes(() -> assertRefused(breaker.tryAcquire()));
    }

    @Test
    void aHalfOpenBreakerAllocatesNothingForARefusal() {
        Breaker quick = new Breaker(
                new SystemNanoClock(),
                BreakerConfig.builder()
                        .detection(DetectorConfig.consecutive(1))
                        .recoveryNanos(1)
                        .build());
        quick.onFailure(quick.tryAcquire(), 17);
        assertThat(quick.tryAcquire()).isNotNegative();
        assertNoBytes(() -> assertRefused(quick.tryAcquire()));
    }

    private long begun() {
        long permit = breaker.tryAcquire();
        if (permit < 0 || !breaker.begin(permit)) {
            throw new AssertionError("refused");
        }
        return permit;
    }

    private static void assertRefused(long permit) {
        if (permit >= 0) {
            throw new AssertionError("admitted");
        }
    }

    private void assertNoBytes(Runnable call) {
        // The two readings themselves box a few numbers.
        assertThat(allocated.least(CALLS, call)).as("bytes in %d calls", CALLS).isLessThan(1_000);
    }

    @Test
    void theMeasurementSeesAnAllocation() {
        Object[] sink = new Object[1];
        assertThat(allocated.least(CALLS, () -> sink[0] = new long[1])).isGreaterThan(CALLS);
    }
}
