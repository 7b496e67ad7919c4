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

/** {@link TimeWindowTripsOnce} that judges what it saw before it counted. */
@JCStressTest
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Open, by one transition.")
@Outcome(expect = FORBIDDEN, desc = "A failure was lost, both missed the other's, or it opened twice.")
@State
public class TimeWindowTripsOnceBrokenTwin {
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger transitions = new AtomicInteger();
    private volatile boolean open;

    private void fail() {
        int others = failures.get();
        failures.incrementAndGet();
        if (others + 1 >= 2) {
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
