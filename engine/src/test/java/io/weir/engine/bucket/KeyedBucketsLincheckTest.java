package io.weir.engine.bucket;

import io.weir.engine.testing.ManualTime;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuarantee;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/**
 * K1 to K4 of {@link KeyTable}: three keys on four slots, which strangers have left idle, under a clock that is an operation too, against a map of plain
 * buckets. Three, as a key may be brought by two threads at once, and then takes two slots for a moment.
 */
@Param(name = "key", gen = IntGen.class, conf = "1:3")
@Param(name = "tokens", gen = IntGen.class, conf = "1:2")
public class KeyedBucketsLincheckTest {
    /** So long that the scale of a bucket is found without a loop, which the checker takes for a hang. */
    static final long TOKEN = 1L << 20;

    /** Sees no other thread, and is most of the work that the checker would follow. */
    static final ManagedStrategyGuarantee ARITHMETIC = ManagedStrategyGuaranteeKt.forClasses(
                    Ticks.class.getName(), KeyScale.class.getName(), KeyHash.class.getName())
            .allMethods()
            .ignore();

    private final AtomicLong clock = new AtomicLong();
    private final KeyedBuckets buckets = new KeyedBuckets(
            clock::get,
            new ManualTime(0),
            BucketConfig.builder().rate(1).periodNanos(TOKEN).maxTokens(2).build(),
            4,
            4,
            KeyOverflow.REFUSE,
            KeyHash.withSecret(1, 2));

    public KeyedBucketsLincheckTest() { // explicit, as the module exports this package
        for (long stranger = 101; stranger <= 104; stranger++) {
            buckets.tryAcquire(stranger, 2);
        }
        clock.set(4 * TOKEN);
    }

    @Operation
    public boolean tryAcquire(@Param(name = "key") int key, @Param(name = "tokens") int tokens) {
        return buckets.tryAcquire((long) key, tokens);
    }

    @Operation
    public double available(@Param(name = "key") int key) {
        return Math.floor(buckets.availableTokens(key));
    }

    /** A token and a bit, so that what is full is so by more than a tick. */
    @Operation
    public void advance() {
        clock.getAndAdd(TOKEN + 16);
    }

    @Test
    void isLinearizable() {
        new ModelCheckingOptions()
                .iterations(Integer.getInteger("weir.lincheck.iterations", 4))
                .invocationsPerIteration(100)
                .threads(2)
                .actorsPerThread(3)
                .actorsBefore(1)
                .actorsAfter(2)
                .checkObstructionFreedom(true)
                .addGuarantee(ARITHMETIC)
                .sequentialSpecification(Model.class)
                .check(KeyedBucketsLincheckTest.class);
    }

    /** A bucket a key, one step at a time; in nanoseconds. */
    public static class Model {
        private final Map<Integer, Long> tats = new HashMap<>();
        private long now = 4 * TOKEN;

        public Model() {}

        public boolean tryAcquire(int key, int tokens) {
            long full = now - 2 * TOKEN;
            long tat = Math.max(full, tats.getOrDefault(key, full));
            if (now - tat < tokens * TOKEN) {
                return false;
            }
            tats.put(key, tat + tokens * TOKEN);
            return true;
        }

        public double available(int key) {
            long full = now - 2 * TOKEN;
            return Math.floor((now - Math.max(full, tats.getOrDefault(key, full))) / (double) TOKEN);
        }

        public void advance() {
            now += TOKEN + 16;
        }

        /** For {@link KeyedBucketsObjectsLincheckTest}: a change of place is none of level. */
        public void promote(int key) {}

        public void retire(int key) {}
    }
}
