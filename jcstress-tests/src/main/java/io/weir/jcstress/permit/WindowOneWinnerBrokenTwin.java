package io.weir.jcstress.permit;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** {@link WindowOneWinner} with a look and a write where the compare-and-set of the due time is, and a plain look at the samples. */
@JCStressTest
@Outcome(id = "1, 0, 2", expect = Expect.ACCEPTABLE, desc = "The first closed it.")
@Outcome(id = "0, 1, 2", expect = Expect.ACCEPTABLE, desc = "The second closed it.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both closed it, or neither, or its samples were counted twice or lost.")
@State
public class WindowOneWinnerBrokenTwin {
    private volatile boolean closing;
    private volatile int samples = 2;
    private int first;
    private int second;

    private int close() {
        if (closing) {
            return 0;
        }
        Stopped.forAMoment();
        closing = true;
        int taken = samples;
        Stopped.forAMoment();
        samples = 0;
        return taken;
    }

    @Actor
    public void one(III_Result r) {
        first = close();
        r.r1 = first > 0 ? 1 : 0;
    }

    @Actor
    public void other(III_Result r) {
        second = close();
        r.r2 = second > 0 ? 1 : 0;
    }

    @Arbiter
    public void look(III_Result r) {
        r.r3 = first + second;
    }
}
