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
 * B7: a breaker that closes while it is reconfigured has the new detection: one failure leaves it closed, the second opens it. Its twin: {@link
 * ConfigureOrCloseBrokenTwin}.
 */
@JCStressTest
@Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "Closed, with the new detection.")
@Outcome(expect = FORBIDDEN, desc = "The old detection, which opens at the first failure.")
@State
public class ConfigureOrClose {
    private final Breaker breaker = new Setup().due();
    private final long trial = Setup.begun(breaker);

    @Actor
    public void closes() {
        breaker.onSuccess(trial, -1);
    }

    @Actor
    public void configures() {
        breaker.configure(Setup.TWO);
    }

    @Arbiter
    public void after(II_Result r) {
        breaker.onFailure(breaker.tryAcquire(), -1);
        r.r1 = Setup.isOpen(breaker);
        breaker.onFailure(breaker.tryAcquire(), -1);
        r.r2 = Setup.isOpen(breaker);
    }
}
