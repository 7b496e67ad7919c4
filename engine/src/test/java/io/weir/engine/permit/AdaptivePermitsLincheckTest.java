package io.weir.engine.permit;

import java.util.concurrent.atomic.AtomicLong;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/**
 * A1 of {@link AdaptivePermits}: with an algorithm that takes one from the limit a window and counts in its memory, limit and count go together,
 * and no permit is left over.
 */
public class AdaptivePermitsLincheckTest {
    private static final int INITIAL = 100;

    private final AtomicLong clock = new AtomicLong();
    private final OneLess algorithm = new OneLess();
    private final AdaptivePermits permits = new AdaptivePermits(
            () -> clock.addAndGet(10_000), // every window is due
            new NoTimer(),
            AdaptiveConfig.builder()
                    .algorithm(algorithm)
                    .initial(INITIAL)
                    .windowNanos(1_000)
                    .minCalls(1)
                    .build());

    public AdaptivePermitsLincheckTest() {} // explicit, as the module exports this package

    private static final class OneLess implements LimitAlgorithm {
        private double[] kept = new double[1];

        @Override
        public double next(double limit, LimitWindow window, double[] memory) {
            kept = memory;
            memory[0]++;
            return limit - 1;
        }

        @Override
        public int memorySize() {
            return 1;
        }
    }

    @Operation
    public void callThatEndsWell() {
        permits.onSuccess(permits.tryAcquire());
    }

    @Operation
    public void callThatIsDropped() {
        permits.onDropped(permits.tryAcquire());
    }

    @Operation
    public void callThatIsIgnored() {
        permits.onIgnored(permits.tryAcquire());
    }

    @Validate
    public void limitAndMemoryGoTogether() {
        if (permits.limit() != INITIAL - algorithm.kept[0] || permits.inUse() != 0) {
            throw new AssertionError("A1: " + permits + ", windows " + algorithm.kept[0]);
        }
    }

    @Test
    void eachLimitIsComputedFromTheOneBefore() {
        new ModelCheckingOptions()
                .iterations(20)
                .invocationsPerIteration(500)
                .threads(2)
                .actorsPerThread(3)
                .actorsBefore(1)
                .actorsAfter(0)
                .check(AdaptivePermitsLincheckTest.class);
    }
}
