package io.weir.jcstress.permit;

import io.weir.engine.permit.Permits;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/** P1 of {@link Permits}: of two callers who race for the last permit, one gets it. */
@JCStressTest
@Outcome(id = "true, false, 1", expect = Expect.ACCEPTABLE, desc = "The first had it.")
@Outcome(id = "false, true, 1", expect = Expect.ACCEPTABLE, desc = "The second had it.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both, or neither, or miscounted.")
@State
public class LastPermit {
    private final Permits permits = new Permits(() -> 0, new NoTimer(), 1, 0);

    @Actor
    public void one(ZZI_Result r) {
        r.r1 = permits.tryAcquire();
    }

    @Actor
    public void other(ZZI_Result r) {
        r.r2 = permits.tryAcquire();
    }

    @Arbiter
    public void look(ZZI_Result r) {
        r.r3 = permits.inUse();
    }
}
