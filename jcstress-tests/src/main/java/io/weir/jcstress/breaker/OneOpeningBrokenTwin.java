package io.weir.jcstress.breaker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * {@link OneOpening} with a count that is exact, and a state that is looked at before it is set.
 */
@JCStressTest
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Open, by one transition.")
@Outcome(expect = FORBIDDEN, desc = "A failure was lost, or it opened twice.")
@State
public class OneOpeningBrokenTwin {
    private final AtomicInteger failures = new AtomicInteger(1);
    private final AtomicInteger transitions = new AtomicInteger();
    private volatile boolean open;

    private void onFailure() {
        if (failures.incrementAndGet() >= 2 && !open) {
            open = true;
            transitions.incrementAndGet();
        }
    }

    @Actor
    public void one() {
        onFailure();
    }

    @Actor
    public void other() {
        onFailure();
    }

    @Arbiter
    public void after(II_Result r) {
        r.r1 = open ? 1 : 0;
        r.r2 = transitions.get();
    }
}
