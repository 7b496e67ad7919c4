package io.weir.jcstress.keyed;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** {@link InsertVersusInsert} without the look at the other slots between publishing and confirming. */
@JCStressTest
@Outcome(
        id = {"1, 0, 0", "0, 1, 0"},
        expect = Expect.ACCEPTABLE,
        desc = "One took six.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Too much, or too little.")
@State
public class InsertVersusInsertBrokenTwin {
    private final AtomicInteger[] slots = {new AtomicInteger(), new AtomicInteger()}; // tokens left, + 1; 0 is free
    private final AtomicInteger claimed = new AtomicInteger();

    private int insertAndTake() {
        for (AtomicInteger slot : slots) {
            if (slot.get() > 0) {
                return take(slot, 7);
            }
        }
        AtomicInteger slot = slots[claimed.getAndIncrement()];
        stop();
        slot.set(11);
        return take(slot, 7);
    }

    @Actor
    public void one(III_Result r) {
        r.r1 = insertAndTake();
    }

    @Actor
    public void other(III_Result r) {
        r.r2 = insertAndTake();
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

    private static int take(AtomicInteger level, int tokens) {
        int seen = level.get();
        while (seen >= tokens) {
            if (level.compareAndSet(seen, seen - tokens)) {
                return 1;
            }
            seen = level.get();
        }
        return 0;
    }
}
