package io.weir.jcstress.window;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.weir.engine.breaker.DetectorConfig;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** V1, V2, V3: two threads record while the slice ends; a slice later, both outcomes and the one before them count. Its twin: {@link TimeWindowRotationBrokenTwin}. */
@JCStressTest
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Open, by one transition.")
@Outcome(expect = FORBIDDEN, desc = "A slice or an outcome was lost.")
@State
public class TimeWindowRotation {
    private final Windows window = new Windows(DetectorConfig.timeWindow(10 * Windows.SLICE, 0.5, 4));

    public TimeWindowRotation() {
        window.succeed();
    }

    @Actor
    public void one() {
        window.fail();
    }

    @Actor
    public void other() {
        window.nextSlice();
        window.fail();
    }

    @Arbiter
    public void after(II_Result r) {
        window.nextSlice();
        window.succeed(); // two of four
        r.r1 = window.isOpen();
        r.r2 = window.transitions();
    }
}
