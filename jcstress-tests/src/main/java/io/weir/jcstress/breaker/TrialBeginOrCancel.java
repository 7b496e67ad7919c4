package io.weir.jcstress.breaker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.weir.engine.breaker.Breaker;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * T6: a trial is cancelled just as it begins: its slot is free afterwards. Its twin: {@link TrialBeginOrCancelBrokenTwin}.
 */
@JCStressTest
@Outcome(
        id = {"0, 1", "1, 1"},
        expect = ACCEPTABLE,
        desc = "It began or not, and its slot is free.")
@Outcome(expect = FORBIDDEN, desc = "The slot is lost until its timeout, which would count as a failure.")
@State
public class TrialBeginOrCancel {
    private final Breaker breaker = new Setup().due();
    private final long trial = breaker.tryAcquire();

    @Actor
    public void begins(II_Result r) {
        r.r1 = breaker.begin(trial) ? 1 : 0;
    }

    @Actor
    public void cancels() {
        breaker.onCancelled(trial);
    }

    @Arbiter
    public void after(II_Result r) {
        r.r2 = breaker.tryAcquire() >= 0 ? 1 : 0;
    }
}
