package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.weir.engine.testing.ManualTime;
import io.weir.engine.time.Timer;
import io.weir.engine.time.TimerNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Interleavings that break a plausible design, each played in one thread: somebody is stopped half-way, and others go on. */
class BucketCounterexampleTest {
    private static final long S = 1_000_000_000L;
    private static final long FOREVER = Long.MAX_VALUE;

    private final ManualTime time = new ManualTime(7);
    private final StoppedClock clock = new StoppedClock(time);

    private TokenBucket bucket(double max, double initial) {
        return new TokenBucket(
                clock,
                time,
                BucketConfig.builder()
                        .rate(1)
                        .maxTokens(max)
                        .initialTokens(initial)
                        .build());
    }

    private static TestWaiter queue(TokenBucket bucket, double tokens) {
        TestWaiter waiter = new TestWaiter(tokens);
        assertThat(bucket.acquire(waiter, FOREVER)).isEqualTo(TokenBucket.QUEUED);
        return waiter;
    }

    // ---- a reading that has grown old

    @Test
    void aTakerStoppedWithItsReadingIsNotRefusedForWhatOthersTookLater() {
        // There is a token at every moment: 1, then 2, then 1.
        TokenBucket bucket = bucket(2, 1);
        clock.whileStopped(() -> {
            time.set(time.nanoTime() + S);
            assertThat(bucket.tryAcquire()).isTrue();
        });
        assertThat(bucket.tryAcquire()).isTrue();
        assertThat(bucket.tryAcquire()).isFalse();
    }

    @Test
    void aTakerStoppedWithItsReadingWhileTheCellIsRenewedPaysInTheNewOne() {
        TokenBucket bucket = bucket(4, 4);
        clock.whileStopped(() -> {
            time.set(time.nanoTime() + 100L * 365 * 86_400 * S);
            assertThat(bucket.tryAcquire(3)).isTrue();
        });
        assertThat(bucket.tryAcquire(1)).isTrue();
        assertThat(bucket.availableTokens()).isZero();
    }

    @Test
    void aTakerStoppedWithItsReadingAcrossAChangeCountsUnderTheNewConfiguration() {
        TokenBucket bucket = bucket(4, 4);
        clock.whileStopped(() -> bucket.update(BucketUpdate.none().rate(0.25)));
        assertThat(bucket.tryAcquire(1)).isTrue();
        assertThat(bucket.availableTokens()).isZero();
    }

    @Test
    void aTakerStoppedAcrossCloseTakesNothing() {
        TokenBucket bucket = bucket(4, 4);
        clock.whileStopped(bucket::close);
        assertThatIllegalStateException().isThrownBy(bucket::tryAcquire);
    }

    @Test
    void aReservationStoppedWithItsReadingIsMadeOnTopOfTheOthers() {
        TokenBucket bucket = bucket(4, 0);
        clock.whileStopped(() -> assertThat(bucket.reserve(1, FOREVER)).isNotNull());
        assertThat(bucket.reserve(1, FOREVER).waitNanos()).isEqualTo(2 * S);
    }

    @Test
    void aChangeStoppedBetweenItsFreezeAndItsSuccessorIsMadeByOthersWithTheirReading() {
        TokenBucket bucket = bucket(10, 0);
        clock.whileStopped(() -> {
            time.set(time.nanoTime() + 6 * S);
            assertThat(bucket.tryAcquire(3)).as("half of 6, in the new cell").isTrue();
            assertThat(bucket.config().rate()).isEqualTo(0.5);
        });
        bucket.update(BucketUpdate.none().rate(0.5)); // its own reading is 6 seconds old now, and comes too late
        assertThat(bucket.availableTokens()).isZero();
        time.advance(2 * S);
        assertThat(bucket.availableTokens()).isEqualTo(1);
    }

    @Test
    void twoChangesOneStoppedHalfWayAreBothMadeOnce() {
        TokenBucket bucket = bucket(10, 8);
        clock.whileStopped(() -> bucket.update(BucketUpdate.none().rate(0.25)));
        bucket.update(BucketUpdate.none().rate(0.5).maxTokens(5));
        assertThat(bucket.config().rate()).isEqualTo(0.25);
        assertThat(bucket.config().maxTokens()).isEqualTo(5);
        assertThat(bucket.availableTokens()).isEqualTo(2);
    }

