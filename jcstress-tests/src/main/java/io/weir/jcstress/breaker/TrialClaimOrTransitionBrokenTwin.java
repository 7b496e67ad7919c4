package io.weir.jcstress.breaker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicBoolean;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * {@link TrialClaimOrTransition} with a claim that doesn't look again whether the breaker is still HALF_OPEN.
 */
@JCStressTest
@Outcome(id = "0", expect = ACCEPTABLE, desc = "Refused: first there was no slot, then it was open.")
@Outcome(expect = FORBIDDEN, desc = "Admitted into the past.")
@State
public class TrialClaimOrTransitionBrokenTwin {
    private final AtomicBoolean slot = new AtomicBoolean(true);
    private volatile boolean halfOpen = true;

    @Actor
    public void calls(I_Result r) {
        r.r1 = halfOpen && slot.compareAndSet(false, true) ? 1 : 0;
    }

    @Actor
    public void reports() {
        halfOpen = false;
        slot.set(false);
    }
}
