package io.weir.jcstress.permit;

import io.weir.engine.permit.Permits;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZI_Result;

/** P2 of {@link Permits}: a release that races with another caller's acquire loses no permit, and makes none. */
@JCStressTest
@Outcome(id = "true, 1", expect = Expect.ACCEPTABLE, desc = "Released, then taken.")
@Outcome(id = "false, 0", expect = Expect.ACCEPTABLE, desc = "Refused, then released.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A permit was lost or made.")
@State
public class ReleaseVersusAcquire {
    private final Permits permits = new Permits(() -> 0, new NoTimer(), 1, 0);

    public ReleaseVersusAcquire() {
        permits.tryAcquire();
    }

    @Actor
    public void release() {
        permits.release();
    }

    @Actor
    public void acquire(ZI_Result r) {
        r.r1 = permits.tryAcquire();
    }

    @Arbiter
    public void look(ZI_Result r) {
        r.r2 = permits.inUse();
    }
}
