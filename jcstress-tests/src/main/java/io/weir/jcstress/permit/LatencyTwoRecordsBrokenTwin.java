package io.weir.jcstress.permit;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.Z_Result;

/** {@link LatencyTwoRecords} with counts that are read and then written. */
@JCStressTest
@Outcome(id = "true", expect = Expect.ACCEPTABLE, desc = "All four are counted.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A latency was lost.")
@State
public class LatencyTwoRecordsBrokenTwin {
    private final int[] counts = new int[1];

    private void count() {
        int seen = counts[0];
        Stopped.forAMoment();
        counts[0] = seen + 1;
    }

    @Actor
    public void record() {
        count();
        count();
    }

    @Actor
    public void recordToo() {
        count();
        count();
    }

    @Arbiter
    public void look(Z_Result r) {
        r.r1 = counts[0] == 4;
    }
}
