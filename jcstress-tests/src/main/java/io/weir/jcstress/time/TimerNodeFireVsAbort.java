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
 * I1 of {@link TimerNode}: of a firing and a close that race, one tells the task. Its twin is {@link
 * TimerNodeOneWinnerBrokenTwin}.
 */
@JCStressTest
@Outcome(id = "1, 0, 1", expect = Expect.ACCEPTABLE, desc = "It fired.")
@Outcome(id = "0, 1, 10", expect = Expect.ACCEPTABLE, desc = "It was aborted.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The task was told twice, or not at all.")
@State
public class TimerNodeFireVsAbort implements TimerTask {
    private final TimerNode node = new TimerNode(this, 0);
    private int told;

    @Override
    public void onTimer(TimerNode fired) {
        told++;
    }

    @Override
    public void onTimerClosed(TimerNode aborted) {
        told += 10;
    }

    @Actor
    public void fire(III_Result r) {
        r.r1 = node.tryFire() ? 1 : 0;
    }

    @Actor
    public void abort(III_Result r) {
        r.r2 = node.tryAbort() ? 1 : 0;
    }

    @Arbiter
    public void look(III_Result r) {
        r.r3 = told;
    }
}
