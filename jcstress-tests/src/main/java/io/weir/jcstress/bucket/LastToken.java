package io.weir.jcstress.bucket;

import io.weir.engine.bucket.TokenBucket;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** B1 of {@link TokenBucket}: of two takers of the last token one gets it. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "The first got it.")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "The second got it.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both got it, or nobody.")
@State
public class LastToken {

    private final TokenBucket bucket = new Scene().bucket(1, 1);

    @Actor
    public void one(II_Result r) {
        r.r1 = bucket.tryAcquire() ? 1 : 0;
    }

    @Actor
    public void other(II_Result r) {
        r.r2 = bucket.tryAcquire(1) ? 1 : 0;
    }
}
