package io.weir.engine.bucket;

import static io.weir.engine.bucket.KeyedBucketsLincheckTest.TOKEN;

import io.weir.engine.testing.ManualTime;
import java.lang.reflect.Method;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/** K7 to K9 of {@link KeyedBuckets}: keys that become objects and slots again under the takers' hands, against the same plain buckets. */
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
    public double available(@Param(name = "key") int key) {
        return Math.floor(buckets.availableTokens(key));
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
        check(options()
                .iterations(Integer.getInteger("weir.lincheck.iterations", 2))
                .invocationsPerIteration(50)
                .threads(2)
                .actorsPerThread(2)
                .actorsBefore(2)
                .actorsAfter(2));
    }

    /** Two schedules that are hardly ever met at random. */
    @Test
    void isLinearizableWhereverAReaderIsStoppedByWhoMovesTheKey() {
        check(options()
                .iterations(0)
                .invocationsPerIteration(1_000)
                // The reader makes the object, and is stopped before the slot is freed; a key that is to be a slot
                // again finds it.
                .addCustomScenario(scenario(
                        List.of(actor("tryAcquire", 1, 2)),
                        List.of(actor("promote", 1), actor("retire", 1), actor("tryAcquire", 1, 1))))
                // The key's new slot lies before its old one, and so behind the reader; the other key's bucket is full
                // by then.
                .addCustomScenario(scenario(
                        List.of(actor("tryAcquire", 2, 1), actor("tryAcquire", 1, 2), actor("advance")),
                        List.of(actor("promote", 1), actor("retire", 1)))));
    }

    private static ExecutionScenario scenario(List<Actor> before, List<Actor> mover) {
        return new ExecutionScenario(
                before, List.of(mover, List.of(actor("available", 1))), List.of(actor("tryAcquire", 1, 1)), null);
    }

    private static ModelCheckingOptions options() {
        return new ModelCheckingOptions()
                .checkObstructionFreedom(true)
                .addGuarantee(KeyedBucketsLincheckTest.ARITHMETIC)
                .sequentialSpecification(KeyedBucketsLincheckTest.Model.class);
    }

    private static void check(ModelCheckingOptions options) {
        options.check(KeyedBucketsObjectsLincheckTest.class);
    }

    private static Actor actor(String operation, Object... arguments) {
        for (Method each : KeyedBucketsObjectsLincheckTest.class.getMethods()) {
            if (each.getName().equals(operation)) {
                return new Actor(each, List.of(arguments));
            }
        }
        throw new AssertionError(operation);
    }
}
