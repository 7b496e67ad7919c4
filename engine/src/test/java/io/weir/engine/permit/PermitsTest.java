package io.weir.engine.permit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.engine.bucket.Waiter;
import io.weir.engine.testing.ManualTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** P1 to P5 of {@link Permits}, one behaviour a test. */
class PermitsTest {
    private static final long FOREVER = Long.MAX_VALUE;

    private final ManualTime time = new ManualTime(-5);
    private final List<QueuedWaiter> order = new ArrayList<>();

    private Permits permits(int limit) {
        return new Permits(time, time, limit, 10_000);
    }

    private Permits taken(int limit) {
        Permits permits = permits(limit);
        for (int i = 0; i < limit; i++) {
            assertThat(permits.tryAcquire()).isTrue();
        }
        return permits;
    }

    private QueuedWaiter queue(Permits permits, long timeoutNanos) {
        QueuedWaiter waiter = new QueuedWaiter(order);
        assertThat(permits.acquire(waiter, timeoutNanos)).isEqualTo(Permits.QUEUED);
        return waiter;
    }

    // ---- granting

    @Test
    void asManyAreGrantedAsThereArePermits() {
        Permits permits = taken(3);
        assertThat(permits.tryAcquire()).isFalse();
        assertThat(permits.inUse()).isEqualTo(3);
        permits.release();
        assertThat(permits.tryAcquire()).isTrue();
        assertThat(permits.tryAcquire()).isFalse();
    }

    @Test
    void aFreePermitIsGrantedAtOnceWithoutTheLineAndWithoutATimer() {
        Permits permits = permits(1);
        QueuedWaiter waiter = new QueuedWaiter();
        assertThat(permits.acquire(waiter, 17)).isZero();
        assertThat(waiter.ends).isZero();
        assertThat(permits.inUse()).isEqualTo(1);
        assertThat(time.armedEver()).isZero();
    }

    @Test
    void waitersAreServedFirstComeFirstServed() {
        Permits permits = taken(2);
        QueuedWaiter first = queue(permits, FOREVER);
        QueuedWaiter second = queue(permits, FOREVER);
        QueuedWaiter third = queue(permits, FOREVER);
        assertThat(permits.waiters()).isEqualTo(3);
        permits.release();
        assertThat(order).containsExactly(first);
        permits.release();
        assertThat(order).containsExactly(first, second);
        assertThat(permits.inUse()).isEqualTo(2);
        permits.release();
        assertThat(order).containsExactly(first, second, third);
        assertThat(third.end).isEqualTo(Waiter.End.GRANTED);
        assertThat(permits.waiters()).isZero();
        permits.release();
        permits.release();
        assertThat(permits.inUse()).isZero();
    }

    @Test
    void aWaitWithoutATimeoutArmsNoTimer() {
        Permits permits = taken(1);
        queue(permits, FOREVER);
        permits.release();
        assertThat(time.armedEver()).isZero();
    }

    @Test
    void aWaiterIsGoodForOneAcquire() {
        Permits permits = taken(1);
        QueuedWaiter waiter = queue(permits, FOREVER);
        assertThatThrownBy(() -> permits.acquire(waiter, FOREVER)).isInstanceOf(IllegalStateException.class);
        permits.release();
        assertThatThrownBy(() -> permits.acquire(waiter, FOREVER)).isInstanceOf(IllegalStateException.class);
        assertThat(permits.inUse()).isEqualTo(1);
    }

    @Test
    void aWaiterThatWasGrantedAtOnceIsGoodForNoOther() {
        Permits permits = permits(2);
        QueuedWaiter waiter = new QueuedWaiter();
        assertThat(permits.acquire(waiter, FOREVER)).isZero();
        assertThatThrownBy(() -> permits.acquire(waiter, FOREVER)).isInstanceOf(IllegalStateException.class);
        assertThat(permits.inUse()).as("nothing was taken for it").isEqualTo(1);
    }

    // ---- releasing

    @Test
    void aReleaseWhenNoPermitIsInUseIsRefused() {
        Permits permits = permits(2);
        assertThatThrownBy(permits::release).isInstanceOf(IllegalStateException.class);
        assertThat(permits.tryAcquire()).isTrue();
        permits.release();
        assertThatThrownBy(permits::release).isInstanceOf(IllegalStateException.class);
        assertThat(permits.inUse()).isZero();
        assertThat(permits.limit()).isEqualTo(2);
    }

    // ---- refusing

