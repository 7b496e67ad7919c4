package io.weir.jcstress.breaker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.weir.engine.breaker.Breaker;
import io.weir.engine.breaker.BreakerState;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * B1: a transition by hand and one by a failure: both or one happen, and the one by hand stays. Its twin: {@link ForceOrFailureBrokenTwin}.
 */
@JCStressTest
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Forced open; the failure was late.")
@Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "The failure opened it, then it was forced open.")
@Outcome(expect = FORBIDDEN, desc = "The failure undid what was done by hand, or a transition was lost.")
@State
public class ForceOrFailure {
    private final Breaker breaker = new Setup().closed();
    private final long permit = breaker.tryAcquire();

    public ForceOrFailure() {
        breaker.onFailure(permit, -1);
    }

    @Actor
    public void fails() {
        breaker.onFailure(permit, -1);
    }

    @Actor
    public void forces() {
        breaker.forceOpen();
    }

    @Arbiter
    public void after(II_Result r) {
        r.r1 = breaker.state() == BreakerState.FORCED_OPEN ? 1 : 0;
        r.r2 = Setup.transitions(breaker);
    }
}
