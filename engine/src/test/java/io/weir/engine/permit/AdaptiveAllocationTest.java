package io.weir.engine.permit;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.testing.AllocationMeter;
import org.junit.jupiter.api.Test;

class AdaptiveAllocationTest {
    private static final int CALLS = 100_000;

    private long now;

    @Test
    void callsAndTheirWindowsAllocateNothing() {
        for (LimitAlgorithm algorithm : new LimitAlgorithm[] {new GradientLimit(), new VegasLimit(), new AimdLimit()}) {
            AdaptivePermits permits = permits(algorithm);
            assertNoBytes(() -> {
                now += 1_000_000; // a window closes every thousand calls
                long permit = permits.tryAcquire();
                now += 100_000;
                if ((now & 7) == 0) {
                    permits.onDropped(permit);
                } else {
                    permits.onSuccess(permit);
                }
            });
        }
    }

    @Test
    void aRefusalAllocatesNothing() {
        AdaptivePermits permits = permits(new GradientLimit());
        for (int i = 0; i < 20; i++) {
            permits.tryAcquire();
        }
        assertNoBytes(permits::tryAcquire);
    }

    private AdaptivePermits permits(LimitAlgorithm algorithm) {
        return new AdaptivePermits(
                () -> now,
                new NoTimer(),
                AdaptiveConfig.builder().algorithm(algorithm).build());
    }

    private static void assertNoBytes(Runnable call) {
        assertThat(AllocationMeter.leastBytes(CALLS, call))
                .as("bytes in %d calls", CALLS)
                .isLessThan(1_000);
    }
}
