package io.weir.jcstress.breaker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * {@link TrialVerdict} with a state that is looked at, and then set.
 */
@JCStressTest
@Outcome(
        id = {"1, 3", "0, 3"},
        expect = ACCEPTABLE,
        desc = "One verdict.")
@Outcome(expect = FORBIDDEN, desc = "Two verdicts, or none.")
@State
public class TrialVerdictBrokenTwin {
    private static final int HALF_OPEN = 2;
    private final AtomicInteger transitions = new AtomicInteger(2);
    private volatile int state = HALF_OPEN;

    private void conclude(int to) {
        if (state == HALF_OPEN) {
            state = to;
            transitions.incrementAndGet();
        }
    }

    @Actor
    public void succeeds() {
        conclude(0);
    }

    @Actor
    public void fails() {
        conclude(1);
    }

    @Arbiter
    public void after(II_Result r) {
        r.r1 = state;
        r.r2 = transitions.get();
    }
}
