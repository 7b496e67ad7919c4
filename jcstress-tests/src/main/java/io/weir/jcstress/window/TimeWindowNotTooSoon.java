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

/** V6: no judgement finds a failure without the call that it is of. Its twin: {@link TimeWindowNotTooSoonBrokenTwin}. */
@JCStressTest
@Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "One of three, then two of four: it stays closed.")
@Outcome(expect = FORBIDDEN, desc = "It found two of three.")
@State
public class TimeWindowNotTooSoon {
    private final Windows window = new Windows(DetectorConfig.timeWindow(10 * Windows.SLICE, 0.6, 3));

    public TimeWindowNotTooSoon() {
        window.succeed();
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
