package io.weir.jcstress.bucket;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** {@link SlotVersusCancel} with a place whose grant looks for the waiter, and doesn't mind if there is none any more. */
@JCStressTest
@Outcome(id = "1, 0, 1, 0", expect = Expect.ACCEPTABLE, desc = "Granted, with the slot.")
@Outcome(id = "0, 1, 0, 0", expect = Expect.ACCEPTABLE, desc = "Cancelled, and the slot is free.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A slot is lost, or somebody waits beside a free one.")
@State
public class SlotVersusCancelBrokenTwin {
    private final AtomicInteger inUse = new AtomicInteger(1);
    private final AtomicInteger place = new AtomicInteger(1);
    private final AtomicInteger waiter = new AtomicInteger(1);
    private int granted;
    private int cancelled;

    @Actor
    public void release() {
        inUse.decrementAndGet();
        if (place.compareAndSet(1, 0)) {
            inUse.incrementAndGet();
            Scene.pause();
            if (waiter.compareAndSet(1, 0)) {
                granted = 1;
            } // else: the slot is nobody's
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
        r.r3 = inUse.get();
        r.r4 = place.get();
    }
}
