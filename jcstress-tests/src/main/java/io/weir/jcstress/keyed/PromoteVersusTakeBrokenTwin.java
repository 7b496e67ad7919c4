package io.weir.jcstress.keyed;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** {@link PromoteVersusTake} with a slot whose level is read, and not stopped, before the object starts with it. */
@JCStressTest
@Outcome(
        id = {"1, 0, 0", "0, 1, 0"},
        expect = Expect.ACCEPTABLE,
        desc = "One took six.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Too much, or too little.")
@State
public class PromoteVersusTakeBrokenTwin {
    private final AtomicInteger slot = new AtomicInteger(9);
    private volatile @Nullable AtomicInteger object;

    @Actor
    public void taker(III_Result r) {
        AtomicInteger mine = object;
        r.r1 = take(mine == null ? slot : mine, 6);
    }

    @Actor
    public void promoter(III_Result r) {
        AtomicInteger mine = new AtomicInteger(slot.get());
        stop();
        object = mine;
        r.r2 = take(mine, 6);
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
