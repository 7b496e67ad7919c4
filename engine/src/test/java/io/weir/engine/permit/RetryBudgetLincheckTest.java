package io.weir.engine.permit;

import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/** R1, R4: half a token a call and one of the minimum, at a standing clock and half a ttl later, against two numbers. */
public class RetryBudgetLincheckTest {
    private static final long SECOND = 1_000_000_000L;

    private final RetryBudget budget = new RetryBudget(0.5, 0.5, 2 * SECOND, 0);

    public RetryBudgetLincheckTest() {} // explicit, as the module exports this package

    @Operation
    public void call() {
        budget.deposit(1);
    }

    @Operation
    public boolean retry() {
        return budget.tryWithdraw(1);
    }

    @Operation
    public boolean retryLater() {
        return budget.tryWithdraw(1 + SECOND); // the deposits are still there, and half a token of the minimum more
    }

    @Test
    void isLinearizable() {
        new ModelCheckingOptions()
                .iterations(Integer.getInteger("weir.lincheck.iterations", 8))
                .invocationsPerIteration(500)
                .threads(2)
                .actorsPerThread(3)
                .actorsBefore(1)
                .actorsAfter(1)
                .checkObstructionFreedom(true)
                .sequentialSpecification(Model.class)
                .check(RetryBudgetLincheckTest.class);
    }

    /** Halves of tokens. */
    public static class Model {
        private int deposits;
        private boolean minimum = true;

        public Model() {}

        public void call() {
            deposits++;
        }

        public boolean retry() {
            if (deposits >= 2) {
                deposits -= 2;
                return true;
            }
            boolean had = minimum;
            minimum = false;
            return had;
        }

        public boolean retryLater() {
            return retry();
        }
    }
}
