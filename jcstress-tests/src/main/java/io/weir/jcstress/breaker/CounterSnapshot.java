package io.weir.jcstress.breaker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.weir.engine.breaker.Breaker;
import io.weir.engine.breaker.BreakerMetrics;
import io.weir.engine.breaker.BreakerState;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * B6: a snapshot that shows a transition shows what led to it, and its state is that transition's. Its twin: {@link CounterSnapshotBrokenTwin}.
 */
@JCStressTest
@Outcome(
        id = {"0, 0, 1", "0, 0, 2"},
        expect = ACCEPTABLE,
        desc = "Not yet open.")
@Outcome(id = "1, 1, 2", expect = ACCEPTABLE, desc = "Open, by two failures.")
@Outcome(expect = FORBIDDEN, desc = "Open without the failures, or a state without its transition.")
@State
public class CounterSnapshot {
    private final Breaker breaker = new Setup().closedWithMetrics();
    private final long permit = breaker.tryAcquire();

    public CounterSnapshot() {
        breaker.onFailure(permit, -1);
    }

    @Actor
    public void fails() {
        breaker.onFailure(permit, -1);
    }

    @Actor
    public void reads(III_Result r) {
        BreakerMetrics seen = breaker.metrics();
        r.r1 = seen.state() == BreakerState.OPEN ? 1 : 0;
        r.r2 = (int) seen.transitions();
        r.r3 = (int) seen.failures();
    }
}
