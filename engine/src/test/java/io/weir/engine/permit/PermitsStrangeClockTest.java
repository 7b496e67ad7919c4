package io.weir.engine.permit;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.bucket.Waiter;
import io.weir.engine.testing.ManualTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Timeouts of those who wait for permits, by clocks as they shouldn't be. */
class PermitsStrangeClockTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long HOUR = 3_600 * SECOND;

    private final List<QueuedWaiter> order = new ArrayList<>();

    private Permits taken(ManualTime time) {
        Permits permits = new Permits(time, time, 1, 10);
        assertThat(permits.tryAcquire()).isTrue();
        return permits;
    }

    private QueuedWaiter queue(Permits permits, long timeoutNanos) {
        QueuedWaiter waiter = new QueuedWaiter(order);
        assertThat(permits.acquire(waiter, timeoutNanos)).isEqualTo(Permits.QUEUED);
        return waiter;
    }

    @Test
    void nobodyTimesOutWhileTheClockStandsStillAndPermitsAreStillGranted() {
        ManualTime time = new ManualTime(0);
        Permits permits = taken(time);
        QueuedWaiter waiter = queue(permits, 1);
        for (int i = 0; i < 1_000; i++) {
            time.fireDue();
        }
        assertThat(waiter.end).isNull();
        permits.release();
        assertThat(waiter.end).isEqualTo(Waiter.End.GRANTED);
        assertThat(time.armed()).isZero();
    }

    @Test
    void aStepBackDelaysATimeoutByItselfAndNoMore() {
        ManualTime time = new ManualTime(0);
        Permits permits = taken(time);
        QueuedWaiter waiter = queue(permits, SECOND);
        time.advance(SECOND - 1);
        time.set(time.nanoTime() - HOUR);
        QueuedWaiter later = queue(permits, SECOND); // due before the first
        time.advance(SECOND - 1);
        assertThat(order).isEmpty();
        time.advance(1);
        assertThat(order).containsExactly(later);
        time.advance(HOUR - SECOND);
        assertThat(waiter.end).isNull();
        time.advance(1);
        assertThat(waiter.end).isEqualTo(Waiter.End.TIMED_OUT);
        permits.release();
        assertThat(permits.inUse()).isZero();
        assertThat(waiter.ends + later.ends).isEqualTo(2);
    }

    @Test
    void aJumpOfAnHourEndsWhoIsOverdueAndNobodyElse() {
        ManualTime time = new ManualTime(0);
        Permits permits = taken(time);
        QueuedWaiter first = queue(permits, SECOND);
        QueuedWaiter second = queue(permits, 2 * HOUR);
        QueuedWaiter third = queue(permits, HOUR);
        time.set(HOUR);
        time.fireDue();
        assertThat(order).containsExactlyInAnyOrder(first, third);
        permits.release();
        assertThat(second.end).isEqualTo(Waiter.End.GRANTED);
        assertThat(permits.inUse()).isEqualTo(1);
        assertThat(time.armed()).isZero();
    }

    @Test
    void aTimeoutAcrossTheWrapIsATimeoutAsAnyOther() {
        ManualTime time = new ManualTime(Long.MAX_VALUE - SECOND / 2);
        Permits permits = taken(time);
        QueuedWaiter waiter = queue(permits, SECOND);
        QueuedWaiter patient = queue(permits, HOUR);
        time.advance(SECOND - 1);
        assertThat(time.nanoTime()).isNegative();
        assertThat(order).isEmpty();
        time.advance(1);
        assertThat(order).containsExactly(waiter);
        permits.release();
        assertThat(patient.end).isEqualTo(Waiter.End.GRANTED);
    }
}
