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
 * B1, T3: of a success and a failure in HALF_OPEN, one decides. Its twin: {@link TrialVerdictBrokenTwin}.
 */
@JCStressTest
@Outcome(
        id = {"1, 3", "0, 3"},
        expect = ACCEPTABLE,
        desc = "One verdict.")
@Outcome(expect = FORBIDDEN, desc = "Two verdicts, or none.")
@State
public class TrialVerdict {
    private final Breaker breaker = new Setup().dueWithTwoSlots();
    private final long one = Setup.begun(breaker);
    private final long other = Setup.begun(breaker);

    @Actor
    public void succeeds() {
        breaker.onSuccess(one, -1);
    }

    @Actor
    public void fails() {
        breaker.onFailure(other, -1);
    }

    @Arbiter
    public void after(II_Result r) {
        r.r1 = Setup.isOpen(breaker);
        r.r2 = Setup.transitions(breaker);
    }
}
