package io.weir.jcstress.window;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** {@link TimeWindowRotation} with a counter that is carried over and reset in place when the slice ends. */
@JCStressTest
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Open, by one transition.")
@Outcome(expect = FORBIDDEN, desc = "A slice or an outcome was lost.")
@State
public class TimeWindowRotationBrokenTwin {
    private volatile int slice;
    private volatile int older = 1;
    private volatile int counted;

    @SuppressWarnings("NonAtomicVolatileUpdate") // that is what is broken
    private void record(int now) {
        if (now != slice) {
            older += counted;
            counted = 0;
            slice = now;
        }
        counted++;
    }

    @Actor
    public void one() {
        record(0);
    }

    @Actor
    public void other() {
        record(1);
    }

    @Arbiter
    public void after(II_Result r) {
        record(2);
        r.r1 = older + counted >= 4 ? 1 : 0;
        r.r2 = r.r1;
    }
}
