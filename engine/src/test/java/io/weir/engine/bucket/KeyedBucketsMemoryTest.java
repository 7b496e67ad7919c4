package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.testing.AllocationMeter;
import io.weir.engine.testing.ManualTime;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.Test;

class KeyedBucketsMemoryTest {
    private static KeyedBuckets buckets(int maxKeys, double rate, KeyOverflow policy) {
        return new KeyedBuckets(
                SystemNanoClock.INSTANCE,
                new ManualTime(0),
                BucketConfig.builder().rate(rate).maxTokens(100).build(),
                maxKeys,
                policy,
                KeyHash.random());
    }

    @Test
    void tryAcquireAllocatesNothingForKnownKeysNewKeysAndKeysWithoutAPlace() {
        String[] names = new String[64];
        for (int i = 0; i < names.length; i++) {
            names[i] = "tenant-" + i;
        }
        for (KeyOverflow policy : KeyOverflow.values()) {
            for (double rate : new double[] {1e-3, 1e7}) {
                KeyedBuckets buckets = buckets(16, rate, policy);
                long[] next = {0};
                assertThat(AllocationMeter.leastBytes(10_000, () -> {
                            int n = (int) (next[0]++ & 63);
                            buckets.tryAcquire(names[n], 1);
                            buckets.tryAcquireNanos(n, 2.5);
                            buckets.tryAcquireNanos(buckets.keyOf(next[0]), 3);
                        }))
                        .as("bytes at %s a second, %s", rate, policy)
                        .isLessThan(1_024);
            }
        }
    }

    @Test
    void aKeyTakesLessThan24Bytes() {
        for (int maxKeys : new int[] {100_000, 1_000_000}) {
            assertThat((double) buckets(maxKeys, 10, KeyOverflow.SHARE).bytes() / maxKeys)
                    .isLessThan(24);
        }
        assertThat(Math.ceil(10_000_000 * 1.46) * 16 / 10_000_000).isLessThan(23.5);
    }

    @Test
    void aTableHoldsTheKeysItIsMadeForAllBusyAtOnce() {
        int maxKeys = Integer.getInteger("weir.keys", 300_000);
        KeyedBuckets buckets = buckets(maxKeys, 1e-6, KeyOverflow.REFUSE);
        int missed = 0;
        for (int i = 0; i < maxKeys; i++) {
            missed += buckets.tryAcquire(buckets.keyOf(i), 1) ? 0 : 1;
        }
        assertThat(missed).as("of %d keys, without a place", maxKeys).isLessThanOrEqualTo(maxKeys / 10_000);
        assertThat(buckets.busyKeys()).isEqualTo(maxKeys - missed);
    }
}
