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
        assertThat(buckets.tryAcquire(5, 2)).isFalse();
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
        assertThatThrownBy(() -> buckets.tryAcquire(7, 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> buckets.acquire(8, new TestWaiter(1), 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> buckets.update(8, BucketUpdate.none())).isInstanceOf(IllegalStateException.class);
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
        assertThat(buckets.toString()).doesNotContain("tenant");
    }
}
