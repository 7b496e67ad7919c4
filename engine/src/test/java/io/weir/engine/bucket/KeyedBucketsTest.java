package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.weir.engine.testing.ManualTime;
import org.junit.jupiter.api.Test;

class KeyedBucketsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final KeyHash HASH = KeyHash.withSecret(1, 2);

    private final ManualTime time = new ManualTime(Long.MAX_VALUE - 3 * SECOND); // the clock wraps on the way
    private final BucketConfig tenASecond = BucketConfig.builder().rate(10).build();

    /** Four slots, all in one line. */
    private KeyedBuckets four(KeyOverflow policy) {
        return new KeyedBuckets(time, time, tenASecond, 4, 8, policy, HASH);
    }

    private KeyedBuckets many() {
        return new KeyedBuckets(time, time, tenASecond, 1_000, KeyOverflow.REFUSE, HASH);
    }

    @Test
    void everyKeyStartsFullAndHasABucketOfItsOwn() {
        KeyedBuckets buckets = many();
        for (String key : new String[] {"a", "b", ""}) {
            for (int i = 0; i < 10; i++) {
                assertThat(buckets.tryAcquire(key, 1)).isTrue();
            }
            assertThat(buckets.tryAcquire(key, 0.5)).isFalse();
        }
        assertThat(buckets.size()).isEqualTo(3);
    }

    @Test
    void aRefusalTellsTheWaitAndAfterItTheTokensAreThere() {
        KeyedBuckets buckets = many();
        assertThat(buckets.tryAcquireNanos(7, 10)).isZero();
        time.advance(12_345);
        long wait = buckets.tryAcquireNanos(7, 2.5);
        assertThat(wait).isBetween(SECOND / 4 - 12_345, SECOND / 4 - 12_345 + 4);
        time.advance(wait - 5);
        assertThat(buckets.tryAcquire(7, 2.5)).isFalse();
        time.advance(5);
        assertThat(buckets.tryAcquire(7, 2.5)).isTrue();
    }

    @Test
    void aRequestForEverythingIsGrantedWhenTheBucketIsFullAtAnyRate() {
        for (double rate : new double[] {1e-9, 1 / 3.0, 10, 1e6 / 7, 1e8 / 3}) {
            BucketConfig config =
                    BucketConfig.builder().rate(rate).maxTokens(2 + rate / 3).build();
            KeyedBuckets buckets = new KeyedBuckets(time, time, config, 4, 8, KeyOverflow.REFUSE, HASH);
            assertThat(buckets.tryAcquire(7, config.maxTokens())).isTrue();
            long wait = buckets.tryAcquireNanos(7, config.maxTokens());
            assertThat((double) wait)
                    .isCloseTo(config.maxTokens() / rate * 1e9, within(10 + config.maxTokens() / rate * 1e3));
            time.advance(wait);
            assertThat(buckets.tryAcquire(7, config.maxTokens())).isTrue();
            assertThat(buckets.availableTokens(7)).isCloseTo(0, within(1e-6));
        }
    }

    @Test
    void anIdleKeyIsFullAfterAnyTime() {
        for (double rate : new double[] {1e-8, 10, 1e8}) {
            for (long idle :
                    new long[] {200 * SECOND, 86_400L * 365 * 60 * SECOND, 1L << 61, Long.MAX_VALUE - SECOND}) {
                KeyedBuckets buckets = new KeyedBuckets(
                        time,
                        time,
                        BucketConfig.builder()
                                .rate(rate)
                                .maxTokens(rate / 2 + 1e-6)
                                .build(),
                        4,
                        8,
                        KeyOverflow.REFUSE,
                        HASH);
                double max = buckets.config(7).maxTokens();
                assertThat(buckets.tryAcquire(7, max)).isTrue();
                time.set(time.nanoTime() + idle);
                assertThat(buckets.availableTokens(7)).isCloseTo(max, within(max * 1e-6));
                assertThat(buckets.tryAcquire(7, max)).isTrue();
                assertThat(buckets.tryAcquire(7, max / 2)).isFalse();
            }
        }
    }

    @Test
    void aClockThatStepsBackLendsNothing() {
        KeyedBuckets buckets = many();
        assertThat(buckets.tryAcquire(7, 10)).isTrue();
        time.set(time.nanoTime() - 5 * SECOND);
        assertThat(buckets.tryAcquire(7, 1)).isFalse();
        assertThat(buckets.tryAcquire(8, 10)).isTrue();
        assertThat(buckets.tryAcquire(8, 1)).isFalse();
    }

    @Test
    void nothingAndTooMuch() {
        KeyedBuckets buckets = many();
        assertThat(buckets.tryAcquire(7, 0)).isTrue();
        assertThat(buckets.size()).isZero();
        for (double tokens : new double[] {-1, 10.5, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> buckets.tryAcquire(7, tokens))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("tokens is " + tokens)
                    .hasMessageContaining("maxTokens=10.0");
        }
    }

    @Test
    void aConfigurationThatCantBeKeptIsRefused() {
        assertThatThrownBy(() -> new KeyedBuckets(time, time, tenASecond, 0, KeyOverflow.SHARE, HASH))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxKeys is 0");
        assertThatThrownBy(() ->
                        new KeyedBuckets(time, time, tenASecond, KeyedBuckets.MAX_KEYS + 1, KeyOverflow.SHARE, HASH))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxKeys is 536870913");
        assertThatThrownBy(() -> new KeyedBuckets(
                        time, time, tenASecond.toBuilder().initialTokens(3).build(), 5, KeyOverflow.SHARE, HASH))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("initialTokens is 3.0");
        assertThatThrownBy(() -> new KeyedBuckets(
                        time, time, BucketConfig.builder().rate(3e8).build(), 5, KeyOverflow.SHARE, HASH))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rate is 3.0E8");
    }

    // ---- the bound

    @Test
    void aKeyThatIsFullAgainGivesItsPlaceToANewOne() {
        KeyedBuckets buckets = four(KeyOverflow.REFUSE);
        for (int key = 1; key <= 4; key++) {
            assertThat(buckets.tryAcquire(key, key)).isTrue();
        }
        assertThat(buckets.tryAcquireNanos(5, 1)).isEqualTo(Long.MAX_VALUE);
        time.advance(SECOND / 10);
        assertThat(buckets.tryAcquire(5, 1))
                .as("key 1 is full, but not by a tick more")
                .isFalse();
        time.advance(10);
        assertThat(buckets.tryAcquire(5, 10)).isTrue();
        assertThat(buckets.tryAcquire(6, 1)).isFalse();
        assertThat(buckets.tryAcquire(2, 9.5)).as("key 2 has kept its place").isFalse();
        assertThat(buckets.overflowed()).isEqualTo(3);
    }

    @Test
    void aFloodOfNewKeysResetsNoBusyKey() {
        KeyedBuckets buckets = four(KeyOverflow.SHARE);
        long bytes = buckets.bytes();
        assertThat(buckets.tryAcquire(1, 10)).isTrue();
        int granted = 10;
        for (int i = 0; i < 100_000; i++) {
            time.advance(SECOND / 10_000);
            buckets.tryAcquire(1_000 + i, 1);
            granted += buckets.tryAcquire(1, 1) ? 1 : 0;
        }
        assertThat(granted).isEqualTo(110);
        assertThat(buckets.bytes()).isEqualTo(bytes);
        assertThat(buckets.size()).isEqualTo(4);
    }

    @Test
    void keysWithoutAPlaceShareOneBucket() {
        KeyedBuckets buckets = four(KeyOverflow.SHARE);
        for (int key = 1; key <= 4; key++) {
            buckets.tryAcquire(key, 10);
        }
        assertThat(buckets.tryAcquire(5, 6)).isTrue();
        assertThat(buckets.tryAcquire(6, 6)).isFalse();
        assertThat(buckets.tryAcquire(6, 4)).isTrue();
        assertThat(buckets.availableTokens(7)).isZero();
        assertThat(four(KeyOverflow.ADMIT).tryAcquire(1, 1)).isTrue();
    }

    @Test
    void aKeyThatGetsAPlaceStartsAtTheLevelOfTheSharedBucket() {
        KeyedBuckets buckets = four(KeyOverflow.SHARE);
        for (int key = 1; key <= 4; key++) {
            buckets.tryAcquire(key, 1);
        }
        assertThat(buckets.tryAcquire(5, 10)).isTrue();
        time.advance(SECOND / 10 + 10);
        assertThat(buckets.tryAcquireNanos(5, 2)).isBetween(SECOND / 10 - 10, SECOND / 10);
        assertThat(buckets.size()).isEqualTo(4);
        assertThat(buckets.tryAcquire(5, 1)).isTrue();
        time.advance(SECOND);
        assertThat(buckets.tryAcquire(6, 10))
                .as("the shared bucket is full again")
                .isTrue();
    }

    @Test
    void admittedKeysWithoutAPlaceAreNotCounted() {
        KeyedBuckets buckets = four(KeyOverflow.ADMIT);
        for (int key = 1; key <= 4; key++) {
            buckets.tryAcquire(key, 10);
        }
        for (int i = 0; i < 20; i++) {
            assertThat(buckets.tryAcquire(5, 10)).isTrue();
        }
        assertThat(buckets.tryAcquire(4, 1)).isFalse();
    }

    // ---- objects

    @Test
    void anOverrideKeepsTheLevelAndRemovingItKeepsTheDebt() {
        KeyedBuckets buckets = many();
        assertThat(buckets.tryAcquire(7, 8)).isTrue();
        buckets.update(7, BucketUpdate.none().rate(100).maxTokens(100));
        assertThat(buckets.availableTokens(7)).isEqualTo(2);
        assertThat(buckets.config(7).rate()).isEqualTo(100);
        time.advance(SECOND);
        assertThat(buckets.availableTokens(7)).isEqualTo(100);
        assertThat(buckets.tryAcquire(7, 100)).isTrue();
        assertThat(buckets.reserve(7, 50, SECOND)).isNotNull();
        buckets.remove(7);
        assertThat(buckets.config(7).rate()).isEqualTo(10);
        assertThat(buckets.objects()).as("debt keeps it").isEqualTo(1);
        time.advance(SECOND / 2);
        assertThat(buckets.tryAcquire(7, 0.1)).isFalse();
        time.advance(SECOND / 10);
        assertThat(buckets.tryAcquire(7, 1)).isTrue();
        assertThat(buckets.tryAcquire(7, 0.1)).isFalse();
    }

    @Test
    void aKeyWithoutAnOverrideGoesBackToASlotWithItsLevel() {
        KeyedBuckets buckets = many();
        buckets.tryAcquire(7, 3);
        buckets.update(7, BucketUpdate.none().rate(100));
        buckets.tryAcquire(7, 4);
        assertThat(buckets.objects()).isEqualTo(1);
        buckets.remove(7);
        assertThat(buckets.objects()).isZero();
        assertThat(buckets.availableTokens(7)).isCloseTo(0.3, within(1e-6)); // 3 tokens, scaled by 10/100
        assertThat(buckets.size()).isEqualTo(1);
    }

    @Test
    void anObjectThatFindsNoSlotStaysOneWithItsLevel() {
        KeyedBuckets buckets = four(KeyOverflow.SHARE);
        buckets.update(5, BucketUpdate.none().rate(100));
        for (int key = 1; key <= 4; key++) {
            buckets.tryAcquire(key, 10);
        }
        assertThat(buckets.tryAcquire(5, 3)).isTrue();
        buckets.update(5, BucketUpdate.none().rate(10));
        buckets.remove(5);
        assertThat(buckets.objects()).isEqualTo(1);
        assertThat(buckets.availableTokens(5)).isCloseTo(0.7, within(1e-6));
        time.advance(2 * SECOND);
        buckets.remove(5);
        assertThat(buckets.objects()).isZero();
    }

    @Test
    void aKeyWithWaitersIsOneBucketForAll() {
        KeyedBuckets buckets = many();
        assertThat(buckets.tryAcquire(7, 10)).isTrue();
        TestWaiter first = new TestWaiter(1);
        TestWaiter second = new TestWaiter(1);
        assertThat(buckets.acquire(7, first, Long.MAX_VALUE)).isEqualTo(TokenBucket.QUEUED);
        assertThat(buckets.acquire(7, second, Long.MAX_VALUE)).isEqualTo(TokenBucket.QUEUED);
        assertThat(buckets.waiters(7)).isEqualTo(2);
        time.advance(SECOND / 10);
        assertThat(first.end).isEqualTo(Waiter.End.GRANTED);
        assertThat(buckets.tryAcquire(7, 0.1)).as("nobody overtakes").isFalse();
        assertThat(buckets.cancel(second)).isTrue();
        time.advance(SECOND / 10);
        assertThat(buckets.tryAcquire(7, 1)).isTrue();
        assertThat(buckets.tryAcquire(7, 1)).isFalse();
        buckets.remove(7);
        assertThat(buckets.objects()).isZero();
        assertThat(buckets.tryAcquire(7, 1)).isFalse();
    }

    @Test
    void aWaiterOfAKeyWithoutAPlacePaysForWhatItHadFromTheSharedBucket() {
        KeyedBuckets buckets = four(KeyOverflow.SHARE);
        for (int key = 1; key <= 4; key++) {
            buckets.tryAcquire(key, 10);
        }
        assertThat(buckets.tryAcquire(5, 10)).isTrue();
        TestWaiter waiter = new TestWaiter(2);
        assertThat(buckets.acquire(5, waiter, Long.MAX_VALUE)).isEqualTo(TokenBucket.QUEUED);
        time.advance(SECOND / 5 - 10);
        assertThat(waiter.end).isNull();
        time.advance(20);
        assertThat(waiter.end).isEqualTo(Waiter.End.GRANTED);
    }

    @Test
    void thereIsAMostOfKeysWithWaitersAndIdleOnesMakeRoom() {
        KeyedBuckets buckets = new KeyedBuckets(time, time, tenASecond, 100, 2, KeyOverflow.SHARE, HASH);
        for (int key = 1; key <= 3; key++) {
            buckets.tryAcquire(key, 10);
        }
        assertThat(buckets.acquire(1, new TestWaiter(5), Long.MAX_VALUE)).isEqualTo(TokenBucket.QUEUED);
        assertThat(buckets.acquire(2, new TestWaiter(1), Long.MAX_VALUE)).isEqualTo(TokenBucket.QUEUED);
        assertThat(buckets.acquire(3, new TestWaiter(1), Long.MAX_VALUE)).isPositive();
        time.advance(SECOND / 10);
        assertThat(buckets.tryAcquire(3, 1)).isTrue();
        assertThat(buckets.acquire(3, new TestWaiter(1), Long.MAX_VALUE)).isEqualTo(TokenBucket.QUEUED);
        assertThat(buckets.objects()).isEqualTo(2);
        assertThat(buckets.tryAcquire(2, 1))
                .as("key 2 is in a slot again, with its level")
                .isFalse();
    }

    @Test
    void anAcquireThatNeedNotWaitMakesNoObject() {
        KeyedBuckets buckets = many();
        assertThat(buckets.acquire(7, new TestWaiter(10), 0)).isZero();
        assertThat(buckets.acquire(7, new TestWaiter(1), SECOND / 100)).isBetween(SECOND / 10, SECOND / 10 + 5);
        assertThat(buckets.objects()).isZero();
    }

    @Test
    void aPauseOutlastsTheRemovalOfAnOverride() {
        KeyedBuckets buckets = many();
        buckets.update(7, BucketUpdate.none().pauseUntil(time.nanoTime() + 5 * SECOND));
        buckets.remove(7);
        time.advance(SECOND);
        for (int key = 10; key < 2_000; key++) {
            buckets.update(key, BucketUpdate.none()); // each of which looks for objects that can go
        }
        assertThat(buckets.tryAcquireNanos(7, 1)).isEqualTo(4 * SECOND + SECOND / 10);
        time.advance(4 * SECOND + SECOND / 10);
        buckets.remove(7);
        assertThat(buckets.tryAcquire(7, 1)).isTrue();
        assertThat(buckets.tryAcquire(7, 0.1)).isFalse();
    }

    @Test
    void nothingIsLostOnTheWayToAnObjectAndInItAtAnyCapacity() {
        BucketConfig config = BucketConfig.builder().rate(1_600).build();
        KeyedBuckets buckets = new KeyedBuckets(time, time, config, 100, KeyOverflow.REFUSE, HASH);
        buckets.update(7, BucketUpdate.none());
        assertThat(buckets.availableTokens(7)).isEqualTo(1_600);
        assertThat(buckets.tryAcquire(7, 1)).isTrue();
        assertThat(buckets.availableTokens(7)).isEqualTo(1_599);
        buckets.remove(7);
        assertThat(buckets.availableTokens(7)).isEqualTo(1_599);
        buckets.update(7, BucketUpdate.none().rate(3_200).maxTokens(3_200).resetTokens());
        assertThat(buckets.availableTokens(7)).isEqualTo(3_200);
    }

    @Test
    void aKeyThatGetsAPlaceBesideALargeSharedBucketHasNoMoreThanMaxTokens() {
        BucketConfig config = BucketConfig.builder().rate(1_600).build();
        KeyedBuckets buckets = new KeyedBuckets(time, time, config, 4, 8, KeyOverflow.SHARE, HASH);
        for (int key = 1; key <= 4; key++) {
            buckets.tryAcquire(key, 1_600);
        }
        time.advance(SECOND);
        assertThat(buckets.tryAcquire(5, 20)).as("from the shared bucket").isTrue();
        time.advance(10);
        assertThat(buckets.tryAcquire(5, 1_600)).isFalse();
        assertThat(buckets.size()).as("but it has a place").isEqualTo(4);
        assertThat(buckets.overflowed()).isEqualTo(1);
        assertThat(buckets.tryAcquire(5, 1_580)).isTrue();
    }

    @Test
    void aClockThatStepsBackFarLendsNothingOnTheWayToAnObject() {
        BucketConfig config = BucketConfig.builder().rate(1e8).maxTokens(1e8).build();
        for (long back = SECOND; back <= 86_400 * SECOND; back *= 2) {
            KeyedBuckets buckets = new KeyedBuckets(time, time, config, 100, KeyOverflow.REFUSE, HASH);
            time.advance(86_400 * SECOND);
            assertThat(buckets.tryAcquire(7, 1e8)).isTrue();
            time.set(time.nanoTime() - back);
            assertThat(buckets.tryAcquire(7, 1)).isFalse();
            buckets.update(7, BucketUpdate.none());
            assertThat(buckets.tryAcquire(7, 1)).as("%d ns back", back).isFalse();
        }
    }

    @Test
    void closingFailsTheWaitersAndRefusesCalls() {
        KeyedBuckets buckets = many();
        buckets.tryAcquire(7, 10);
        TestWaiter waiter = new TestWaiter(1);
        buckets.acquire(7, waiter, Long.MAX_VALUE);
        buckets.close();
        buckets.close();
        assertThat(waiter.end).isEqualTo(Waiter.End.CLOSED);
        assertThat(buckets.toString()).endsWith(", closed]");
        for (int key : new int[] {7, 8}) {
            assertThatThrownBy(() -> buckets.availableTokens(key)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> buckets.remove(key)).isInstanceOf(IllegalStateException.class);
        }
        assertThatThrownBy(() -> buckets.tryAcquire(7, 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> buckets.acquire(8, new TestWaiter(1), 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> buckets.update(8, BucketUpdate.none())).isInstanceOf(IllegalStateException.class);
        assertThat(buckets.objects()).as("no object was made for key 8").isEqualTo(1);
    }

    @Test
    void aKeyIsCountedWhereverItIs() {
        KeyedBuckets buckets = many();
        buckets.tryAcquire(1, 1);
        buckets.tryAcquire(2, 1);
        buckets.update(3, BucketUpdate.none().rate(100));
        assertThat(buckets.size()).isEqualTo(3);
        assertThat(buckets.busyKeys()).isEqualTo(3);
        buckets.tryAcquire(4, 1);
        buckets.update(4, BucketUpdate.none());
        assertThat(buckets.size()).as("its slot doesn't count any more").isEqualTo(4);
        assertThat(buckets.busyKeys())
                .as("nor as busy, though it keeps its level")
                .isEqualTo(4);
        assertThat(buckets.objects()).isEqualTo(2);
        assertThat(buckets.toString())
                .startsWith("KeyedBuckets[BucketConfig[rate=10.0, ")
                .endsWith(", objects=2, REFUSE]");
        time.advance(SECOND);
        assertThat(buckets.size()).isEqualTo(4);
        assertThat(buckets.busyKeys()).as("those with objects").isEqualTo(2);
    }

    @Test
    void theTableIsMadeForItsKeysAndAnEighthOfThemMayHaveWaiters() {
        for (boolean withSlots : new boolean[] {false, true}) {
            KeyedBuckets buckets = withSlots
                    ? new KeyedBuckets(time, time, tenASecond, 16_000, KeyOverflow.REFUSE, HASH, new CallSlots())
                    : new KeyedBuckets(time, time, tenASecond, 16_000, KeyOverflow.REFUSE, HASH);
            assertThat(buckets.slots()).isBetween(23_360, 23_500);
            assertThat(buckets.bytes()).isEqualTo(16L * buckets.slots() + 48 + 4 * 1_024);
            for (int key = 1; key <= 2_001; key++) {
                buckets.reserve(key, 10, 0);
                assertThat(buckets.reserve(key, 5, SECOND) != null)
                        .as("the reservation of key %d", key)
                        .isEqualTo(key <= 2_000);
            }
            assertThatThrownBy(() -> buckets.reserve(2_001, 11, SECOND)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(new KeyedBuckets(time, time, tenASecond, 1, KeyOverflow.REFUSE, HASH).slots())
                .isPositive();
    }

    @Test
    void everyNewObjectMakesThoseGoThatAreNoLongerNeeded() {
        KeyedBuckets buckets = many();
        for (int key = 1; key <= 4_000; key++) {
            buckets.update(key, BucketUpdate.none());
            assertThat(buckets.objects()).isLessThan(800);
        }
    }

    @Test
    void aKeyOfAFullBucketWithoutAnOverrideIsForgotten() {
        KeyedBuckets buckets = many();
        buckets.update(7, BucketUpdate.none());
        buckets.remove(7);
        assertThat(buckets.size()).isZero();
        assertThat(buckets.availableTokens(7)).isEqualTo(10);
    }

    @Test
    void aReservationThatIsOverKeepsNoObject() {
        KeyedBuckets buckets = many();
        assertThat(buckets.reserve(7, 4, 0)).isNotNull();
        buckets.remove(7);
        assertThat(buckets.objects()).isZero();
        assertThat(buckets.availableTokens(7)).isEqualTo(6);
    }

    @Test
    void aWaiterServesOnceEvenIfItIsGrantedAtOnce() {
        KeyedBuckets buckets = many();
        TestWaiter waiter = new TestWaiter(4);
        assertThat(buckets.cancel(waiter)).as("never queued").isFalse();
        assertThat(buckets.acquire(7, waiter, 0)).isZero();
        assertThatThrownBy(() -> buckets.acquire(7, waiter, 0)).isInstanceOf(IllegalStateException.class);
        assertThat(buckets.availableTokens(7)).isEqualTo(6);
        assertThat(buckets.cancel(waiter)).isFalse();
        buckets.handBack(7, waiter);
        assertThat(buckets.availableTokens(7))
                .as("what a slot has granted stays spent")
                .isEqualTo(6);
        TestWaiter queued = new TestWaiter(10);
        assertThat(buckets.acquire(7, queued, Long.MAX_VALUE)).isEqualTo(TokenBucket.QUEUED);
        buckets.handBack(7, queued);
        time.advance(SECOND / 2);
        assertThat(queued.end).isEqualTo(Waiter.End.GRANTED);
        assertThat(buckets.availableTokens(7)).isCloseTo(1, within(1e-6));
        assertThat(buckets.cancel(queued)).isFalse();
        buckets.handBack(7, queued);
        assertThat(buckets.availableTokens(7)).as("an object takes it back").isEqualTo(10);
    }

    @Test
    void aTimeoutAsLongAsTheWaitIsLongEnough() {
        BucketConfig exact =
                BucketConfig.builder().rate(1).periodNanos(1_024).maxTokens(8).build();
        KeyedBuckets buckets = new KeyedBuckets(time, time, exact, 4, 8, KeyOverflow.REFUSE, HASH);
        buckets.tryAcquire(7, 8);
        assertThat(buckets.acquire(7, new TestWaiter(1), 1_023)).isEqualTo(1_024);
        assertThat(buckets.objects()).isZero();
        TestWaiter waiter = new TestWaiter(1);
        assertThat(buckets.acquire(7, waiter, 1_024)).isEqualTo(TokenBucket.QUEUED);
        time.advance(1_024);
        assertThat(waiter.end).isEqualTo(Waiter.End.GRANTED);
    }

    /** Two slots, and nobody waits for one. */
    private static final class CallSlots implements Slots {
        int free = 2;

        @Override
        public boolean tryAcquire() {
            return free > 0 && free-- > 0;
        }

        @Override
        public long acquire(Waiter waiter, long timeoutNanos) {
            return tryAcquire() ? 0 : 1;
        }

        @Override
        public boolean cancel(Waiter waiter) {
            return false;
        }

        @Override
        public void release() {
            free++;
        }
    }

    @Test
    void aCallThatIsRefusedItsTokensKeepsNoSlot() {
        CallSlots slots = new CallSlots();
        KeyedBuckets buckets = new KeyedBuckets(time, time, tenASecond, 100, KeyOverflow.REFUSE, HASH, slots);
        assertThat(buckets.acquire(7, new TestWaiter(10), 0)).isZero();
        assertThat(slots.free).isEqualTo(1);
        assertThat(buckets.acquire(7, new TestWaiter(1), 0)).isBetween(SECOND / 10, SECOND / 10 + 5);
        assertThat(slots.free).isEqualTo(1);
        assertThat(buckets.acquire(8, new TestWaiter(1), 0)).isZero();
        assertThat(slots.free).isZero();
        assertThat(buckets.acquire(9, new TestWaiter(1), 0)).isEqualTo(1);
        assertThat(buckets.availableTokens(9)).as("not taken without a slot").isEqualTo(10);
    }

    // ---- the known wait

    @Test
    void theEstimatedWaitOfAKeyIsWhatItsRefusalTellsWhereverItIs() {
        KeyedBuckets buckets = many();
        assertThat(buckets.estimatedWaitNanos(7, 10)).isZero();
        assertThat(buckets.size()).as("a reading makes no place").isZero();
        buckets.tryAcquire(7, 10);
        assertThat(buckets.estimatedWaitNanos(7, 2.5)).isEqualTo(buckets.tryAcquireNanos(7, 2.5));
        assertThat(buckets.estimatedWaitNanos(7, 0)).isZero();
        time.advance(3 * SECOND);
        buckets.tryAcquire(7, 10);
        assertThat(buckets.estimatedWaitNanos(7, 2.5)).isEqualTo(buckets.tryAcquireNanos(7, 2.5));
        buckets.acquire(7, new TestWaiter(5), Long.MAX_VALUE);
        assertThat(buckets.estimatedWaitNanos(7, 5)).isBetween(SECOND, SECOND + 10);
        assertThatThrownBy(() -> buckets.estimatedWaitNanos(7, 11)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> buckets.estimatedWaitNanos(8, 11)).isInstanceOf(IllegalArgumentException.class);
        time.advance(3 * SECOND);
        buckets.remove(7);
        assertThat(buckets.estimatedWaitNanos(7, 10)).isZero();
        buckets.close();
        assertThatThrownBy(() -> buckets.estimatedWaitNanos(7, 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theEstimatedWaitOfAKeyWithoutAPlaceIsUnknownSharedOrNone() {
        for (KeyOverflow policy : KeyOverflow.values()) {
            KeyedBuckets buckets = four(policy);
            for (int key = 1; buckets.busyKeys() < buckets.slots(); key++) {
                buckets.tryAcquire(key, 10);
            }
            buckets.tryAcquire(1_000, 8);
            long expected =
                    policy == KeyOverflow.REFUSE ? Long.MAX_VALUE : policy == KeyOverflow.ADMIT ? 0 : SECOND / 2;
            assertThat(buckets.estimatedWaitNanos(1_000, 7)).isBetween(expected, Math.max(expected, expected + 10));
            time.advance(2 * SECOND);
            assertThat(buckets.estimatedWaitNanos(1_000, 7)).isZero();
        }
    }

    // ---- collisions and secrets

    @Test
    void keysWhoseHashesCollideShareABucket() {
        KeyedBuckets buckets = many();
        assertThat(buckets.tryAcquire(0, 6)).isTrue(); // 0 is taken for 1
        assertThat(buckets.tryAcquire(1, 6)).isFalse();
    }

    @Test
    void stringsAreHashedIn() {
        KeyedBuckets buckets = many();
        assertThat(buckets.tryAcquire("tenant", 10)).isTrue();
        assertThat(buckets.tryAcquire(buckets.keyOf(new StringBuilder("tenant")), 1))
                .isFalse();
        assertThat(buckets.keyOf("tenant")).isEqualTo(HASH.hash("tenant"));
        assertThat(buckets.keyOf(4_711)).isEqualTo(HASH.hash(4_711));
        byte[] bytes = {1, 2, 3, 4};
        assertThat(buckets.keyOf(bytes, 1, 3)).isEqualTo(HASH.hash(bytes, 1, 3));
        assertThat(buckets.toString()).doesNotContain("tenant");
    }
}
