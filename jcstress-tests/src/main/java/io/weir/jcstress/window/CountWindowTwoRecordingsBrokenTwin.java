package io.weir.jcstress.window;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** {@link CountWindowTwoRecordings} with a slot that is looked up before it is written. */
@JCStressTest
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Open, by one transition.")
@Outcome(expect = FORBIDDEN, desc = "An outcome was lost, or it opened twice.")
@State
public class CountWindowTwoRecordingsBrokenTwin {
    private final AtomicInteger transitions = new AtomicInteger();
    private final int[] ring = new int[3];
    private volatile int cursor;
    private volatile boolean open;

    private void fail() {
        int at = cursor;
        ring[at % 3] = 1;
        cursor = at + 1;
        if (ring[0] + ring[1] + ring[2] >= 2) {
            open = true;
            transitions.compareAndSet(0, 1);
        }
    }

    @Actor
    public void one() {
        fail();
    }

    @Actor
    public void other() {
        fail();
    }

    @Arbiter
    public void after(II_Result r) {
        r.r1 = open ? 1 : 0;
        r.r2 = transitions.get();
    }
}
