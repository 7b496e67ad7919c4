package io.weir.engine.bucket;

import static io.weir.engine.bucket.KeyedBucketsLincheckTest.TOKEN;

import io.weir.engine.testing.ManualTime;
import java.util.concurrent.atomic.AtomicLong;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/** K7 and K8 of {@link KeyedBuckets}: keys that become objects and slots again under the takers' hands, against the same plain buckets. */
@Param(name = "key", gen = IntGen.class, conf = "1:2")
@Param(name = "tokens", gen = IntGen.class, conf = "1:2")
public class KeyedBucketsObjectsLincheckTest {
    private final AtomicLong clock = new AtomicLong(4 * TOKEN);
    private final KeyedBuckets buckets = new KeyedBuckets(
            clock::get,
            new ManualTime(0),
            BucketConfig.builder().rate(1).periodNanos(TOKEN).maxTokens(2).build(),
            12,
            4,
            KeyOverflow.REFUSE,
            KeyHash.withSecret(1, 2));

    public KeyedBucketsObjectsLincheckTest() {} // explicit, as the module exports this package

    @Operation
    public boolean tryAcquire(@Param(name = "key") int key, @Param(name = "tokens") int tokens) {
        return buckets.tryAcquire((long) key, tokens);
    }

    @Operation
    public void advance() {
        clock.getAndAdd(TOKEN + 16);
    }

    @Operation
    public void promote(@Param(name = "key") int key) {
        buckets.update(key, BucketUpdate.none());
    }

    @Operation
    public void retire(@Param(name = "key") int key) {
        buckets.remove(key);
    }

    @Test
    void isLinearizable() {
        new ModelCheckingOptions()
                .iterations(Integer.getInteger("weir.lincheck.iterations", 2))
                .invocationsPerIteration(50)
                .threads(2)
                .actorsPerThread(2)
                .actorsBefore(2)
                .actorsAfter(2)
                .checkObstructionFreedom(true)
                .addGuarantee(KeyedBucketsLincheckTest.ARITHMETIC)
                .sequentialSpecification(KeyedBucketsLincheckTest.Model.class)
                .check(KeyedBucketsObjectsLincheckTest.class);
    }
}
