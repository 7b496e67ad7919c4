package io.weir.engine.bucket;

import java.util.Objects;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/**
 * B1, B2 and B3 of {@link TokenBucket}: takes, reservations, the cancel of one that was made before, and changes of rate and capacity, against a
 * model in plain sequential code. The clock stands; {@link TokenBucketClockLincheckTest} moves it.
 */
@Param(name = "tokens", gen = IntGen.class, conf = "1:3")
@Param(name = "rate", gen = IntGen.class, conf = "1:2")
@Param(name = "max", gen = IntGen.class, conf = "3:4")
public class TokenBucketLincheckTest {
    private static final long QUARTER = 250_000_000L; // nanoseconds; the wait for one token at the higher rate

    private final TokenBucket bucket = new TokenBucket(
            () -> 0,
            new FiredByHand(() -> 0),
            BucketConfig.builder().rate(4).maxTokens(4).initialTokens(0).build());
    private final BucketReservation reservation = Objects.requireNonNull(bucket.reserve(1, Long.MAX_VALUE));

    public TokenBucketLincheckTest() {} // explicit, as the module exports this package

    @Operation
    public boolean tryAcquire(@Param(name = "tokens") int tokens) {
        return bucket.tryAcquire(tokens);
    }

    @Operation
    public long reserve(@Param(name = "tokens") int tokens) {
        BucketReservation made = bucket.reserve(tokens, Long.MAX_VALUE);
        return made == null ? -1 : made.waitNanos();
    }

    @Operation
    public boolean cancel() {
        return reservation.cancel();
    }

    @Operation
    public void changeRate(@Param(name = "rate") int rate) {
        bucket.update(BucketUpdate.none().rate(2 * rate));
    }

    @Operation
    public void changeMax(@Param(name = "max") int max) {
        bucket.update(BucketUpdate.none().maxTokens(max));
    }

    @Operation
    public void reset() {
        bucket.update(BucketUpdate.none().resetTokens());
    }

    @Operation
    public double availableTokens() {
        return bucket.availableTokens();
    }

    @Operation
    public long waitForOne() {
        return bucket.estimatedWaitNanos(1);
    }

    @Test
    void isLinearizable() {
        new ModelCheckingOptions()
                .iterations(12)
                .invocationsPerIteration(200)
                .threads(2)
                .actorsPerThread(3)
                .actorsBefore(1)
                .actorsAfter(2)
                .checkObstructionFreedom(true)
                .sequentialSpecification(Model.class)
                .check(TokenBucketLincheckTest.class);
    }

    /** What is promised, one step at a time. */
    public static class Model {
        private double rate = 4;
        private double max = 4;
        private double level = -1;
        private boolean cancelled;
        private boolean isLast = true;

        public Model() {}

        public boolean tryAcquire(int tokens) {
            requireAtMost(tokens);
            if (level < tokens) {
                return false;
            }
            debit(tokens);
            return true;
        }

        public long reserve(int tokens) {
            requireAtMost(tokens);
            debit(tokens);
            return level >= 0 ? 0 : (long) Math.ceil(-level * QUARTER * 4 / rate);
        }

        public boolean cancel() {
            if (cancelled) {
                return false;
            }
            cancelled = true;
            if (isLast) {
                level += 1;
                isLast = false;
            }
            return true;
        }

        public void changeRate(int rate) {
            double to = 2 * rate;
            if (to < this.rate) {
                level = level * to / this.rate; // tokens in hand, and debt: it lasts as long as before
            }
            this.rate = to;
            isLast = false;
        }

        public void changeMax(int max) {
            this.max = max;
            level = Math.min(level, max);
            isLast = false;
        }

        public void reset() {
            if (level >= 0) {
                level = max;
            }
            isLast = false;
        }

        public double availableTokens() {
            return Math.max(0, level);
        }

        public long waitForOne() {
            return level >= 1 ? 0 : (long) Math.ceil((1 - level) * QUARTER * 4 / rate);
        }

        private void debit(int tokens) {
            level -= tokens;
            isLast = false;
        }

        private void requireAtMost(int tokens) {
            if (tokens > max) {
                throw new IllegalArgumentException();
            }
        }
    }
}
