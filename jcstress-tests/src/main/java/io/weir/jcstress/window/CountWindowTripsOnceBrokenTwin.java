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

/** {@link CountWindowTripsOnce} with a verdict that is kept beside the sums. */
@JCStressTest
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Open, by one transition.")
@Outcome(expect = FORBIDDEN, desc = "It did not trip, or it opened twice.")
@State
public class CountWindowTripsOnceBrokenTwin {
    private final AtomicInteger total = new AtomicInteger(1);
    private final AtomicInteger transitions = new AtomicInteger();
    private volatile boolean open;

    private void record() {
        if (!open && total.incrementAndGet() >= 2) {
            open = true;
            transitions.incrementAndGet();
        }
    }

    @Actor
    public void one() {
        record();
    }

    @Actor
    public void other() {
        record();
    }

    @Arbiter
    public void after(II_Result r) {
        r.r1 = open ? 1 : 0;
        r.r2 = transitions.get();
    }
}
