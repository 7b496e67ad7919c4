package io.weir.jmh;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.github.bucket4j.Bucket;
import io.weir.engine.bucket.BucketConfig;
import io.weir.engine.bucket.KeyHash;
import io.weir.engine.bucket.KeyOverflow;
import io.weir.engine.bucket.KeyedBuckets;
import io.weir.engine.bucket.TokenBucket;
import io.weir.engine.time.Timer;
import io.weir.engine.time.WheelTimer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import org.agrona.concurrent.SystemNanoClock;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A bucket a key, every key known and drawn uniformly: nearly each call misses the caches, and pays for every hop. 1,000 tokens a second a key,
 * or as many more as fewer keys need, so that all are granted.
 *
 * <p>"keyed": the very strings that the tables were filled with. That is the best case of a map: they keep their hash codes, and are found to be equal without a
 * look at their characters. "keyedParsed": a string made from its bytes in each call, as a service's is that takes it from a request; making it is part
 * of the time and the garbage of all, and a floor of its own.
 */
public class KeyedLimiterBenchmark extends Timed {
    private static final int RATE = 1_000;
    private static final int RATE_OF_ALL = 200_000_000;
    private static final int PREFIX = "tenant-".length();

    /** The keys. */
    @State(Scope.Benchmark)
    public static class Keys {
        /** How many. */
        @Param("1000000")
        public int keys;

        String[] names = {};

        /** Makes them. */
        @Setup
        public void make() {
            names = new String[keys];
            for (int i = 0; i < keys; i++) {
                names[i] = "tenant-" + i;
            }
        }

        /** Tokens a second a key. */
        int rate() {
            return Math.max(RATE, RATE_OF_ALL / keys);
        }

        String draw(Dice dice) {
            return names[dice.next(names.length)];
        }

        /** An equal string that nobody has hashed yet. */
        String parse(Dice dice, Text text) {
            return text.of(dice.next(names.length));
        }
    }

    /** A thread's own writer of a key's characters, which aren't looked up: that would be a cache miss of the harness. */
    @State(Scope.Thread)
    public static class Text {
        private final byte[] bytes = "tenant-0000000000".getBytes(StandardCharsets.ISO_8859_1);

        String of(int number) {
            int length = PREFIX;
            for (int scale = scale(number); scale > 0; scale /= 10) {
                bytes[length++] = (byte) ('0' + number / scale % 10);
            }
            return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
        }

        private static int scale(int number) {
            int scale = 1;
            while (number / scale >= 10) {
                scale *= 10;
            }
            return scale;
        }
    }

    /** What any exact table must do: read the clock, and write a word that isn't in the cache. */
    @State(Scope.Benchmark)
    public static class Words {
        AtomicLongArray words = new AtomicLongArray(0);

        /** One word a key. */
        @Setup
        public void make(Keys keys) {
            words = new AtomicLongArray(keys.keys);
        }
    }

    /** Ours: a place for each key. */
    @State(Scope.Benchmark)
    public static class Table {
        KeyedBuckets buckets = table(1, RATE);

        /** Knows every key. */
        @Setup
        public void fill(Keys keys) {
            buckets = table(keys.keys, keys.rate());
            for (String name : keys.names) {
                buckets.tryAcquire(name, 1);
            }
        }

        private static KeyedBuckets table(int keys, int rate) {
            return new KeyedBuckets(
                    SystemNanoClock.INSTANCE,
                    new WheelTimer(SystemNanoClock.INSTANCE, "weir-timer"),
                    BucketConfig.builder().rate(rate).build(),
                    keys,
                    KeyOverflow.SHARE,
                    KeyHash.random());
        }
    }

    /** A map of buckets of our own, without the keyed table. */
    @State(Scope.Benchmark)
    public static class MapOfWeir {
        private BucketConfig config = BucketConfig.builder().rate(RATE).build();

        private final Timer timer = new WheelTimer(SystemNanoClock.INSTANCE, "weir-timer");
        private final ConcurrentHashMap<String, TokenBucket> buckets = new ConcurrentHashMap<>();

        /** Knows every key. */
        @Setup
        public void fill(Keys keys) {
            config = BucketConfig.builder().rate(keys.rate()).build();
            for (String name : keys.names) {
                bucket(name);
            }
        }

