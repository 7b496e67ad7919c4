package io.weir.jcstress.bucket;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** {@link LastToken} with a word that is read and then written. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "The first got it.")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "The second got it.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both got it, or nobody.")
@State
public class LastTokenBrokenTwin {

    private volatile long tokens = 1;

    @Actor
    public void one(II_Result r) {
        r.r1 = take();
    }

    @Actor
    public void other(II_Result r) {
        r.r2 = take();
    }

    private int take() {
        long seen = tokens;
        if (seen < 1) {
            return 0;
        }
        Scene.pause();
        tokens = seen - 1;
        return 1;
    }
}
