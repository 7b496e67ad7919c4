package io.weir.jcstress.breaker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * {@link CounterSnapshot} with a transition that comes before the count, and a state that is read by itself.
 */
@JCStressTest
@Outcome(
        id = {"0, 0, 1", "0, 0, 2"},
        expect = ACCEPTABLE,
        desc = "Not yet open.")
@Outcome(id = "1, 1, 2", expect = ACCEPTABLE, desc = "Open, by two failures.")
@Outcome(expect = FORBIDDEN, desc = "Open without the failures, or a state without its transition.")
@State
public class CounterSnapshotBrokenTwin {
    private volatile int failures = 1;
    private volatile int transitions;
    private volatile int open;

    @Actor
    public void fails() {
        open = 1;
        transitions = 1;
        failures = 2;
    }

    @Actor
    public void reads(III_Result r) {
        r.r1 = open;
        r.r2 = transitions;
        r.r3 = failures;
    }
}
