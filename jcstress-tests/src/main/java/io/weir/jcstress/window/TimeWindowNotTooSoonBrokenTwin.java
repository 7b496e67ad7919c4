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

/** {@link TimeWindowNotTooSoon} that counts the failure before the call. */
@JCStressTest
@Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "One of three, then two of four: it stays closed.")
@Outcome(expect = FORBIDDEN, desc = "It found two of three.")
@State
public class TimeWindowNotTooSoonBrokenTwin {
    private final AtomicInteger total = new AtomicInteger(2);
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger transitions = new AtomicInteger();
    private volatile boolean open;

    private void fail() {
        failures.incrementAndGet();
        double all = total.incrementAndGet();
        if (all >= 3 && failures.get() / all >= 0.6) {
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
