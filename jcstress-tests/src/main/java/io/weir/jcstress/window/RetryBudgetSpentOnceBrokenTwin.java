package io.weir.jcstress.window;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** {@link RetryBudgetSpentOnce} with a look and a write where the compare-and-set is. */
@JCStressTest
@Outcome(
        id = {"1, 0", "0, 1"},
        expect = ACCEPTABLE,
        desc = "One has it.")
@Outcome(expect = FORBIDDEN, desc = "Both or none.")
@State
public class RetryBudgetSpentOnceBrokenTwin {
    private volatile int balance = 2;

    private boolean withdraw() {
        int seen = balance;
        if (seen < 2) {
            return false;
        }
        balance = seen - 2;
        return true;
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
