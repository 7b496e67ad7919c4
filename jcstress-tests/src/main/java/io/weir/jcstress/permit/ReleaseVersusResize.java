package io.weir.jcstress.permit;

import io.weir.engine.permit.Permits;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZII_Result;

/** P1 and P2 of {@link Permits}: a permit given back while the limit falls is not granted above the new limit, and neither write undoes the other. */
@JCStressTest
@Outcome(id = "true, 2, 1", expect = Expect.ACCEPTABLE, desc = "Released and taken again, then lowered.")
@Outcome(id = "false, 1, 1", expect = Expect.ACCEPTABLE, desc = "Lowered before it could be taken again.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A permit above the limit, one lost, or a resize lost.")
@State
public class ReleaseVersusResize {
    private final Permits permits = new Permits(() -> 0, new NoTimer(), 2, 0);

    public ReleaseVersusResize() {
        permits.tryAcquire();
        permits.tryAcquire();
    }

    @Actor
    public void replace(ZII_Result r) {
        permits.release();
        r.r1 = permits.tryAcquire();
    }

    @Actor
    public void lower() {
        permits.resize(1);
    }

    @Arbiter
    public void look(ZII_Result r) {
        r.r2 = permits.inUse();
        r.r3 = permits.limit();
    }
}
