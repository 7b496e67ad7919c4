package io.weir.jcstress.permit;

import io.weir.engine.permit.Permits;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZII_Result;

/** P2 of {@link Permits}: a waiter is either cancelled or granted, and a permit taken for one that was gone is free again. */
@JCStressTest
@Outcome(id = "true, 0, 0", expect = Expect.ACCEPTABLE, desc = "Cancelled: told nothing, and the permit is free.")
@Outcome(id = "false, 1, 1", expect = Expect.ACCEPTABLE, desc = "Granted, and the permit in use.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both or neither, or a permit leaked.")
@State
public class CancelVersusPermit {
    private final Permits permits = new Permits(() -> 0, new NoTimer(), 1, 1);
    private final Told waiter = new Told();

    public CancelVersusPermit() {
        permits.tryAcquire();
        permits.acquire(waiter, Long.MAX_VALUE);
    }

    @Actor
    public void release() {
        permits.release();
    }

    @Actor
    public void cancel(ZII_Result r) {
        r.r1 = permits.cancel(waiter);
    }

    @Arbiter
    public void look(ZII_Result r) {
        r.r2 = waiter.granted();
        r.r3 = permits.inUse();
    }
}
