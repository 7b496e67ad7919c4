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

/** W4: the next outcome trips it, and of two threads with outcomes enough to trip it again one opens the breaker. Its twin: {@link CountWindowTripsOnceBrokenTwin}. */
@JCStressTest
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Open, by one transition.")
@Outcome(expect = FORBIDDEN, desc = "It did not trip, or it opened twice.")
@State
public class CountWindowTripsOnce {
    private final Windows window = new Windows(DetectorConfig.countWindow(4, 0.5, 2));

    public CountWindowTripsOnce() {
        window.fail();
    }

    @Actor
    public void one() {
        window.succeed();
        window.succeed();
        window.fail();
    }

    @Actor
    public void other() {
        window.fail();
        window.succeed();
    }

    @Arbiter
    public void after(II_Result r) {
        r.r1 = window.isOpen();
        r.r2 = window.transitions();
    }
}
