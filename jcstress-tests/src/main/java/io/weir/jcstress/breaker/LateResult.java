package io.weir.jcstress.breaker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.weir.engine.breaker.Breaker;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * B2: a failure of a generation that is just ending counts there or nowhere. Its twin: {@link LateResultBrokenTwin}.
 */
@JCStressTest
@Outcome(id = "0", expect = ACCEPTABLE, desc = "The one failure since the reset leaves it closed.")
@Outcome(expect = FORBIDDEN, desc = "A failure from before the reset was counted after it.")
@State
public class LateResult {
    private final Breaker breaker = new Setup().closed();
    private final long old = breaker.tryAcquire();

    @Actor
    public void reports() {
        breaker.onFailure(old, -1);
    }

    @Actor
    public void resets() {
        breaker.reset();
    }

    @Arbiter
    public void after(I_Result r) {
        breaker.onFailure(breaker.tryAcquire(), -1);
        r.r1 = Setup.isOpen(breaker);
    }
}
