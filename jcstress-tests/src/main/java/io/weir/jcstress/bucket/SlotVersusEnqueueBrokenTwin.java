package io.weir.jcstress.bucket;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** {@link SlotVersusEnqueue} with a drain that looks for a slot, leaves its place, and doesn't look again. */
@JCStressTest
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "Granted, with the slot.")
@Outcome(expect = Expect.FORBIDDEN, desc = "It waits beside a free slot, or was granted twice.")
@State
public class SlotVersusEnqueueBrokenTwin {
    private final AtomicInteger inUse = new AtomicInteger(1);
    private final AtomicInteger place = new AtomicInteger();
    private final AtomicInteger granted = new AtomicInteger();

    @Actor
    public void release() {
        inUse.decrementAndGet();
        if (place.compareAndSet(1, 0)) {
            inUse.incrementAndGet();
            granted.incrementAndGet();
        }
    }

    @Actor
    public void enqueue() {
        if (inUse.compareAndSet(0, 1)) {
            granted.incrementAndGet();
        } else {
            Scene.pause();
            place.set(1);
        }
    }

    @Arbiter
    public void look(III_Result r) {
        r.r1 = granted.get();
        r.r2 = inUse.get();
        r.r3 = place.get();
    }
}
