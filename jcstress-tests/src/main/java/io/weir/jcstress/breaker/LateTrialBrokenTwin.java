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
 * {@link LateTrial} with successes that are counted in the breaker if it is HALF_OPEN when asked, and begin anew with each HALF_OPEN.
 */
@JCStressTest
@Outcome(id = "1, 4, 1", expect = ACCEPTABLE, desc = "HALF_OPEN, with one trial and one slot free.")
@Outcome(expect = FORBIDDEN, desc = "The late success closed it, or freed or took a slot.")
@State
public class LateTrialBrokenTwin {
    private static final int CLOSED = 0;
    private static final int OPEN = 1;
    private static final int HALF_OPEN = 2;
    private final AtomicInteger transitions = new AtomicInteger(3);
    private final AtomicInteger successes = new AtomicInteger();
    private volatile int state = OPEN;

    @Actor
    public void reports() {
        if (state == HALF_OPEN && successes.incrementAndGet() >= 1) {
            state = CLOSED;
            transitions.incrementAndGet();
        }
    }

    @Actor
    public void calls(III_Result r) {
        successes.set(0);
        state = HALF_OPEN;
        transitions.incrementAndGet();
        r.r1 = 1;
    }

    @Arbiter
    public void after(III_Result r) {
        r.r2 = transitions.get();
        r.r3 = state == HALF_OPEN ? 1 : 2;
    }
}