    @Test
    void aCallerThatDoesNotWaitIsRefused() {
        Permits permits = taken(1);
        assertThat(permits.acquire(new QueuedWaiter(), 0)).isEqualTo(Permits.REFUSED);
        assertThat(permits.acquire(new QueuedWaiter(), -1)).isEqualTo(Permits.REFUSED);
        assertThat(permits.waiters()).isZero();
    }

    @Test
    void aFullLineRefuses() {
        Permits permits = new Permits(time, time, 1, 1);
        assertThat(permits.tryAcquire()).isTrue();
        QueuedWaiter waiter = queue(permits, FOREVER);
        assertThat(permits.acquire(new QueuedWaiter(), FOREVER)).isEqualTo(Permits.REFUSED);
        assertThat(permits.cancel(waiter)).isTrue();
        queue(permits, FOREVER);
    }

    @Test
    void withoutAPlaceInLineNobodyWaits() {
        Permits permits = new Permits(time, time, 1, 0);
        assertThat(permits.acquire(new QueuedWaiter(), FOREVER)).isZero();
        assertThat(permits.acquire(new QueuedWaiter(), FOREVER)).isEqualTo(Permits.REFUSED);
    }

    // ---- ends of waits

    @Test
    void aTimedOutWaiterTakesNothingAndDelaysNobody() {
        Permits permits = taken(1);
        QueuedWaiter hasty = queue(permits, 100);
        QueuedWaiter patient = queue(permits, FOREVER);
        time.advance(99);
        assertThat(hasty.end).isNull();
        time.advance(1);
        assertThat(hasty.end).isEqualTo(Waiter.End.TIMED_OUT);
        assertThat(hasty.retryAfterNanos()).isEqualTo(FOREVER);
        permits.release();
        assertThat(patient.end).isEqualTo(Waiter.End.GRANTED);
        assertThat(permits.inUse()).isEqualTo(1);
        assertThat(hasty.ends).isEqualTo(1);
    }

    @Test
    void aGrantedWaitersTimeoutIsCancelled() {
        Permits permits = taken(1);
        QueuedWaiter waiter = queue(permits, 100);
        permits.release();
        assertThat(time.armed()).isZero();
        time.advance(200);
        assertThat(waiter.ends).isEqualTo(1);
    }

    @Test
    void aCancelledWaiterIsToldNothingAndTakesNothing() {
        Permits permits = taken(1);
        QueuedWaiter cancelled = queue(permits, 100);
        QueuedWaiter next = queue(permits, FOREVER);
        assertThat(permits.cancel(cancelled)).isTrue();
        assertThat(permits.cancel(cancelled)).isFalse();
        assertThat(time.armed()).isZero();
        permits.release();
        assertThat(cancelled.ends).isZero();
        assertThat(next.end).isEqualTo(Waiter.End.GRANTED);
    }

    @Test
    void aGrantedWaiterIsNotCancelledAndItsPermitIsStillToBeReleased() {
        Permits permits = taken(1);
        QueuedWaiter waiter = queue(permits, FOREVER);
        permits.release();
        assertThat(permits.cancel(waiter)).isFalse();
        assertThat(permits.inUse()).isEqualTo(1);
        permits.release();
        assertThat(permits.inUse()).isZero();
    }

    @Test
    void aWaiterOfOtherPermitsIsNotCancelled() {
        Permits permits = taken(1);
        QueuedWaiter waiter = queue(permits, FOREVER);
        assertThat(taken(1).cancel(waiter)).isFalse();
        assertThat(permits.waiters()).isEqualTo(1);
    }

    @Test
    void aWaiterThatThrowsHarmsNobody() {
        Permits permits = taken(1);
        Waiter bad = new Waiter(1) {
            @Override
            protected void onEnd(End end) {
                permits.release(); // and re-enters the drain
                throw new IllegalArgumentException("expected in this test's log");
            }
        };
        assertThat(permits.acquire(bad, FOREVER)).isEqualTo(Permits.QUEUED);
        QueuedWaiter good = queue(permits, FOREVER);
        permits.release();
        assertThat(good.end).isEqualTo(Waiter.End.GRANTED);
        assertThat(permits.inUse()).isEqualTo(1);
    }

    // ---- order

    @Test
    void whileSomebodyWaitsATryAcquireIsRefused() {
        Permits permits = taken(1);
        List<Boolean> overtaken = new ArrayList<>();
        Waiter head = new Waiter(1) {
            @Override
            protected void onEnd(End end) {
                permits.release(); // as this runs in the drain, the next in line has not been served yet
                overtaken.add(permits.tryAcquire());
            }
        };
        assertThat(permits.acquire(head, FOREVER)).isEqualTo(Permits.QUEUED);
        QueuedWaiter next = queue(permits, FOREVER);
        permits.release();
        assertThat(overtaken).containsExactly(false);
        assertThat(next.end).isEqualTo(Waiter.End.GRANTED);
    }

