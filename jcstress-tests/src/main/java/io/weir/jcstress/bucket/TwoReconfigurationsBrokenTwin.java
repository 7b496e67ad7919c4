package io.weir.jcstress.bucket;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** {@link TwoReconfigurations} with a change that reads, computes and writes. */
@JCStressTest
@Outcome(id = "5, 1, 8", expect = Expect.ACCEPTABLE, desc = "Halved first.")
@Outcome(id = "4, 1, 8", expect = Expect.ACCEPTABLE, desc = "Capped first.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A change was lost, or made twice.")
@State
public class TwoReconfigurationsBrokenTwin {

    private record Cell(int tokens, int halfRate, int max) {}

    private volatile Cell cell = new Cell(10, 2, 10);

    @Actor
    public void halve() {
        Cell seen = cell;
        Scene.pause();
        cell = new Cell(seen.tokens / 2, 1, seen.max);
    }

    @Actor
    public void cap() {
        Cell seen = cell;
        Scene.pause();
        cell = new Cell(Math.min(8, seen.tokens), seen.halfRate, 8);
    }

    @Arbiter
    public void look(III_Result r) {
        Cell seen = cell;
        r.r1 = seen.tokens;
        r.r2 = seen.halfRate;
        r.r3 = seen.max;
    }
}
