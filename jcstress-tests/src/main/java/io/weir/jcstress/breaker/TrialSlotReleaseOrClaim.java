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
 * T1, T2: a slot that is given back, twice, and timed out by the next caller, is claimed once. Its twin: {@link
 * TrialSlotReleaseOrClaimBrokenTwin}.
 */
@JCStressTest
@Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The slot went to the next caller, and to nobody else.")
@Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "It was still held, and is free afterwards.")
@Outcome(expect = FORBIDDEN, desc = "Two trials in one slot, or a slot that is lost.")
@State
public class TrialSlotReleaseOrClaim {
    private final Setup clock = new Setup();
    private final Breaker breaker = clock.due();
    private final long trial = breaker.tryAcquire();

    public TrialSlotReleaseOrClaim() {
        clock.advance(Setup.TRIAL_TIMEOUT); // it has not begun, so whoever comes next frees its slot
    }

    @Actor
    public void gives() {
        breaker.release(trial);
        breaker.release(trial);
    }

    @Actor
    public void takes(II_Result r) {
        int admitted = breaker.tryAcquire() >= 0 ? 1 : 0;
        r.r1 = admitted + (breaker.tryAcquire() >= 0 ? 1 : 0);
    }

    @Arbiter
    public void after(II_Result r) {
        r.r2 = breaker.tryAcquire() >= 0 ? 1 : 0;
    }
}
