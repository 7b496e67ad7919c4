package io.weir.jcstress.keyed;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** {@link PromoteVersusPromote} whose loser doesn't take back what it has counted. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "One object, then none.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Counted twice, or not at all.")
@State
public class PromoteVersusPromoteBrokenTwin {
    private final AtomicInteger head = new AtomicInteger();
    private final AtomicInteger size = new AtomicInteger();

    private void findOrAdd() {
        if (head.get() == 0) {
            size.getAndIncrement();
            stop();
            head.compareAndSet(0, 1);
        }
    }

    @Actor
    public void one() {
        findOrAdd();
    }

    @Actor
    public void other() {
        findOrAdd();
    }

    @Arbiter
    public void counts(II_Result r) {
        r.r1 = size.get();
        if (head.compareAndSet(1, 0)) {
            size.getAndDecrement();
        }
        r.r2 = size.get();
    }

    private static void stop() {
        for (int i = 0; i < 1_000; i++) {
            Thread.onSpinWait(); // as if stopped here, so that few samples are enough
        }
    }
}
