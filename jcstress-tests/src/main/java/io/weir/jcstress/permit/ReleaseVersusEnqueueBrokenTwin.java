package io.weir.jcstress.permit;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** {@link ReleaseVersusEnqueue} with a release that looks at the line first and changes the word then. */
@JCStressTest
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "Granted, at once or in line.")
@Outcome(expect = Expect.FORBIDDEN, desc = "It waits while a permit is free, or was granted twice.")
@State
public class ReleaseVersusEnqueueBrokenTwin {
    private final AtomicInteger inUse = new AtomicInteger(1);
    private final AtomicInteger limit = new AtomicInteger(1);
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger granted = new AtomicInteger();

    private void drain() {
        while (inUse.get() < limit.get() && waiting.compareAndSet(1, 0)) {
            inUse.incrementAndGet();
            granted.incrementAndGet();
        }
    }

    @Actor
    public void release() {
        boolean occupied = waiting.get() > 0;
        Stopped.forAMoment();
        inUse.decrementAndGet();
        if (occupied) {
            drain();
        }
    }

    @Actor
    public void enqueue() {
        waiting.set(1);
        drain();
    }

    @Arbiter
    public void look(III_Result r) {
        r.r1 = granted.get();
        r.r2 = inUse.get();
        r.r3 = waiting.get();
    }
}
