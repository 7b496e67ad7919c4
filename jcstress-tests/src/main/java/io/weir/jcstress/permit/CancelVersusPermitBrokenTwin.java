package io.weir.jcstress.permit;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZII_Result;

/** {@link CancelVersusPermit} with a grant that takes no notice of a waiter that has gone meanwhile. */
@JCStressTest
@Outcome(id = "true, 0, 0", expect = Expect.ACCEPTABLE, desc = "Cancelled: told nothing, and the permit is free.")
@Outcome(id = "false, 1, 1", expect = Expect.ACCEPTABLE, desc = "Granted, and the permit in use.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both or neither, or a permit leaked.")
@State
public class CancelVersusPermitBrokenTwin {
    private static final int WAITING = 0;
    private static final int CANCELLED = 1;
    private static final int GRANTED = 2;

    private final AtomicInteger waiter = new AtomicInteger(WAITING);
    private final AtomicInteger inUse = new AtomicInteger(1);
    private volatile int granted;

    @Actor
    public void release() {
        inUse.decrementAndGet();
        if (waiter.get() == WAITING) {
            inUse.incrementAndGet();
            Stopped.forAMoment();
            if (waiter.compareAndSet(WAITING, GRANTED)) {
                granted = 1;
            } // else: the permit stays taken, for nobody
        }
    }

    @Actor
    public void cancel(ZII_Result r) {
        r.r1 = waiter.compareAndSet(WAITING, CANCELLED);
    }

    @Arbiter
    public void look(ZII_Result r) {
        r.r2 = granted;
        r.r3 = inUse.get();
    }
}
