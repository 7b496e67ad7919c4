package io.weir.jcstress.permit;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZI_Result;

/** {@link ReleaseVersusAcquire} with a limit of 2, of which 1 is in use, and plain writes of what was read. */
@JCStressTest
@Outcome(id = "true, 1", expect = Expect.ACCEPTABLE, desc = "One released, one taken, in either order.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A permit was lost or made.")
@State
public class ReleaseVersusAcquireBrokenTwin {
    private volatile int inUse = 1;

    @Actor
    public void release() {
        int seen = inUse;
        Stopped.forAMoment();
        inUse = seen - 1;
    }

    @Actor
    public void acquire(ZI_Result r) {
        int seen = inUse;
        if (seen < 2) {
            Stopped.forAMoment();
            inUse = seen + 1;
            r.r1 = true;
        }
    }

    @Arbiter
    public void look(ZI_Result r) {
        r.r2 = inUse;
    }
}
