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

/** {@link OverflowVersusReclaim} with a payer that doesn't look again. */
@JCStressTest
@Outcome(
        id = {"1, 0, 0", "0, 1, 0", "0, 0, 0"},
        expect = Expect.ACCEPTABLE,
        desc = "Not more than the bucket had.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Too much, or too little.")
@State
public class OverflowVersusReclaimBrokenTwin {
    private final AtomicInteger shared = new AtomicInteger(10);
    private volatile @Nullable AtomicInteger own;

    @Actor
    public void payer(III_Result r) {
        AtomicInteger mine = own;
        r.r1 = take(mine == null ? shared : mine, 8);
    }

    @Actor
    public void inserter(III_Result r) {
        AtomicInteger mine = new AtomicInteger(shared.get());
        stop();
        own = mine;
        r.r2 = take(mine, 8);
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
