package io.weir.jcstress.breaker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.weir.engine.breaker.Breaker;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * B1, D2: two failures that reach the threshold together make one transition. Its twin: {@link OneOpeningBrokenTwin}.
 */
@JCStressTest
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Open, by one transition.")
@Outcome(expect = FORBIDDEN, desc = "A failure was lost, or it opened twice.")
@State
public class OneOpening {
    private final Breaker breaker = new Setup().closed();
    private final long permit = breaker.tryAcquire();

    @Actor
    public void one() {
        breaker.onFailure(permit, -1);
    }

    @Actor
    public void other() {
        breaker.onFailure(permit, -1);
    }

    @Arbiter
    public void after(II_Result r) {
        r.r1 = Setup.isOpen(breaker);
        r.r2 = Setup.transitions(breaker);
    }
}
