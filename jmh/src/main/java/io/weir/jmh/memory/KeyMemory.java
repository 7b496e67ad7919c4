package io.weir.jmh.memory;

import io.github.bucket4j.Bucket;
import io.weir.engine.bucket.BucketConfig;
import io.weir.engine.bucket.KeyHash;
import io.weir.engine.bucket.KeyOverflow;
import io.weir.engine.bucket.KeyedBuckets;
import io.weir.engine.bucket.TokenBucket;
import io.weir.engine.time.Timer;
import io.weir.engine.time.WheelTimer;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.agrona.concurrent.SystemNanoClock;

/**
 * Bytes a key of a limiter a key (P9). The key's string is part of what a map keeps, so it is counted where it is kept: a table that hashes the
 * string in keeps none.
 */
public final class KeyMemory {
    private static final int KEYS = 1_000_000;
    private static final int MANY_KEYS = 10_000_000;
    private static final int RATE = 1_000;

    private KeyMemory() {}

    /**
     * Weighs.
     *
     * @param args where to write the JSON
     */
    public static void main(String[] args) throws IOException {
        Figures figures = new Figures();
        figures.add("weir key", LiveHeap.bytesEach(MANY_KEYS, KeyMemory::table), "B");
        figures.add("weirInMap key", weigh(KeyMemory::mapOfWeir), "B");
        figures.add("bucket4jInMap key", weigh(KeyMemory::mapOfBucket4j), "B");
        figures.write(args);
    }

    /** Once for the classes, once to weigh. */
    private static double weigh(Supplier<Object> make) {
        Object unused = make.get();
        return LiveHeap.bytesEach(KEYS, make);
    }

    private static Object table() {
        KeyedBuckets buckets = new KeyedBuckets(
                SystemNanoClock.INSTANCE,
                new WheelTimer(SystemNanoClock.INSTANCE, "weir-timer"),
                BucketConfig.builder().rate(RATE).build(),
                MANY_KEYS,
                KeyOverflow.SHARE,
                KeyHash.random());
        for (int i = 0; i < MANY_KEYS; i++) {
            buckets.tryAcquire("tenant-" + i, 1);
        }
        return buckets;
    }

    private static Object mapOfWeir() {
        BucketConfig config = BucketConfig.builder().rate(RATE).build();
        Timer timer = new WheelTimer(SystemNanoClock.INSTANCE, "weir-timer");
        ConcurrentHashMap<String, TokenBucket> map = new ConcurrentHashMap<>();
        for (int i = 0; i < KEYS; i++) {
            map.computeIfAbsent("tenant-" + i, key -> new TokenBucket(SystemNanoClock.INSTANCE, timer, config))
                    .tryAcquire();
        }
        return map;
    }

    private static Object mapOfBucket4j() {
        ConcurrentHashMap<String, Bucket> map = new ConcurrentHashMap<>();
        for (int i = 0; i < KEYS; i++) {
            map.computeIfAbsent(
                            "tenant-" + i,
                            key -> Bucket.builder()
                                    .addLimit(limit -> limit.capacity(RATE).refillGreedy(RATE, Duration.ofSeconds(1)))
                                    .withNanosecondPrecision()
                                    .build())
                    .tryConsume(1);
        }
        return map;
    }
}
