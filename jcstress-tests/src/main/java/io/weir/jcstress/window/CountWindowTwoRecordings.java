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

/** W1, W2: of two failures that are recorded together, both are in the window. Its twin: {@link CountWindowTwoRecordingsBrokenTwin}. */
@JCStressTest
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Open, by one transition.")
@Outcome(expect = FORBIDDEN, desc = "An outcome was lost, or it opened twice.")
@State
public class CountWindowTwoRecordings {
    private final Windows window = new Windows(DetectorConfig.countWindow(3, 0.6, 3));

    public CountWindowTwoRecordings() {
        window.succeed();
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
