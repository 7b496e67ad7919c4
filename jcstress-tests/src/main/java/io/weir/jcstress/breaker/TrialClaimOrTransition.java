package io.weir.jcstress.breaker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.weir.engine.breaker.Breaker;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * B4: a slot that a late report frees after the breaker has re-opened admits nobody. Its twin: {@link TrialClaimOrTransitionBrokenTwin}.
 */
@JCStressTest
@Outcome(id = "0", expect = ACCEPTABLE, desc = "Refused: first there was no slot, then it was open.")
@Outcome(expect = FORBIDDEN, desc = "Admitted into the past.")
@State
public class TrialClaimOrTransition {
    private final Breaker breaker = new Setup().dueWithTwoSlots();
    private final long failing = Setup.begun(breaker);
    private final long idle = breaker.tryAcquire();

    @Actor
    public void calls(I_Result r) {
        r.r1 = breaker.tryAcquire() >= 0 ? 1 : 0;
    }

    @Actor
    public void reports() {
        breaker.onFailure(failing, -1);
        breaker.release(idle);
    }
}
