package io.weir.engine.bucket;

import io.weir.engine.testing.ManualTime;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jetbrains.lincheck.datastructures.verifier.EpsilonVerifier;
import org.junit.jupiter.api.Test;

/**
 * B7, B9 and B10 of {@link TokenBucket}, and S1 of its stripes, while the clock stands still. The model is a sum: with refusals free to be spurious, any set of grants is
 * explained by it that costs no more than there was, so it is enough that after every schedule what was granted and what is left is what there was at first (less only
 * what a deposit lost to a reconfiguration), and that all that is left can be had.
 */
@Param(name = "tokens", gen = IntGen.class, conf = "1:6")
public class StripedBucketLincheckTest {
    private static final double INITIAL = 13;

    private final TokenBucket bucket;
    private final java.util.concurrent.atomic.AtomicInteger granted = new java.util.concurrent.atomic.AtomicInteger();
    private final java.util.concurrent.atomic.AtomicInteger changes = new java.util.concurrent.atomic.AtomicInteger();

    /** Two stripes of 3 tokens. */
    public StripedBucketLincheckTest() { // explicit, as the module exports this package
        ManualTime time = new ManualTime(0);
        bucket = new TokenBucket(
                time,
                time,
                BucketConfig.builder()
                        .rate(1e-6)
                        .maxTokens(16)
                        .initialTokens(INITIAL)
                        .build(),
                new Leases(2, 3));
    }

    @Operation
    public boolean tryAcquireOne() {
        boolean got = bucket.tryAcquire();
        if (got) {
            granted.incrementAndGet();
        }
        return got;
    }

    @Operation
    public boolean tryAcquire(@Param(name = "tokens") int tokens) {
        boolean got = bucket.tryAcquire(tokens);
        if (got) {
            granted.addAndGet(tokens);
        }
        return got;
    }

    /** More than the word's burst of 10. */
    @Operation(runOnce = true)
    public boolean tryAcquireMuch() {
        boolean got = bucket.tryAcquire(11);
        if (got) {
            granted.addAndGet(11);
        }
        return got;
    }

    @Operation
    public boolean reserveAndCancel(@Param(name = "tokens") int tokens) {
        BucketReservation reservation = bucket.reserve(tokens, Long.MAX_VALUE);
        if (reservation == null || reservation.cancel()) {
            changes.incrementAndGet(); // part or nothing comes back if another was debited after it
            return false;
        }
        granted.addAndGet(tokens);
        return true;
    }

    @Operation(runOnce = true)
    public void update() {
        changes.incrementAndGet();
        bucket.update(BucketUpdate.none().rate(2e-6));
    }

    /** Throws if something was made or lost. */
    @Validate
    public void nothingWasMadeOrLost() {
        double left = bucket.availableTokens();
        double sum = granted.get() + left;
        if (sum > INITIAL || (changes.get() == 0 && sum < INITIAL - 3 && !mayHaveBeenDropped())) {
            throw new AssertionError("granted " + granted + ", left " + left + ", of " + INITIAL);
        }
        if (left >= 1 && bucket.tryAcquireNanos(left) != 0) {
            throw new AssertionError("refused, though " + left + " were left");
        }
    }

    /** A request for much replaces the cell, and a deposit that comes late is dropped. */
    private boolean mayHaveBeenDropped() {
        return !bucket.toString().contains("Stripes");
    }

    @Test
    void grantsOnlyWhatIsThereAndLosesNothing() {
        new ModelCheckingOptions()
                .iterations(Integer.getInteger("weir.lincheck.iterations", 3))
                .invocationsPerIteration(500)
                .threads(2)
                .actorsPerThread(3)
                .actorsBefore(1)
                .actorsAfter(0)
                .checkObstructionFreedom(true)
                .verifier(EpsilonVerifier.class)
                .check(StripedBucketLincheckTest.class);
    }
}
