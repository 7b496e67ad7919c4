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
 * D1, D2: a success can end a row of failures, but take back no opening. Its twin: {@link ConsecutiveRowBrokenTwin}.
 */
@JCStressTest
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The failure came first and opened it.")
@Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "The success came first and ended the row.")
@Outcome(expect = FORBIDDEN, desc = "It was seen closed after a success, and opened by a failure before that.")
@State
public class ConsecutiveRow {
    private final Breaker breaker = new Setup().closed();
    private final long permit = breaker.tryAcquire();

    public ConsecutiveRow() {
        breaker.onFailure(permit, -1);
    }

    @Actor
    public void succeeds(II_Result r) {
        breaker.onSuccess(permit, -1);
        r.r1 = Setup.isOpen(breaker);
    }

    @Actor
    public void fails() {
        breaker.onFailure(permit, -1);
    }

    @Arbiter
    public void after(II_Result r) {
        r.r2 = Setup.isOpen(breaker);
    }
}
