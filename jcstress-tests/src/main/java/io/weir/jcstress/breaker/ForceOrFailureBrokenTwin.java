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
 * {@link ForceOrFailure} with a state that is looked at, and then set.
 */
@JCStressTest
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Forced open; the failure was late.")
@Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "The failure opened it, then it was forced open.")
@Outcome(expect = FORBIDDEN, desc = "The failure undid what was done by hand, or a transition was lost.")
@State
public class ForceOrFailureBrokenTwin {
    private static final int CLOSED = 0;
    private static final int OPEN = 1;
    private static final int FORCED_OPEN = 2;
    private final AtomicInteger transitions = new AtomicInteger();
    private volatile int state = CLOSED;

    @Actor
    public void fails() {
        if (state == CLOSED) {
            state = OPEN;
            transitions.incrementAndGet();
        }
    }

    @Actor
    public void forces() {
        state = FORCED_OPEN;
        transitions.incrementAndGet();
    }

    @Arbiter
    public void after(II_Result r) {
        r.r1 = state == FORCED_OPEN ? 1 : 0;
        r.r2 = transitions.get();
    }
}