    @Test
    void whatWasGatheredFromTheStripesInVainGoesBackThere() {
        TokenBucket bucket = new TokenBucket(
                clock,
                time,
                BucketConfig.builder().rate(1).maxTokens(100).initialTokens(11).build(),
                new Leases(4, 8));
        ChosenThread.run(self -> {
            self.become(1);
            assertThat(bucket.tryAcquire()).isTrue(); // leases 8, and 2 are left in the word
            self.become(2);
            clock.whileStopped(() -> assertThat(bucket.tryAcquire()).isTrue());
            assertThat(bucket.acquire(new TestWaiter(9), 0)).isZero();
            assertThat(bucket.availableTokens()).isZero();
        });
    }

    // ---- a newcomer who is stopped

    @Test
    void aNewcomerStoppedBeforeItsPushHidesNobodyWhoCameLater() {
        TokenBucket bucket = bucket(4, 0);
        bucket.countANewcomerWithoutItsPush();
        TestWaiter later = queue(bucket, 1);
        time.advance(S);
        assertThat(later.end).isEqualTo(Waiter.End.GRANTED);
    }

    @Test
    void aNewcomerWhoSawALargerMaxTokensFailsAsIfItHadWaitedBefore() {
        TokenBucket bucket = bucket(10, 0);
        TestWaiter waiter = new TestWaiter(8);
        clock.whileStopped(() -> bucket.update(BucketUpdate.none().maxTokens(5)));
        assertThat(bucket.acquire(waiter, FOREVER)).isEqualTo(TokenBucket.QUEUED);
        assertThat(waiter.end).isEqualTo(Waiter.End.TOO_LARGE);
        assertThat(bucket.waiters()).isZero();
    }

    @Test
    void aNewcomerBehindOthersWhoSawALargerMaxTokensFailsAtOnceToo() {
        TokenBucket bucket = bucket(10, 0);
        queue(bucket, 1);
        TestWaiter waiter = new TestWaiter(8);
        clock.whileStopped(() -> bucket.update(BucketUpdate.none().maxTokens(5)));
        assertThat(bucket.acquire(waiter, 1_000 * S)) // with a timeout, so that it reads the clock before its push
                .isEqualTo(TokenBucket.QUEUED);
        assertThat(waiter.end).isEqualTo(Waiter.End.TOO_LARGE);
        assertThat(bucket.waiters()).isEqualTo(1);
    }

    @Test
    void aNewcomerStoppedWhileTheBucketIsClosedFailsItself() {
        TokenBucket bucket = bucket(10, 0);
        TestWaiter waiter = new TestWaiter(1);
        clock.whileStopped(bucket::close);
        assertThat(bucket.acquire(waiter, FOREVER)).isEqualTo(TokenBucket.QUEUED);
        assertThat(waiter.end).isEqualTo(Waiter.End.CLOSED);
        assertThat(waiter.ends).isEqualTo(1);
        assertThat(bucket.waiters()).isZero();
    }

    @Test
    void aNewcomerStoppedWhileItsTokenComesInIsGrantedByItsOwnDrain() {
        TokenBucket bucket = bucket(10, 0);
        TestWaiter waiter = new TestWaiter(1);
        clock.whileStopped(() -> time.set(time.nanoTime() + S));
        assertThat(bucket.acquire(waiter, FOREVER)).isEqualTo(TokenBucket.QUEUED);
        assertThat(waiter.end).isEqualTo(Waiter.End.GRANTED);
    }

    // ---- a drainer who is stopped

    @Test
    @Timeout(10)
    void nobodyWaitsForADrainerThatIsStopped() {
        TokenBucket bucket = bucket(10, 0);
        TestWaiter first = queue(bucket, 1);
        TestWaiter second = new TestWaiter(2);
        time.set(time.nanoTime() + S);
        clock.whileStopped(
                () -> { // the timer's thread, at the head
                    assertThat(bucket.tryAcquire()).as("somebody waits").isFalse();
                    assertThat(bucket.reserve(1, FOREVER)).isNull();
                    assertThat(bucket.acquire(second, FOREVER)).isEqualTo(TokenBucket.QUEUED);
                    bucket.update(BucketUpdate.none().rate(4));
                    assertThat(first.end).isNull();
                });
        time.fireDue();
        assertThat(first.end).isEqualTo(Waiter.End.GRANTED);
        time.advance(S / 2);
        assertThat(second.end).as("re-timed by the change, and not lost").isEqualTo(Waiter.End.GRANTED);
    }

    @Test
    void aWaiterCancelledWhileTheDrainerIsStoppedTakesNothing() {
        TokenBucket bucket = bucket(10, 0);
        TestWaiter waiter = queue(bucket, 1);
        time.set(time.nanoTime() + S);
        clock.whileStopped(() -> assertThat(bucket.cancel(waiter)).isTrue());
        time.fireDue();
        assertThat(waiter.ends).isZero();
        assertThat(bucket.availableTokens()).as("given back").isEqualTo(1);
    }

