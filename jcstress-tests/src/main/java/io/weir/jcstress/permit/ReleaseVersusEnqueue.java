package io.weir.jcstress.permit;

import io.weir.engine.permit.Permits;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** P3 of {@link Permits}: a caller who goes to stand in line while the last permit comes back gets it. */
@JCStressTest
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "Granted, at once or in line.")
@Outcome(expect = Expect.FORBIDDEN, desc = "It waits while a permit is free, or was granted twice.")
@State
public class ReleaseVersusEnqueue {
    private final Permits permits = new Permits(() -> 0, new NoTimer(), 1, 1);
    private final Told waiter = new Told();
    private int atOnce;

    public ReleaseVersusEnqueue() {
        permits.tryAcquire();
    }

    @Actor
    public void release() {
        permits.release();
    }

    @Actor
    public void enqueue() {
        if (permits.acquire(waiter, Long.MAX_VALUE) == 0) {
            atOnce = 1;
        }
    }

    @Arbiter
    public void look(III_Result r) {
        r.r1 = atOnce + waiter.granted();
        r.r2 = permits.inUse();
        r.r3 = permits.waiters();
    }
}
