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

/** {@link RetireVersusTake} with an object whose level is read before it is frozen. */
@JCStressTest
@Outcome(
        id = {"1, 0, 0", "0, 1, 0"},
        expect = Expect.ACCEPTABLE,
        desc = "One took six.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Too much, or too little.")
@State
public class RetireVersusTakeBrokenTwin {
    private final AtomicInteger object = new AtomicInteger(9);
    private volatile @Nullable AtomicInteger slot;

    @Actor
    public void taker(III_Result r) {
        AtomicInteger mine = slot;
        r.r1 = take(mine == null ? object : mine, 6);
    }

    @Actor
    public void retirer(III_Result r) {
        AtomicInteger mine = new AtomicInteger(object.get());
        stop();
        slot = mine; // which ends the object
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
