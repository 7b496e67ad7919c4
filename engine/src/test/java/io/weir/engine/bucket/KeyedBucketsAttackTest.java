package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.testing.ManualTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What those can do who choose their keys: who know the code, but not the secret, and, against the contract, the secret too. */
class KeyedBucketsAttackTest {
    private static final int SLOTS_A_KEY = 12 * KeyTable.SLOTS_PER_LINE;
    private static final int KEYS = 4_096;

    private final ManualTime time = new ManualTime(0);
    private final BucketConfig tenASecond = BucketConfig.builder().rate(10).build();
    private long readings;

    /** Hashes that no secret protects: equal in all bits that choose the lines of a key. */
    private static long aimed(int i) {
        return 0x1234_5678_9ABC_0000L | i;
    }

    private KeyedBuckets buckets(KeyOverflow policy) {
        return new KeyedBuckets(
                () -> {
                    readings++;
                    return time.nanoTime();
                },
                time,
                tenASecond,
                4_000,
                8,
                policy,
                KeyHash.withSecret(1, 2));
    }

    /** Somebody who had the secret: he fills the slots that his keys may have, and beyond them has one bucket for all the rest of his keys. */
    @ParameterizedTest
    @EnumSource(
            value = KeyOverflow.class,
            names = {"SHARE", "REFUSE"})
    void aFullNeighbourhoodGrantsWhatItsSlotsHaveAndOneBucketMoreAndHarmsNobodyElse(KeyOverflow policy) {
        KeyedBuckets buckets = buckets(policy);
        for (int i = 0; i < 100; i++) {
            assertThat(buckets.tryAcquire("known " + i, 5)).isTrue();
        }
        double granted = 0;
        long most = 0;
        for (int round = 0; round < 12; round++) {
            for (int i = 0; i < KEYS; i++) {
                long before = readings;
                granted += buckets.tryAcquire(aimed(i), 1) ? 1 : 0;
                most = Math.max(most, readings - before);
            }
        }
        int places = buckets.size() - 100;
        assertThat(places).as("a known key may have been there before").isBetween(SLOTS_A_KEY - 8, SLOTS_A_KEY);
        assertThat(granted).isEqualTo(places * 10.0 + (policy == KeyOverflow.SHARE ? 10 : 0));
        assertThat(most)
                .as("readings of the clock in a call: it doesn't go on looking")
                .isLessThanOrEqualTo(4);
        assertThat(buckets.overflowed()).isEqualTo(12L * (KEYS - places));
        for (int i = 0; i < 100; i++) {
            assertThat(buckets.tryAcquire("known " + i, 5))
                    .as("who was busy before")
                    .isTrue();
        }
        time.advance(1_000_000_000L);
        granted = 0;
        for (int round = 0; round < 12; round++) {
            for (int i = 0; i < KEYS; i++) {
                granted += buckets.tryAcquire(aimed(i), 1) ? 1 : 0;
            }
        }
        assertThat(granted)
                .as("a second later")
                .isLessThanOrEqualTo(SLOTS_A_KEY * 10.0 + (policy == KeyOverflow.SHARE ? 10 : 0));
        for (int i = 0; i < 100; i++) {
            // The shared bucket is empty, and a new key starts at its level; from then on it is limited by its own.
            assertThat(buckets.tryAcquire("new " + i, 10)).isEqualTo(policy == KeyOverflow.REFUSE);
        }
        time.advance(1_000_000_100L);
        for (int i = 0; i < 100; i++) {
            assertThat(buckets.tryAcquire("new " + i, 10)).isTrue();
        }
    }

    /** A neighbourhood is full of keys that are at rest: it isn't full. */
    @Test
    void aFullNeighbourhoodIsFreeAgainWhenItsKeysHaveRested() {
        KeyedBuckets buckets = buckets(KeyOverflow.REFUSE);
        for (int i = 0; i < KEYS; i++) {
            buckets.tryAcquire(aimed(i), 10);
        }
        assertThat(buckets.tryAcquire(aimed(KEYS), 1)).isFalse();
        time.advance(1_000_000_100L);
        assertThat(buckets.tryAcquire(aimed(KEYS), 10)).isTrue();
        assertThat(buckets.size()).isEqualTo(SLOTS_A_KEY);
    }

    /** "Aa" and "BB" have one hashCode, and so has every word of n of them: 4,096 keys that a HashMap would put into one chain. */
    @Test
    void keysOfOneHashCodeHaveBucketsOfTheirOwn() {
        KeyedBuckets buckets = new KeyedBuckets(time, time, tenASecond, 10_000, KeyOverflow.REFUSE, KeyHash.random());
        for (int i = 0; i < KEYS; i++) {
            StringBuilder key = new StringBuilder();
            for (int bit = 0; bit < 12; bit++) {
                key.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            assertThat(key.toString().hashCode()).isEqualTo("AaAaAaAaAaAaAaAaAaAaAaAa".hashCode());
            assertThat(buckets.tryAcquire(key.toString(), 10)).as("%s", key).isTrue();
            assertThat(buckets.tryAcquire(key.toString(), 0.5)).as("%s", key).isFalse();
        }
        assertThat(buckets.size()).isEqualTo(KEYS);
        assertThat(buckets.overflowed()).isZero();
    }

    /** What he finds with a table of his own, though with the same code, is worth nothing against another's secret. */
    @Test
    void keysThatMeetUnderOneSecretAreSpreadUnderAnother() {
        for (long seed = 0; seed < 8; seed++) {
            KeyHash his = KeyHash.withSecret(seed, seed + 1);
            List<String> meeting = new ArrayList<>();
            for (int i = 0; meeting.size() < 2_048; i++) {
                if (his.hash("key-" + i) >>> 58 == 7) {
                    meeting.add("key-" + i);
                }
            }
            for (KeyHash other : new KeyHash[] {
                KeyHash.withSecret(seed, seed + 2), KeyHash.withSecret(seed + 1, seed + 1), KeyHash.random()
            }) {
                int[] at = new int[64];
                meeting.forEach(key -> at[(int) (other.hash(key) >>> 58)]++);
                // 32 on average; 80 is more than eight standard deviations away
                assertThat(Arrays.stream(at)).as("seed %d", seed).allMatch(keys -> keys >= 1 && keys < 80);
            }
        }
    }
}
