package io.weir.engine.permit;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.testing.AllocationMeter;
import io.weir.engine.testing.ManualTime;
import org.junit.jupiter.api.Test;

class PermitsAllocationTest {
    private static final int CALLS = 100_000;

    private final Permits permits = new Permits(new ManualTime(0), new ManualTime(0), 2, 10);

    @Test
    void aGrantAndItsReleaseAllocateNothing() {
        assertNoBytes(() -> {
            if (permits.tryAcquire()) {
                permits.release();
            }
        });
    }

    @Test
    void aRefusalAllocatesNothing() {
        permits.tryAcquire();
        permits.tryAcquire();
        assertNoBytes(permits::tryAcquire);
    }

    @Test
    void aRefusalBehindALineAllocatesNothing() {
        permits.tryAcquire();
        permits.tryAcquire();
        permits.acquire(new QueuedWaiter(), Long.MAX_VALUE);
        assertNoBytes(permits::tryAcquire);
    }

    private static void assertNoBytes(Runnable call) {
        assertThat(AllocationMeter.leastBytes(CALLS, call))
                .as("bytes in %d calls", CALLS)
                .isLessThan(1_000);
    }

    @Test
    void theMeterSeesAnAllocation() {
        Object[] sink = new Object[1];
        assertThat(AllocationMeter.leastBytes(CALLS, () -> sink[0] = new long[1]))
                .isGreaterThan(CALLS);
    }
}
