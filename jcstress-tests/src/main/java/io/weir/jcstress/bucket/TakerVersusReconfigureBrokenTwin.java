package io.weir.jcstress.bucket;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** {@link TakerVersusReconfigure} with a change that doesn't freeze what it replaces. */
@JCStressTest
@Outcome(id = "1, 3", expect = Expect.ACCEPTABLE, desc = "Taken first.")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Changed first.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The grant was lost, or counted twice.")
@State
public class TakerVersusReconfigureBrokenTwin {

    private final AtomicReference<AtomicLong> cell = new AtomicReference<>(new AtomicLong(10));

    @Actor
    public void take(II_Result r) {
        AtomicLong present = cell.get();
        r.r1 = present.getAndAdd(-4) >= 4 ? 1 : 0;
    }

    @Actor
    public void change() {
        AtomicLong present = cell.get();
        AtomicLong next = new AtomicLong(present.get() / 2);
        Scene.pause();
        cell.set(next);
    }

    @Arbiter
    public void look(II_Result r) {
        r.r2 = (int) cell.get().get();
    }
}
