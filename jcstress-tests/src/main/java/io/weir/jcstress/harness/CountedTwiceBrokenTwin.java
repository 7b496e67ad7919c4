package io.weir.jcstress.harness;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/** Broken on purpose: {@link CountedTwice} with a read and a plain write where the atomic increment is. */
@JCStressTest
@Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "Both increments counted.")
@Outcome(expect = Expect.FORBIDDEN, desc = "An increment was lost.")
@State
public class CountedTwiceBrokenTwin {
    private long word;

    @Actor
    public void one() {
        word++;
    }

    @Actor
    public void other() {
        word++;
    }

    @Arbiter
    public void total(J_Result r) {
        r.r1 = word;
    }
}
