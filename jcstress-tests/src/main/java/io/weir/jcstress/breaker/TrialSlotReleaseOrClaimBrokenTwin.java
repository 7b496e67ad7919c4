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
 * {@link TrialSlotReleaseOrClaim} with a count of trials in flight, which knows nobody.
 */
@JCStressTest
@Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The slot went to the next caller, and to nobody else.")
@Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "It was still held, and is free afterwards.")
@Outcome(expect = FORBIDDEN, desc = "Two trials in one slot, or a slot that is lost.")
@State
public class TrialSlotReleaseOrClaimBrokenTwin {
    private final AtomicInteger inFlight = new AtomicInteger(1);

    private int tryAcquire() {
        return inFlight.compareAndSet(0, 1) ? 1 : 0;
    }

    private void release() {
        inFlight.updateAndGet(n -> Math.max(0, n - 1));
    }

    @Actor
    public void gives() {
        release();
        release();
    }

    @Actor
    public void takes(II_Result r) {
        int admitted = tryAcquire();
        r.r1 = admitted + tryAcquire();
    }

    @Arbiter
    public void after(II_Result r) {
        r.r2 = tryAcquire();
    }
}
