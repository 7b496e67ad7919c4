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

/** V4, V5: two failures that reach the rate together open it, once. Its twin: {@link TimeWindowTripsOnceBrokenTwin}. */
@JCStressTest
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Open, by one transition.")
@Outcome(expect = FORBIDDEN, desc = "A failure was lost, both missed the other's, or it opened twice.")
@State
public class TimeWindowTripsOnce {
    private final Windows window = new Windows(DetectorConfig.timeWindow(10 * Windows.SLICE, 0.6, 3));

    public TimeWindowTripsOnce() {
        window.succeed();
    }

    @Actor
    public void one() {
        window.fail();
    }

    @Actor
    public void other() {
        window.fail();
    }

    @Arbiter
    public void after(II_Result r) {
        r.r1 = window.isOpen();
        r.r2 = window.transitions();
    }
}
