package io.weir.engine.bucket;

import java.util.concurrent.atomic.AtomicLong;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/**
 * B1, B3 and B4 of {@link TokenBucket} while the clock moves: nobody is refused on a reading older than the word it judges, and a change takes
 * effect at one instant. No reading of the level is asked for: a grant counts at its own clock reading, which may be older than a level that
 * somebody reads just before its CAS.
 */
@Param(name = "tokens", gen = IntGen.class, conf = "1:3")
@Param(name = "rate", gen = IntGen.class, conf = "1:2")
public class TokenBucketClockLincheckTest {
    private static final long S = 1_000_000_000L;

    private final AtomicLong now = new AtomicLong();
    private final TokenBucket bucket = new TokenBucket(
            now::get,
            new FiredByHand(now::get),
            BucketConfig.builder().rate(2).maxTokens(4).initialTokens(2).build());

    public TokenBucketClockLincheckTest() {} // explicit, as the module exports this package

    @Operation
    public boolean tryAcquire(@Param(name = "tokens") int tokens) {
        return bucket.tryAcquire(tokens);
    }

    @Operation
    public boolean tryAcquireOne() {
        return bucket.tryAcquire();
    }

    @Operation
    public boolean tryAcquireWithAReadingHandedIn(@Param(name = "tokens") int tokens) {
        return bucket.tryAcquireNanos(tokens, now.get()) == 0;
    }

    @Operation
    public void step() {
        now.getAndAdd(S / 2);
    }

    @Operation
    public void changeRate(@Param(name = "rate") int rate) {
        bucket.update(BucketUpdate.none().rate(rate));
    }

    @Test
    void isLinearizable() {
        new ModelCheckingOptions()
                .iterations(12)
                .invocationsPerIteration(200)
                .threads(2)
                .actorsPerThread(4)
                .actorsBefore(1)
                .actorsAfter(2)
                .checkObstructionFreedom(true)
                .sequentialSpecification(Model.class)
                .check(TokenBucketClockLincheckTest.class);
    }

    /** What is promised, one step at a time. */
    public static class Model {
        private double rate = 2;
        private double level = 2;

        public Model() {}

        public boolean tryAcquire(int tokens) {
            if (level < tokens) {
                return false;
            }
            level -= tokens;
            return true;
        }

        public boolean tryAcquireOne() {
            return tryAcquire(1);
        }

        public boolean tryAcquireWithAReadingHandedIn(int tokens) {
            return tryAcquire(tokens);
        }

        public void step() {
            level = Math.min(4, level + rate / 2);
        }

        public void changeRate(int rate) {
            level *= Math.min(1, rate / this.rate);
            this.rate = rate;
        }
    }
}
