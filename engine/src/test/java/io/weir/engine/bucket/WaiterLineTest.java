package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.engine.testing.ManualTime;
import io.weir.engine.time.Timer;
import io.weir.engine.time.TimerNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaiterLineTest {
    private static final long MS = 1_000_000L;
    private static final long S = 1_000_000_000L;
    private static final long FOREVER = Long.MAX_VALUE;

    private final ManualTime time = new ManualTime(42);
    private final List<Waiter> order = new ArrayList<>();

    private TokenBucket empty(double rate, double max) {
        return bucket(
                time,
                BucketConfig.builder()
                        .rate(rate)
                        .maxTokens(max)
                        .initialTokens(0)
                        .build());
    }

    private TokenBucket bucket(Timer timer, BucketConfig config) {
        return new TokenBucket(time, timer, config);
    }

    private TestWaiter queue(TokenBucket bucket, double tokens, long timeoutNanos) {
        TestWaiter waiter = new TestWaiter(tokens, order);
        assertThat(bucket.acquire(waiter, timeoutNanos)).isEqualTo(TokenBucket.QUEUED);
        return waiter;
    }

    // ---- granting

    @Test
    void aFreeTokenIsGrantedAtOnceWithoutTheLineAndWithoutATimer() {
        TokenBucket bucket = bucket(time, BucketConfig.builder().rate(10).build());
        TestWaiter waiter = new TestWaiter(4);
        assertThat(bucket.acquire(waiter, FOREVER)).isZero();
        assertThat(waiter.ends).isZero();
        assertThat(bucket.availableTokens()).isEqualTo(6);
        assertThat(time.armedEver()).isZero();
    }

    @Test
    void waitersAreServedInOrderEachAtItsExactInstant() {
        TokenBucket bucket = empty(10, 10);
        TestWaiter large = queue(bucket, 5, FOREVER);
        TestWaiter small = queue(bucket, 0.5, FOREVER);
        TestWaiter last = queue(bucket, 1, FOREVER);
        time.advance(500 * MS - 1);
        assertThat(order).as("the small one doesn't pass the large one").isEmpty();
        time.advance(1);
        assertThat(order).containsExactly(large);
        time.advance(50 * MS);
        assertThat(order).containsExactly(large, small);
        time.advance(100 * MS - 1);
        assertThat(order).hasSize(2);
        time.advance(1);
        assertThat(order).containsExactly(large, small, last);
        assertThat(last.end).isEqualTo(Waiter.End.GRANTED);
        assertThat(bucket.waiters()).isZero();
        assertThat(bucket.availableTokens()).isZero();
        assertThat(bucket.lineLength()).isZero();
        assertThat(time.armed()).as("nothing left to wait for").isZero();
    }

    @Test
    void aLineThatHasEmptiedLeavesNoTimer() {
        TokenBucket slow = empty(1e-4, 10);
        TestWaiter waiter = queue(slow, 1, FOREVER);
        assertThat(time.armed()).isEqualTo(1);
        assertThat(slow.cancel(waiter)).isTrue();
        assertThat(time.armed()).as("after a cancel").isZero();
        queue(slow, 1, FOREVER);
        slow.close();
        assertThat(time.armed()).as("after a close").isZero();
    }

    @Test
    void oneGrantTimerServesAnyNumberOfWaiters() {
        TokenBucket bucket = empty(10, 10);
        for (int i = 0; i < 100; i++) {
            queue(bucket, 1, FOREVER);
        }
        assertThat(time.armed()).isEqualTo(1);
        time.advance(10 * S);
        assertThat(order).hasSize(100);
    }

    @Test
    void whileAnyoneWaitsTryAcquireAndReserveAreRefusedWithTheKnownWait() {
        TokenBucket bucket = empty(10, 10);
        time.advance(100 * MS);
        TestWaiter waiter = queue(bucket, 3, FOREVER);
        assertThat(bucket.tryAcquire()).as("one token is in hand").isFalse();
        assertThat(bucket.tryAcquire(0.5)).isFalse();
        assertThat(bucket.reserve(1, FOREVER)).isNull();
        assertThat(bucket.tryAcquireNanos(1)).isEqualTo(300 * MS);
        assertThat(bucket.estimatedWaitNanos(1)).isEqualTo(300 * MS);
        time.advance(200 * MS);
        assertThat(waiter.end).isEqualTo(Waiter.End.GRANTED);
        assertThat(bucket.tryAcquire()).isFalse();
        time.advance(100 * MS);
        assertThat(bucket.tryAcquire()).isTrue();
    }

    @Test
    void aLateTimerIsMadeUpForByTheNextCaller() {
        TokenBucket bucket = empty(10, 10);
        TestWaiter waiter = queue(bucket, 1, FOREVER);
        time.set(time.nanoTime() + 200 * MS); // the timer hasn't fired
        assertThat(bucket.tryAcquire())
                .as("there are two tokens, one is the waiter's")
                .isTrue();
        assertThat(waiter.end).isEqualTo(Waiter.End.GRANTED);
        assertThat(bucket.tryAcquire()).isFalse();
    }

    @Test
    void aWaiterIsGoodForOneAcquire() {
        TokenBucket bucket = empty(10, 10);
        TestWaiter waiter = queue(bucket, 1, FOREVER);
        assertThatThrownBy(() -> bucket.acquire(waiter, FOREVER)).isInstanceOf(IllegalStateException.class);
        assertThat(bucket.waiters()).isEqualTo(1);
        time.advance(S);
        assertThatThrownBy(() -> bucket.acquire(waiter, FOREVER)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aWaiterMayComeBackToTheBucketFromItsEnd() {
        TokenBucket bucket = empty(10, 10);
        List<Long> waits = new ArrayList<>();
        Waiter curious = new Waiter(1) {
            @Override
            protected void onEnd(End end) {
                waits.add(bucket.tryAcquireNanos(2));
                bucket.acquire(new TestWaiter(2, order), FOREVER);
            }
        };
        bucket.acquire(curious, FOREVER);
        time.advance(S);
        assertThat(waits).containsExactly(200 * MS);
        assertThat(order).hasSize(1);
    }

    @Test
    void atTheEndOfTheOnlyWaiterNobodyIsInLine() {
        TokenBucket bucket = empty(10, 10);
        List<Long> answers = new ArrayList<>();
        Waiter only = new Waiter(1) {
            @Override
            protected void onEnd(End end) {
                answers.add(bucket.acquire(new TestWaiter(1), FOREVER));
            }
        };
        bucket.acquire(only, FOREVER);
        time.set(time.nanoTime() + 200 * MS); // late, so there is a token more
        time.fireDue();
        assertThat(answers).containsExactly(0L);
    }

    @Test
    void anOnEndThatThrowsHarmsNobody() {
        TokenBucket bucket = empty(10, 10);
        bucket.acquire(
                new Waiter(1) {
                    @Override
                    protected void onEnd(End end) {
                        throw new IllegalStateException("thrown on purpose by a test; logged");
                    }
                },
                FOREVER);
        TestWaiter next = queue(bucket, 1, FOREVER);
        time.advance(200 * MS);
        assertThat(next.end).isEqualTo(Waiter.End.GRANTED);
        assertThat(bucket.waiters()).isZero();
    }

    // ---- timeouts

    @Test
    void aKnownWaitBeyondTheTimeoutFailsAtOnce() {
        TokenBucket bucket = empty(10, 10);
        assertThat(bucket.acquire(new TestWaiter(1), 100 * MS - 1)).isEqualTo(100 * MS);
        assertThat(bucket.acquire(new TestWaiter(1), 0)).isEqualTo(100 * MS);
        assertThat(bucket.acquire(new TestWaiter(1), -5)).isEqualTo(100 * MS);
        queue(bucket, 3, FOREVER);
        assertThat(bucket.acquire(new TestWaiter(1), 399 * MS)).isEqualTo(400 * MS);
        assertThat(bucket.acquire(new TestWaiter(1), 400 * MS)).isEqualTo(TokenBucket.QUEUED);
        assertThat(bucket.waiters()).isEqualTo(2);
    }

    @Test
    void aWaiterIsFailedAtItsTimeoutAndDelaysNobodyBehindIt() {
        TokenBucket bucket = empty(10, 10);
        TestWaiter head = queue(bucket, 5, 600 * MS);
        TestWaiter behind = queue(bucket, 1, FOREVER);
        bucket.update(BucketUpdate.none().rate(2)); // now the head would need 2.5 s
        time.advance(600 * MS - 1);
        assertThat(head.end).isNull();
        time.advance(1);
        assertThat(head.end).isEqualTo(Waiter.End.TIMED_OUT);
        assertThat(behind.end).as("its token is there").isEqualTo(Waiter.End.GRANTED);
        assertThat(bucket.availableTokens()).isCloseTo(0.2, org.assertj.core.api.Assertions.within(1e-6));
        assertThat(head.retryAfterNanos()).isBetween(2_400 * MS, 2_400 * MS + 1_000);
    }

    @Test
    void aGrantCancelsTheTimeout() {
        TokenBucket bucket = empty(10, 10);
        TestWaiter waiter = queue(bucket, 1, 10 * S);
        assertThat(time.armed()).isEqualTo(2);
        time.advance(100 * MS);
        assertThat(waiter.end).isEqualTo(Waiter.End.GRANTED);
        assertThat(time.armed()).isZero();
        time.advance(20 * S);
        assertThat(waiter.ends).isEqualTo(1);
    }

    @Test
    void aTimeoutOf146YearsIsNone() {
        TokenBucket bucket = empty(10, 10);
        queue(bucket, 1, 1L << 62);
        assertThat(time.armed()).as("the grant timer").isEqualTo(1);
        queue(bucket, 1, (1L << 62) - 1);
        assertThat(time.armed()).isEqualTo(2);
    }

    // ---- cancelling

    @Test
    void aCancelledWaiterTakesNothingAndDelaysNobody() {
        TokenBucket bucket = empty(10, 10);
        TestWaiter head = queue(bucket, 10, FOREVER);
        TestWaiter behind = queue(bucket, 1, FOREVER);
        time.advance(100 * MS);
        assertThat(bucket.cancel(head)).isTrue();
        assertThat(behind.end).isEqualTo(Waiter.End.GRANTED);
        assertThat(bucket.cancel(head)).isFalse();
        assertThat(head.ends).isZero();
        assertThat(bucket.cancel(behind)).as("granted already").isFalse();
        assertThat(bucket.waiters()).isZero();
        assertThat(bucket.cancel(new TestWaiter(1))).as("never queued").isFalse();
    }

    @Test
    void cancelledWaitersDontCountInTheKnownWait() {
        TokenBucket bucket = empty(10, 10);
        queue(bucket, 1, FOREVER);
        TestWaiter cancelled = queue(bucket, 7, FOREVER);
        bucket.cancel(cancelled);
        assertThat(bucket.estimatedWaitNanos(1)).isEqualTo(200 * MS);
    }

    @Test
    void theDeadNeverExceedTheLivingBySixtyFour() {
        TokenBucket bucket = bucket(
                time, BucketConfig.builder().rate(1e-6).maxWaiters(1_000_000).build());
        bucket.tryAcquire();
        queue(bucket, 1, FOREVER);
        for (int i = 0; i < 10_000; i++) {
            TestWaiter waiter = new TestWaiter(1, order);
            bucket.acquire(waiter, FOREVER);
            bucket.cancel(waiter);
            assertThat(bucket.lineLength()).isPositive();
            assertThat(bucket.lineLength() - bucket.waiters()).isLessThanOrEqualTo(bucket.waiters() + 64);
        }
    }

    @Test
    void oneWhoLeavesLetsNobodyWalkTheLine() {
        TokenBucket bucket = empty(1, 10);
        List<TestWaiter> waiters = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            waiters.add(queue(bucket, 1, FOREVER));
        }
        bucket.cancel(waiters.get(50));
        assertThat(bucket.lineLength()).as("left in it for later").isEqualTo(100);
        assertThat(bucket.waiters()).isEqualTo(99);
    }

    @Test
    void ofABurstOfWaitersEvery64thTakesTheOthersAlong() {
        TokenBucket bucket = empty(1, 10);
        for (int i = 0; i < 64; i++) {
            queue(bucket, 1, FOREVER);
        }
        assertThat(bucket.lineLength()).as("the first one's drain").isEqualTo(1);
        queue(bucket, 1, FOREVER);
        assertThat(bucket.lineLength()).isEqualTo(65);
    }

    // ---- handing back

    @Test
    void aGrantHandedBackGoesToTheNextWaiter() {
        TokenBucket bucket = empty(10, 10);
        TestWaiter first = queue(bucket, 2, FOREVER);
        TestWaiter second = queue(bucket, 1, FOREVER);
        time.advance(200 * MS);
        assertThat(first.end).isEqualTo(Waiter.End.GRANTED);
        assertThat(second.end).isNull();
        bucket.handBack(first);
        assertThat(second.end).isEqualTo(Waiter.End.GRANTED);
        assertThat(bucket.availableTokens()).isEqualTo(1);
        bucket.handBack(first);
        assertThat(bucket.availableTokens()).as("only once").isEqualTo(1);
    }

    @Test
    void aReservationCancelledWhileSomebodyWaitsGoesToThem() {
        TokenBucket bucket = empty(10, 10);
        BucketReservation reservation = bucket.reserve(5, FOREVER);
        TestWaiter waiter = queue(bucket, 1, FOREVER);
        time.advance(100 * MS);
        assertThat(waiter.end).isNull();
        assertThat(reservation.cancel()).isTrue();
        assertThat(waiter.end).isEqualTo(Waiter.End.GRANTED);
    }

    @Test
    void onlyAGrantIsHandedBack() {
        TokenBucket bucket = empty(10, 10);
        TestWaiter waiting = queue(bucket, 1, FOREVER);
        bucket.handBack(waiting);
        assertThat(bucket.waiters()).isEqualTo(1);
        bucket.cancel(waiting);
        bucket.handBack(waiting);
        bucket.handBack(new TestWaiter(3));
        assertThat(bucket.availableTokens()).isZero();
    }

    @Test
    void aDebitWhoseWaiterIsGonePaysForTheNextOne() {
        // The supply as the drain's owner uses it, with a cancel between debit and claim.
        TokenBucket bucket =
                bucket(time, BucketConfig.builder().rate(1).maxTokens(4).build());
        BucketSupply supply = new BucketSupply(bucket);
        assertThat(supply.debit(3)).isEqualTo(Supply.DEBITED);
        supply.lost(3);
        assertThat(supply.debit(2)).isEqualTo(Supply.DEBITED);
        supply.claimed(2);
        assertThat(supply.payer)
                .as("no receipt for what an older debit has paid")
                .isNull();
        supply.settle();
        assertThat(bucket.availableTokens()).isEqualTo(2);
    }

    @Test
    void onlyTheLastLostDebitIsGivenBack() {
        // Lose 1, somebody takes 1 when the bucket is full again, lose 1 more: giving 2 back would forget the taker's
        // debit.
        TokenBucket bucket =
                bucket(time, BucketConfig.builder().rate(1).maxTokens(4).build());
        BucketSupply supply = new BucketSupply(bucket);
        supply.debit(1);
        supply.lost(1);
        time.set(time.nanoTime() + 10 * S);
        assertThat(bucket.tryAcquire()).isTrue();
        supply.debit(2);
        supply.lost(2);
        supply.settle();
        assertThat(bucket.availableTokens()).isEqualTo(3);
    }

    @Test
    void aLostDebitThatExactlyPaysForTheNextDoesSoWhateverTheLevelIs() {
        TokenBucket bucket =
                bucket(time, BucketConfig.builder().rate(1).maxTokens(4).build());
        BucketSupply supply = new BucketSupply(bucket);
        supply.debit(2);
        supply.lost(2);
        bucket.reserve(4, FOREVER);
        assertThat(supply.debit(2)).isEqualTo(Supply.DEBITED);
    }

    @Test
    void theSupplyTellsWhatCanNeverBe() {
        TokenBucket bucket =
                bucket(time, BucketConfig.builder().rate(1).maxTokens(4).build());
        assertThat(new BucketSupply(bucket).debit(4.5)).isEqualTo(Supply.TOO_LARGE);
    }

    @Test
    void aReceiptThatIsNotTheWaitersTakesNothingBack() {
        TestWaiter waiter = new TestWaiter(1);
        WaiterLine.grantAtOnce(waiter, 4, "payer");
        assertThat(WaiterLine.takeBack(waiter, 6)).isNull();
        assertThat(WaiterLine.takeBack(waiter, 4)).isEqualTo("payer");
        assertThat(WaiterLine.takeBack(waiter, 4)).isNull();
    }

    // ---- reconfiguring

    @Test
    void waitersAreRetimedWhenTheRateChanges() {
        TokenBucket bucket = empty(1, 10);
        TestWaiter waiter = queue(bucket, 5, FOREVER);
        bucket.update(BucketUpdate.none().rate(10));
        time.advance(500 * MS);
        assertThat(waiter.end).isEqualTo(Waiter.End.GRANTED);
        TestWaiter slower = queue(bucket, 5, FOREVER);
        bucket.update(BucketUpdate.none().rate(5));
        time.advance(S - 1);
        assertThat(slower.end).isNull();
        time.advance(1);
        assertThat(slower.end).isEqualTo(Waiter.End.GRANTED);
    }

    @Test
    void aResetServesTheLine() {
        TokenBucket bucket = empty(1, 10);
        TestWaiter waiter = queue(bucket, 5, FOREVER);
        bucket.update(BucketUpdate.none().resetTokens());
        assertThat(waiter.end).isEqualTo(Waiter.End.GRANTED);
    }

    @Test
    void whoeverAsksForMoreThanTheNewMaxTokensFailsAtOnceWhereverHeStands() {
        TokenBucket bucket = empty(1, 10);
        TestWaiter head = queue(bucket, 2, FOREVER);
        TestWaiter large = queue(bucket, 8, FOREVER);
        TestWaiter last = queue(bucket, 1, FOREVER);
        bucket.update(BucketUpdate.none().maxTokens(5));
        assertThat(large.end).isEqualTo(Waiter.End.TOO_LARGE);
        assertThat(head.end).isNull();
        time.advance(3 * S);
        assertThat(order).containsExactly(large, head, last);
    }

    @Test
    void whoeverHasStoodInLineForLongFailsAtOnceToo() {
        TokenBucket bucket = empty(1, 10);
        TestWaiter head = queue(bucket, 2, FOREVER);
        TestWaiter large = queue(bucket, 8, FOREVER);
        queue(bucket, 1, FOREVER);
        assertThat(bucket.tryAcquire()).isFalse(); // drains
        assertThat(bucket.lineLength()).isEqualTo(3);
        bucket.update(BucketUpdate.none().maxTokens(5));
        assertThat(large.end).isEqualTo(Waiter.End.TOO_LARGE);
        assertThat(head.end).isNull();
        assertThat(bucket.lineLength()).isEqualTo(2);
    }

    // ---- bounds and closing

    @Test
    void aFullLineRefusesWithTheKnownWait() {
        TokenBucket bucket = bucket(
                time,
                BucketConfig.builder().rate(10).initialTokens(0).maxWaiters(2).build());
        TestWaiter first = queue(bucket, 1, FOREVER);
        queue(bucket, 1, FOREVER);
        assertThat(bucket.acquire(new TestWaiter(1), FOREVER)).isEqualTo(300 * MS);
        assertThat(bucket.waiters()).isEqualTo(2);
        bucket.cancel(first);
        queue(bucket, 1, FOREVER);
    }

    @Test
    void aFullLineWhoseHeadIsDueMakesRoomBeforeItRefuses() {
        TokenBucket bucket = bucket(
                time,
                BucketConfig.builder().rate(10).initialTokens(0).maxWaiters(1).build());
        TestWaiter first = queue(bucket, 1, FOREVER);
        time.set(time.nanoTime() + 100 * MS); // the timer hasn't fired
        TestWaiter second = queue(bucket, 1, FOREVER);
        assertThat(first.end).isEqualTo(Waiter.End.GRANTED);
        assertThat(second.end).isNull();
        assertThat(bucket.waiters()).isEqualTo(1);
        time.advance(100 * MS);
        assertThat(second.end).isEqualTo(Waiter.End.GRANTED);
    }

    @Test
    void maxWaitersZeroMeansNobodyWaits() {
        TokenBucket bucket =
                bucket(time, BucketConfig.builder().rate(10).maxWaiters(0).build());
        assertThat(bucket.acquire(new TestWaiter(10), FOREVER)).isZero();
        assertThat(bucket.acquire(new TestWaiter(1), FOREVER)).isEqualTo(100 * MS);
    }

    @Test
    void closingFailsEveryWaiter() {
        TokenBucket bucket = empty(10, 10);
        List<TestWaiter> waiters = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            waiters.add(queue(bucket, 1, i % 2 == 0 ? FOREVER : 10_000 * S));
        }
        bucket.close();
        assertThat(waiters).allMatch(w -> w.end == Waiter.End.CLOSED && w.ends == 1);
        assertThat(bucket.waiters()).isZero();
        assertThat(bucket.cancel(waiters.get(0))).isFalse();
        bucket.handBack(waiters.get(0));
        assertThat(waiters.get(0).retryAfterNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aTimerThatIsClosedFailsTheLineInsteadOfLettingItHang() {
        TokenBucket bucket = empty(10, 10);
        TestWaiter waiter = queue(bucket, 1, FOREVER);
        TestWaiter withTimeout = queue(bucket, 1, S);
        time.close();
        assertThat(waiter.end).isEqualTo(Waiter.End.CLOSED);
        assertThat(withTimeout.end).isEqualTo(Waiter.End.CLOSED);
        TestWaiter after = new TestWaiter(1);
        bucket.acquire(after, FOREVER);
        assertThat(after.end).isEqualTo(Waiter.End.CLOSED);
        time.advance(S);
        assertThat(bucket.tryAcquire()).as("without waiting it works on").isTrue();
    }

    @Test
    void aLongDrainHandsOverToTheTimerAndFinishesThere() {
        TokenBucket bucket = bucket(
                time,
                BucketConfig.builder()
                        .rate(1e6)
                        .maxTokens(1e6)
                        .initialTokens(0)
                        .maxWaiters(100_000)
                        .build());
        for (int i = 0; i < 50_000; i++) {
            queue(bucket, 1, FOREVER);
        }
        time.set(time.nanoTime() + S);
        bucket.tryAcquire(); // drains, but not everything in one go
        assertThat(order.size()).isBetween(1_000, 10_000);
        time.fireDue();
        assertThat(order).hasSize(50_000);
        assertThat(time.armed()).isZero();
    }

    @Test
    void aNewcomerStoppedBeforeItsPushKeepsNobodyOut() {
        TokenBucket bucket = empty(10, 10);
        time.advance(S);
        bucket.countANewcomerWithoutItsPush();
        assertThat(bucket.waiters()).isEqualTo(1);
        assertThat(bucket.tryAcquire()).isTrue();
        assertThat(bucket.reserve(1, 0)).isNotNull();
    }

    @Test
    void theGrantTimerIsArmedAnewOnlyForAnEarlierInstant() {
        List<TimerNode> armed = new ArrayList<>();
        Timer counting = new Timer() {
            @Override
            public void arm(TimerNode node) {
                armed.add(node);
                time.arm(node);
            }

            @Override
            public boolean cancel(TimerNode node) {
                return time.cancel(node);
            }

            @Override
            public void close() {}
        };
        TokenBucket bucket = bucket(
                counting, BucketConfig.builder().rate(10).initialTokens(0).build());
        TestWaiter head = queue(bucket, 5, FOREVER);
        queue(bucket, 1, FOREVER);
        queue(bucket, 1, FOREVER);
        assertThat(armed).hasSize(1);
        assertThat(bucket.tryAcquire()).isFalse(); // drains
        assertThat(armed).as("due as before").hasSize(1);
        bucket.cancel(head);
        assertThat(armed).as("the next one is due earlier").hasSize(2);
        assertThat(armed.get(0).isArmed()).isFalse();
        assertThat(armed.get(1).deadlineNanos()).isEqualTo(42 + 100 * MS);
    }

    // ---- the line alone

    /** Answers as it is told to, and counts. */
    private final class ToldSupply extends Supply {
        private final int answer;
        private Runnable meanwhile = () -> {};
        private int debits;
        private int settled;

        ToldSupply(int answer) {
            this.answer = answer;
        }

        @Override
        protected int debit(double tokens) {
            debits++;
            dueNanos = time.nanoTime() + S;
            meanwhile.run();
            return answer;
        }

        @Override
        protected void lost(double tokens) {}

        @Override
        protected void claimed(double tokens) {}

        @Override
        protected void settle() {
            settled++;
        }

        @Override
        protected double maxTokens() {
            return 10;
        }

        @Override
        protected long knownWaitNanos(double tokens) {
            return 0;
        }
    }

    @Test
    void aWaiterThatStandsInLineTwiceIsNotCountedTwice() {
        WaiterLine line = new WaiterLine(time, time, new ToldSupply(Supply.LATER));
        assertThat(line.queuedUnits()).isZero();
        TestWaiter waiter = new TestWaiter(1);
        line.attend(waiter, line.stand(waiter, FOREVER, 10));
        assertThat(line.queuedUnits()).isEqualTo(1 << 20);
        assertThatThrownBy(() -> line.stand(waiter, FOREVER, 10)).isInstanceOf(IllegalStateException.class);
        assertThat(line.count()).isEqualTo(1);
        assertThat(line.queuedUnits()).isEqualTo(1 << 20);
    }

    @Test
    void anOwnerWhoIsCalledAgainAndAgainHandsOverToTheTimer() {
        ToldSupply supply = new ToldSupply(Supply.LATER);
        WaiterLine line = new WaiterLine(time, time, supply);
        supply.meanwhile = line::drain; // as others would who come in each round
        TestWaiter waiter = new TestWaiter(1);
        line.attend(waiter, line.stand(waiter, FOREVER, 10));
        assertThat(supply.debits).isBetween(2, 100);
        assertThat(time.untilNext()).isZero();
        supply.meanwhile = () -> {};
        int before = supply.debits;
        time.fireDue();
        assertThat(supply.debits).isEqualTo(before + 1);
        assertThat(time.untilNext()).isEqualTo(S);
    }

    @Test
    void aDrainThatIsCutShortKeepsNothingOfLostDebits() {
        ToldSupply supply = new ToldSupply(Supply.DEBITED);
        WaiterLine line = new WaiterLine(time, time, supply);
        for (int i = 0; i < 10_000; i++) {
            line.stand(new TestWaiter(1), FOREVER, 10_000);
        }
        line.drain();
        assertThat(line.count()).isBetween(1, 9_999);
        assertThat(supply.settled).isEqualTo(1);
    }
}