    @Test
    void aLostDebitUnderALaterGrantIsDropped() {
        TokenBucket bucket = bucket(4, 4);
        BucketSupply supply = new BucketSupply(bucket);
        assertThat(supply.debit(2)).isEqualTo(Supply.DEBITED);
        assertThat(bucket.tryAcquire(1)).isTrue();
        supply.lost(2);
        supply.settle();
        assertThat(bucket.availableTokens()).as("the bound before all").isEqualTo(1);
    }

    @Test
    void aLostDebitDoesNotOutliveItsCell() {
        TokenBucket bucket = bucket(4, 4);
        BucketSupply supply = new BucketSupply(bucket);
        assertThat(supply.debit(2)).isEqualTo(Supply.DEBITED);
        supply.lost(2);
        bucket.update(BucketUpdate.none().rate(0.5));
        assertThat(bucket.availableTokens()).isEqualTo(1);
        assertThat(supply.debit(2)).as("not paid with tokens of the old rate").isEqualTo(Supply.LATER);
        assertThat(bucket.availableTokens()).isEqualTo(1);
    }

    @Test
    void aHandOverThatFiresBeforeItIsArmedForGoodIsNotLost() {
        // A timer whose thread is as fast as can be: the node fires inside arm. Armed before the counter is 0, it would
        // find an owner who no longer
        // looks.
        Timer atOnce = new Timer() {
            @Override
            public void arm(TimerNode node) {
                if (node.deadlineNanos() - time.nanoTime() <= 0) {
                    node.tryFire();
                } else {
                    time.arm(node);
                }
            }

            @Override
            public boolean cancel(TimerNode node) {
                return time.cancel(node);
            }

            @Override
            public void close() {}
        };
        TokenBucket bucket = new TokenBucket(
                clock, atOnce, BucketConfig.builder().rate(1e6).initialTokens(0).build());
        List<Waiter> order = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            bucket.acquire(new TestWaiter(1, order), FOREVER);
        }
        time.set(time.nanoTime() + S);
        bucket.tryAcquire();
        assertThat(order).hasSize(10_000);
        assertThat(bucket.waiters()).isZero();
    }

    @Test
    void aNewcomerWhoComesAsTheOwnerPutsDownTheLineIsServedByIt() {
        TestWaiter late = new TestWaiter(1);
        WaiterLine[] line = new WaiterLine[1];
        Supply supply = new Supply() {
            private boolean pushed;

            @Override
            protected int debit(double tokens) {
                return DEBITED;
            }

            @Override
            protected void lost(double tokens) {}

            @Override
            protected void claimed(double tokens) {}

            @Override
            protected void settle() { // the owner has found the line empty, and is about to put null for TAKEN
                if (!pushed) {
                    pushed = true;
                    line[0].stand(late, FOREVER, 10);
                }
            }

            @Override
            protected double maxTokens() {
                return 10;
            }

            @Override
            protected long knownWaitNanos(double tokens) {
                return 0;
            }
        };
        line[0] = new WaiterLine(clock, time, supply);
        line[0].drain();
        assertThat(late.end).isEqualTo(Waiter.End.GRANTED);
        assertThat(line[0].isOccupied()).isFalse();
        assertThat(line[0].count()).isZero();
    }

    // ---- giving back

    @Test
    void aCancelledReservationUnderALaterOneGivesNothingThoughBothAreCancelled() {
        TokenBucket bucket = bucket(4, 0);
        BucketReservation first = bucket.reserve(1, FOREVER);
        BucketReservation second = bucket.reserve(1, FOREVER);
        assertThat(first.cancel()).isTrue();
        assertThat(bucket.estimatedWaitNanos(1)).isEqualTo(3 * S);
        assertThat(second.cancel()).isTrue();
        assertThat(bucket.estimatedWaitNanos(1)).isEqualTo(2 * S);
        assertThat(first.cancel()).isFalse();
        assertThat(bucket.estimatedWaitNanos(1)).as("once").isEqualTo(2 * S);
    }

    @Test
    void whatIsGivenBackTwoBurstsLaterIsNotThereTwice() {
        TokenBucket bucket = bucket(4, 4);
        TestWaiter first = new TestWaiter(4);
        TestWaiter second = new TestWaiter(4);
        bucket.acquire(first, 0);
        time.advance(100 * S);
        bucket.acquire(second, 0);
        bucket.handBack(second);
        bucket.handBack(first);
        assertThat(bucket.availableTokens()).isEqualTo(4);
        assertThat(bucket.tryAcquire(4)).isTrue();
        assertThat(bucket.tryAcquire(0.001)).as("full is full").isFalse();
    }
}
