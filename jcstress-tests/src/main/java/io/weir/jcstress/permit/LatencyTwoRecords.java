package io.weir.jcstress.permit;

import io.weir.engine.permit.LatencyQuantile;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.Z_Result;

/** Q1 of {@link LatencyQuantile}: of latencies that two threads record in the same bucket, as a half ends, none is lost. */
@JCStressTest
@Outcome(id = "true", expect = Expect.ACCEPTABLE, desc = "All four are counted.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A latency was lost.")
@State
public class LatencyTwoRecords {
    private static final long WINDOW = 1_000;
    private static final long LATENCY = 5_000;

    /** Knows an answer from five latencies on: the four, and the arbiter's. */
    private final LatencyQuantile latencies = new LatencyQuantile(0.5, 5, WINDOW, 0);

    @Actor
    public void record() {
        latencies.record(LATENCY, 0);
        latencies.record(LATENCY, WINDOW / 2);
    }

    @Actor
    public void recordToo() {
        latencies.record(LATENCY, 0);
        latencies.record(LATENCY, WINDOW / 2);
    }

    @Arbiter
    public void look(Z_Result r) {
        latencies.record(LATENCY, WINDOW / 2);
        r.r1 = latencies.estimateNanos(WINDOW / 2) > 0;
    }
}
