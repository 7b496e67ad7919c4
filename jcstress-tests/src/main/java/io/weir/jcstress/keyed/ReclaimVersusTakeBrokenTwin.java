package io.weir.jcstress.keyed;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** {@link ReclaimVersusTake} with one word for "full", whoever the slot belongs to. */
@JCStressTest
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "Each has had its own.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Too much, or too little.")
@State
public class ReclaimVersusTakeBrokenTwin {
    private final AtomicInteger level = new AtomicInteger(10);
    private volatile int owner = 3;

    @Actor
    public void owner(III_Result r) {
        if (owner == 3 && level.get() == 10) {
            stop();
            r.r1 = level.compareAndSet(10, 0) ? 1 : 0;
        } else {
            r.r1 = 1; // from a slot of its own
        }
    }

    @Actor
    public void stranger(III_Result r) {
        if (level.get() == 10) {
            owner = 5;
            r.r2 = level.compareAndSet(10, 0) ? 1 : 0;
        } else {
            r.r2 = 1; // from another slot
        }
    }

    @Arbiter
    public void rest(III_Result r) {
        r.r3 = 0;
    }

    private static void stop() {
        for (int i = 0; i < 1_000; i++) {
            Thread.onSpinWait(); // as if stopped here, so that few samples are enough
        }
    }
}
