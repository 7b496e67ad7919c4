package io.weir.jcstress.bucket;

import io.weir.engine.bucket.BucketUpdate;
import io.weir.engine.bucket.TokenBucket;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** B3 of {@link TokenBucket}: a grant during a change of rate counts under exactly one configuration. 10 tokens, 4 are taken, the rate is halved. */
@JCStressTest
@Outcome(id = "1, 3", expect = Expect.ACCEPTABLE, desc = "Taken first.")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Changed first.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The grant was lost, or counted twice.")
@State
public class TakerVersusReconfigure {

    private final TokenBucket bucket = new Scene().bucket(10, 10);

    @Actor
    public void take(II_Result r) {
        r.r1 = bucket.tryAcquire(4) ? 1 : 0;
    }

    @Actor
    public void change() {
        bucket.update(BucketUpdate.none().rate(0.5));
    }

    @Arbiter
    public void look(II_Result r) {
        r.r2 = (int) Math.round(bucket.availableTokens());
    }
}
