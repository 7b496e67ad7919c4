package io.weir.jcstress.breaker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.weir.engine.breaker.Breaker;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * B4: of two callers that find the open time over, one is the trial. Its twin: {@link TrialSlotWinnerBrokenTwin}.
 */
@JCStressTest
@Outcome(
        id = {"1, 0", "0, 1"},
        expect = ACCEPTABLE,
        desc = "One caller has the trial.")
@Outcome(expect = FORBIDDEN, desc = "Two trials, or none.")
@State
public class TrialSlotWinner {
    private final Breaker breaker = new Setup().due();

    @Actor
    public void one(II_Result r) {
        r.r1 = breaker.tryAcquire() >= 0 ? 1 : 0;
    }

    @Actor
    public void other(II_Result r) {
        r.r2 = breaker.tryAcquire() >= 0 ? 1 : 0;
    }
}
