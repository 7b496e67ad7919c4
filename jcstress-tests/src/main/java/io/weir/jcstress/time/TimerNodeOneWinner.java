package io.weir.jcstress.time;

import io.weir.engine.time.TimerNode;
import io.weir.engine.time.TimerTask;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * I1 and I2 of {@link TimerNode}: of a cancel and a firing that race, one wins, and the task runs only if it is the
 * firing.
 */
@JCStressTest
@Outcome(id = "1, 0, 1", expect = Expect.ACCEPTABLE, desc = "It fired.")
@Outcome(id = "0, 1, 0", expect = Expect.ACCEPTABLE, desc = "It was cancelled.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both or none, or the task ran for a loser.")
@State
public class TimerNodeOneWinner implements TimerTask {
    private final TimerNode node = new TimerNode(this, 0);
    private int runs;

    @Override
    public void onTimer(TimerNode fired) {
        runs++;
    }

    @Override
    public void onTimerClosed(TimerNode aborted) {
        runs += 10;
    }

    @Actor
    public void fire(III_Result r) {
        r.r1 = node.tryFire() ? 1 : 0;
    }

    @Actor
    public void cancel(III_Result r) {
        r.r2 = node.tryCancel() ? 1 : 0;
    }

    @Arbiter
    public void look(III_Result r) {
        r.r3 = runs;
    }
}
