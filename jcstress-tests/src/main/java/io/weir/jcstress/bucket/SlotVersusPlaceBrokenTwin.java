package io.weir.jcstress.bucket;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** {@link SlotVersusPlace} with a slot that is given back without a word to the next in line. */
@JCStressTest
@Outcome(id = "1, 0, 0, 1", expect = Expect.ACCEPTABLE, desc = "The first bucket's waiter has the slot.")
@Outcome(id = "0, 1, 1, 1", expect = Expect.ACCEPTABLE, desc = "It was cancelled: the other bucket's has it.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The slot is lost, or free while the other bucket's waiter stands in line.")
@State
public class SlotVersusPlaceBrokenTwin {
    private final AtomicInteger inUse = new AtomicInteger(1);
    private final AtomicInteger place = new AtomicInteger(1);
    private final AtomicInteger otherPlace = new AtomicInteger(1);
    private final AtomicInteger waiter = new AtomicInteger(1);
    private int granted;
    private int cancelled;
    private int otherGranted;

    @Actor
    public void release() {
        inUse.decrementAndGet();
        if (place.compareAndSet(1, 0)) {
            inUse.incrementAndGet();
            Scene.pause();
            if (waiter.compareAndSet(1, 0)) {
                granted = 1;
            } else {
                inUse.decrementAndGet(); // it should let the next have it
            }
        } else if (otherPlace.compareAndSet(1, 0)) {
            inUse.incrementAndGet();
            otherGranted = 1;
        }
    }

    @Actor
    public void cancel() {
        if (waiter.compareAndSet(1, 0)) {
            cancelled = 1;
            place.compareAndSet(1, 0);
        }
    }

    @Arbiter
    public void look(IIII_Result r) {
        r.r1 = granted;
        r.r2 = cancelled;
        r.r3 = otherGranted;
        r.r4 = inUse.get();
    }
}
