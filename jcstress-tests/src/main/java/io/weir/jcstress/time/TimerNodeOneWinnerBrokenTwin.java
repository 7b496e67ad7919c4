package io.weir.jcstress.time;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** {@link TimerNodeOneWinner} with a look and a write where the compare-and-set is. */
@JCStressTest
@Outcome(id = "1, 0, 1", expect = Expect.ACCEPTABLE, desc = "It fired.")
@Outcome(id = "0, 1, 0", expect = Expect.ACCEPTABLE, desc = "It was cancelled.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both or none, or the task ran for a loser.")
@State
public class TimerNodeOneWinnerBrokenTwin {
    private volatile int state;
    private int runs;

    private boolean end(int how) {
        if (state != 0) {
            return false;
        }
        for (int i = 0; i < 1_000 && state == 0; i++) {
            Thread.onSpinWait(); // as if stopped here, so that few samples are enough
        }
        state = how;
        return true;
    }

    @Actor
    public void fire(III_Result r) {
        if (end(1)) {
            runs++;
            r.r1 = 1;
        }
    }

    @Actor
    public void cancel(III_Result r) {
        r.r2 = end(2) ? 1 : 0;
    }

    @Arbiter
    public void look(III_Result r) {
        r.r3 = runs;
    }
}
