package io.weir.jcstress.breaker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * {@link TrialReportOrExpiry} with a slot that is looked at, and then set.
 */
@JCStressTest
@Outcome(id = "0, 3, 0", expect = ACCEPTABLE, desc = "It reported in time and closed the breaker.")
@Outcome(id = "1, 3, 1", expect = ACCEPTABLE, desc = "It expired, and its report was late.")
@Outcome(expect = FORBIDDEN, desc = "Both, or neither.")
@State
public class TrialReportOrExpiryBrokenTwin {
    private final AtomicInteger transitions = new AtomicInteger(2);
    private volatile boolean running = true;
    private volatile int open;
    private volatile int late;

    private boolean end(int to) {
        if (running) {
            running = false;
            open = to;
            transitions.incrementAndGet();
            return true;
        }
        return false;
    }

    @Actor
    public void reports() {
        late = end(0) ? 0 : 1;
    }

    @Actor
    public void judges() {
        end(1);
    }

    @Arbiter
    public void after(III_Result r) {
        r.r1 = open;
        r.r2 = transitions.get();
        r.r3 = late;
    }
}
