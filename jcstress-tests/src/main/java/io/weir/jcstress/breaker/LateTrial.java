package io.weir.jcstress.breaker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.weir.engine.breaker.Breaker;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * B2: a success of a HALF_OPEN that is past, while a call begins the next one: it closes nothing, and takes nobody's slot. Its twin: {@link LateTrialBrokenTwin}.
 */
@JCStressTest
@Outcome(id = "1, 4, 1", expect = ACCEPTABLE, desc = "HALF_OPEN, with one trial and one slot free.")
@Outcome(expect = FORBIDDEN, desc = "The late success closed it, or freed or took a slot.")
@State
public class LateTrial {
    private final Setup clock = new Setup();
    private final Breaker breaker = clock.dueWithTwoSlots();
    private final long slow = Setup.begun(breaker);

    public LateTrial() {
        breaker.onFailure(Setup.begun(breaker), -1);
        clock.advance(Setup.RECOVERY);
    }

    @Actor
    public void reports() {
        breaker.onSuccess(slow, -1);
    }

    @Actor
    public void calls(III_Result r) {
        r.r1 = breaker.tryAcquire() >= 0 ? 1 : 0;
    }

    @Arbiter
    public void after(III_Result r) {
        r.r2 = Setup.transitions(breaker);
        r.r3 = (breaker.tryAcquire() >= 0 ? 1 : 0) + (breaker.tryAcquire() >= 0 ? 1 : 0);
    }
}
