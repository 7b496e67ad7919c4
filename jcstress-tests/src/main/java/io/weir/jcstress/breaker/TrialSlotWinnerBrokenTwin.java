package io.weir.jcstress.breaker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * {@link TrialSlotWinner} with a state that is checked, and then set.
 */
@JCStressTest
@Outcome(
        id = {"1, 0", "0, 1"},
        expect = ACCEPTABLE,
        desc = "One caller has the trial.")
@Outcome(expect = FORBIDDEN, desc = "Two trials, or none.")
@State
public class TrialSlotWinnerBrokenTwin {
    private volatile boolean open = true;

    private int tryAcquire() {
        if (open) {
            open = false;
            return 1;
        }
        return 0;
    }

    @Actor
    public void one(II_Result r) {
        r.r1 = tryAcquire();
    }

    @Actor
    public void other(II_Result r) {
        r.r2 = tryAcquire();
    }
}
