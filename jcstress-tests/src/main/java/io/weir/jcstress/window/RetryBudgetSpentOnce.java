package io.weir.jcstress.window;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.weir.engine.permit.RetryBudget;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** R1: of two retries that want the last token one gets it. Its twin: {@link RetryBudgetSpentOnceBrokenTwin}. */
@JCStressTest
@Outcome(
        id = {"1, 0", "0, 1"},
        expect = ACCEPTABLE,
        desc = "One has it.")
@Outcome(expect = FORBIDDEN, desc = "Both or none.")
@State
public class RetryBudgetSpentOnce {
    private final RetryBudget budget = new RetryBudget(0.5, 0, RetryBudget.MIN_TTL_NANOS, 0);

    public RetryBudgetSpentOnce() {
        budget.deposit(0);
        budget.deposit(0);
    }

    private boolean withdraw() {
        return budget.tryWithdraw(1);
    }

    @Actor
    public void one(II_Result r) {
        r.r1 = withdraw() ? 1 : 0;
    }

    @Actor
    public void other(II_Result r) {
        r.r2 = withdraw() ? 1 : 0;
    }
}
