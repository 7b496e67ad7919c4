package io.weir.jcstress.breaker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.weir.engine.breaker.Breaker;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * T4: a trial reports or expires, never both. Its twin: {@link TrialReportOrExpiryBrokenTwin}.
 */
@JCStressTest
@Outcome(id = "0, 3, 0", expect = ACCEPTABLE, desc = "It reported in time and closed the breaker.")
@Outcome(id = "1, 3, 1", expect = ACCEPTABLE, desc = "It expired, and its report was late.")
@Outcome(expect = FORBIDDEN, desc = "Both, or neither.")
@State
public class TrialReportOrExpiry {
    private final Setup clock = new Setup();
    private final Breaker breaker = clock.dueWithMetrics();
    private final long trial = Setup.begun(breaker);

    @Actor
    public void reports() {
        breaker.onSuccess(trial, -1);
    }

    @Actor
    public void judges() {
        clock.advance(Setup.TRIAL_TIMEOUT);
        breaker.state();
    }

    @Arbiter
    public void after(III_Result r) {
        r.r1 = Setup.isOpen(breaker);
        r.r2 = Setup.transitions(breaker);
        r.r3 = (int) breaker.metrics().late();
    }
}