    // ---- resizing

    @Test
    void raisingTheLimitServesThoseInLine() {
        Permits permits = taken(1);
        QueuedWaiter first = queue(permits, FOREVER);
        QueuedWaiter second = queue(permits, FOREVER);
        QueuedWaiter third = queue(permits, FOREVER);
        permits.resize(3);
        assertThat(order).containsExactly(first, second);
        assertThat(permits.limit()).isEqualTo(3);
        assertThat(permits.inUse()).isEqualTo(3);
        assertThat(third.end).isNull();
    }

    @Test
    void theSameLimitAgainChangesNothing() {
        Permits permits = taken(2);
        QueuedWaiter waiter = queue(permits, FOREVER);
        permits.resize(2);
        assertThat(permits).hasToString("Permits[2 of 2 in use, waiters=1]");
        assertThat(waiter.end).isNull();
    }

    @Test
    void loweringTheLimitJustDoesNotReplaceWhatIsInUse() {
        Permits permits = taken(4);
        QueuedWaiter waiter = queue(permits, FOREVER);
        permits.resize(2);
        assertThat(permits.inUse()).isEqualTo(4);
        assertThat(permits.limit()).isEqualTo(2);
        permits.release();
        permits.release();
        assertThat(waiter.end).as("two are still in use").isNull();
        assertThat(permits.inUse()).isEqualTo(2);
        permits.release();
        assertThat(waiter.end).isEqualTo(Waiter.End.GRANTED);
        assertThat(permits.inUse()).isEqualTo(2);
        assertThat(permits.tryAcquire()).isFalse();
    }

    @Test
    void theLargestLimitFits() {
        Permits permits = permits(Integer.MAX_VALUE);
        assertThat(permits.tryAcquire()).isTrue();
        assertThat(permits.limit()).isEqualTo(Integer.MAX_VALUE);
        assertThat(permits.inUse()).isEqualTo(1);
        permits.close();
        assertThat(permits.limit()).isEqualTo(Integer.MAX_VALUE);
        assertThat(permits.inUse()).isEqualTo(1);
    }

    // ---- closing

    @Test
    void closingFailsEverybodyInLine() {
        Permits permits = taken(1);
        QueuedWaiter first = queue(permits, 100);
        QueuedWaiter second = queue(permits, FOREVER);
        permits.close();
        permits.close();
        assertThat(order).containsExactly(first, second);
        assertThat(first.end).isEqualTo(Waiter.End.CLOSED);
        assertThat(second.end).isEqualTo(Waiter.End.CLOSED);
        assertThat(time.armed()).isZero();
        assertThat(permits.isClosed()).isTrue();
    }

    @Test
    void closedPermitsAdmitNobodyAndTakeBackWhatIsInUse() {
        Permits permits = taken(2);
        permits.close();
        assertThatThrownBy(permits::tryAcquire).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> permits.acquire(new QueuedWaiter(), FOREVER))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> permits.resize(7)).isInstanceOf(IllegalStateException.class);
        permits.release();
        permits.release();
        assertThat(permits.inUse()).isZero();
        assertThatThrownBy(permits::release).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aClosedTimerEndsThoseWhoWaitedWithATimeout() {
        Permits permits = taken(1);
        QueuedWaiter waiter = queue(permits, 100);
        time.close();
        assertThat(waiter.end).isEqualTo(Waiter.End.CLOSED);
        QueuedWaiter late = queue(permits, 100);
        assertThat(late.end).isEqualTo(Waiter.End.CLOSED);
        assertThat(permits.waiters()).isZero();
    }

    // ---- bad input

    @Test
    void badArgumentsAreNamed() {
        assertThatThrownBy(() -> permits(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("limit is 0");
        assertThatThrownBy(() -> permits(1).resize(-3)).hasMessageContaining("limit is -3");
        assertThatThrownBy(() -> new Permits(time, time, 1, -1)).hasMessageContaining("maxWaiters is -1");
        Waiter greedy = new Waiter(2) {
            @Override
            protected void onEnd(End end) {}
        };
        assertThatThrownBy(() -> permits(3).acquire(greedy, FOREVER))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2.0");
    }

    @Test
    void itsTextTellsTheState() {
        Permits permits = taken(1);
        queue(permits, FOREVER);
        assertThat(permits).hasToString("Permits[1 of 1 in use, waiters=1]");
        permits.close();
        assertThat(permits).hasToString("Permits[1 of 1 in use, waiters=0, closed]");
    }
}
