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
import java.util.List;
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

    /** One for all, as the tables of one runtime have; nothing is armed. */
    private static final Timer TIMER = new WheelTimer(SystemNanoClock.INSTANCE, "weir-timer");

    private KeyMemory() {}

    /**
     * Weighs.
     *
     * @param args where to write the JSON; after that, numbers of keys: then only our table is weighed, with each of them
     */
    public static void main(String[] args) throws IOException {
        Figures figures = new Figures();
        if (args.length > 1) {
            for (String keys : List.of(args).subList(1, args.length)) {
                figures.add("weir key keys=" + keys, weighTables(Integer.parseInt(keys)), "B");
            }
            figures.write(args);
            return;
        }
        figures.add("weir key", LiveHeap.bytesEach(MANY_KEYS, () -> table(MANY_KEYS)), "B");
        figures.add("weirInMap key", weigh(KeyMemory::mapOfWeir), "B");
        figures.add("bucket4jInMap key", weigh(KeyMemory::mapOfBucket4j), "B");
        figures.write(args);
    }

    /** Once for the classes, once to weigh. */
    private static double weigh(Supplier<Object> make) {
        Object unused = make.get();
        return LiveHeap.bytesEach(KEYS, make);
    }

    /** So many tables that together they have a million keys at least: what is weighed must be much more than what a collection leaves by chance. */
    private static double weighTables(int keys) {
        Object unused = table(keys);
        Object[] tables = new Object[Math.max(1, KEYS / keys)];
        return LiveHeap.bytesEach(tables.length * keys, () -> {
            for (int i = 0; i < tables.length; i++) {
                tables[i] = table(keys);
            }
            return tables;
        });
    }

    private static Object table(int keys) {
        KeyedBuckets buckets = new KeyedBuckets(
                SystemNanoClock.INSTANCE,
                TIMER,
                BucketConfig.builder().rate(RATE).build(),
                keys,
                KeyOverflow.SHARE,
                KeyHash.random());
        for (int i = 0; i < keys; i++) {
            buckets.tryAcquire("tenant-" + i, 1);
        }
        return buckets;
    }

    private static Object mapOfWeir() {
        BucketConfig config = BucketConfig.builder().rate(RATE).build();
        ConcurrentHashMap<String, TokenBucket> map = new ConcurrentHashMap<>();
        for (int i = 0; i < KEYS; i++) {
            map.computeIfAbsent("tenant-" + i, key -> new TokenBucket(SystemNanoClock.INSTANCE, TIMER, config))
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
