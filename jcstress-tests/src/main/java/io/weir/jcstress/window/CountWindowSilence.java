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

/** W3: a success keeps silent only while the window is full of successes. Its twin: {@link CountWindowSilenceBrokenTwin}. */
@JCStressTest
@Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The success came after the failure, which it pushed out.")
@Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "They were at the same time: the success after it.")
@Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "They were at the same time: the success before it.")
@Outcome(expect = FORBIDDEN, desc = "The success knew of the failure, and wrote nothing.")
@State
public class CountWindowSilence {
    private final Windows window = new Windows(DetectorConfig.countWindow(2, 1.0, 2));
    private volatile boolean failed;

    public CountWindowSilence() {
        window.succeed();
        window.succeed();
    }

    @Actor
    public void one() {
        window.fail();
        failed = true;
    }

    @Actor
    public void other(II_Result r) {
        r.r1 = failed ? 1 : 0;
        window.succeed();
    }

    @Arbiter
    public void after(II_Result r) {
        window.fail(); // two of two, if the success was before the first one
        r.r2 = window.isOpen();
    }
}