        /** By get first: computeIfAbsent locks where a key isn't the first of its bin. */
        TokenBucket bucket(String name) {
            TokenBucket found = buckets.get(name);
            return found != null
                    ? found
                    : buckets.computeIfAbsent(name, key -> new TokenBucket(SystemNanoClock.INSTANCE, timer, config));
        }
    }

    /** What Bucket4j's docs show for one bucket a client; get first, as above. */
    @State(Scope.Benchmark)
    public static class MapOfBucket4j {
        private final ConcurrentHashMap<String, Bucket> buckets = new ConcurrentHashMap<>();
        private int rate = RATE;

        /** Knows every key. */
        @Setup
        public void fill(Keys keys) {
            rate = keys.rate();
            for (String name : keys.names) {
                bucket(name);
            }
        }

        Bucket bucket(String name) {
            Bucket found = buckets.get(name);
            return found != null ? found : buckets.computeIfAbsent(name, key -> bucket4j(rate));
        }
    }

    /** The same with a bound in time, as services that must not leak do it. */
    @State(Scope.Benchmark)
    public static class CacheOfBucket4j {
        private final LoadingCache<String, Bucket> buckets =
                Caffeine.newBuilder().expireAfterAccess(Duration.ofHours(1)).build(key -> bucket4j(this.rate));

        private int rate = RATE;

        /** Knows every key. */
        @Setup
        public void fill(Keys keys) {
            rate = keys.rate();
            for (String name : keys.names) {
                bucket(name);
            }
        }

        Bucket bucket(String name) {
            return buckets.get(name);
        }
    }

    private static Bucket bucket4j(int rate) {
        return Bucket.builder()
                .addLimit(limit -> limit.capacity(rate).refillGreedy(rate, Duration.ofSeconds(1)))
                .withNanosecondPrecision()
                .build();
    }

    @Benchmark
    public boolean floor_nanoTimeThenCasRandom(Words words, Dice dice) {
        int index = dice.next(words.words.length());
        long now = System.nanoTime();
        return words.words.compareAndSet(index, words.words.get(index), now);
    }

    /** What the harness itself takes to come by a key, and by its characters: cache misses of the caller's, in every "keyed". */
    @Benchmark
    public int floor_drawKey(Keys keys, Dice dice) {
        String key = keys.draw(dice);
        return key.charAt(key.length() - 1);
    }

    /** The same for "keyedParsed". */
    @Benchmark
    public String floor_parseKey(Keys keys, Dice dice, Text text) {
        return keys.parse(dice, text);
    }

    /** Each call hashes its key's characters, which the maps don't: a string keeps its own hash code. */
    @Benchmark
    public boolean weir_tryAcquire_keyed(Table table, Keys keys, Dice dice, Verdicts verdicts) {
        return verdicts.granted(table.buckets.tryAcquire(keys.draw(dice), 1));
    }

    @Benchmark
    public boolean weirInMap_tryAcquire_keyed(MapOfWeir map, Keys keys, Dice dice, Verdicts verdicts) {
        return verdicts.granted(map.bucket(keys.draw(dice)).tryAcquire());
    }

    @Benchmark
    public boolean bucket4jInMap_tryAcquire_keyed(MapOfBucket4j map, Keys keys, Dice dice, Verdicts verdicts) {
        return verdicts.granted(map.bucket(keys.draw(dice)).tryConsume(1));
    }

    @Benchmark
    public boolean bucket4jInCaffeine_tryAcquire_keyed(CacheOfBucket4j map, Keys keys, Dice dice, Verdicts verdicts) {
        return verdicts.granted(map.bucket(keys.draw(dice)).tryConsume(1));
    }

    @Benchmark
    public boolean weir_tryAcquire_keyedParsed(Table table, Keys keys, Dice dice, Text text, Verdicts verdicts) {
        return verdicts.granted(table.buckets.tryAcquire(keys.parse(dice, text), 1));
    }

    @Benchmark
    public boolean bucket4jInMap_tryAcquire_keyedParsed(
            MapOfBucket4j map, Keys keys, Dice dice, Text text, Verdicts verdicts) {
        return verdicts.granted(map.bucket(keys.parse(dice, text)).tryConsume(1));
    }
}
