package io.weir.jcstress.permit;

import io.weir.engine.permit.LatencyWindow;
import io.weir.engine.permit.LimitWindow;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** W1 of {@link LatencyWindow}: of two threads that find a window due, one closes it and gets all of its samples. */
@JCStressTest
@Outcome(id = "1, 0, 2", expect = Expect.ACCEPTABLE, desc = "The first closed it.")
@Outcome(id = "0, 1, 2", expect = Expect.ACCEPTABLE, desc = "The second closed it.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both closed it, or neither, or its samples were counted twice or lost.")
@State
public class WindowOneWinner {
    private final LatencyWindow window = new LatencyWindow(2, 1, 0);
    private int first;
    private int second;

    public WindowOneWinner() {
        window.success(256, 1);
        window.success(256, 1);
    }

    private int close() {
        LimitWindow closed = window.closeIfDue(1_000);
        return closed == null ? 0 : closed.samples();
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
