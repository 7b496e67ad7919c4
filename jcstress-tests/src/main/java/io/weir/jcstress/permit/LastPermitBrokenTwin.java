package io.weir.jcstress.permit;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/** {@link LastPermit} with a look and an increment where the compare-and-set is. */
@JCStressTest
@Outcome(id = "true, false, 1", expect = Expect.ACCEPTABLE, desc = "The first had it.")
@Outcome(id = "false, true, 1", expect = Expect.ACCEPTABLE, desc = "The second had it.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both, or neither, or miscounted.")
@State
public class LastPermitBrokenTwin {
    private final AtomicInteger inUse = new AtomicInteger();

    private boolean tryAcquire() {
        if (inUse.get() >= 1) {
            return false;
        }
        Stopped.forAMoment();
        inUse.incrementAndGet();
        return true;
    }

    @Actor
    public void one(ZZI_Result r) {
        r.r1 = tryAcquire();
    }

    @Actor
    public void other(ZZI_Result r) {
        r.r2 = tryAcquire();
    }

    @Arbiter
    public void look(ZZI_Result r) {
        r.r3 = inUse.get();
    }
}
