package io.weir.jcstress.bucket;

import io.weir.engine.bucket.TokenBucket;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * B10 of {@link TokenBucket}: a request for all takes in what is in the stripes, while a token is spent from one of them.
 */
@JCStressTest
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "All of it to the large request.")
@Outcome(id = "0, 1, 1023", expect = Expect.ACCEPTABLE, desc = "One token was gone already.")
@Outcome(expect = Expect.FORBIDDEN, desc = "More granted than there was, or tokens lost.")
@State
public class LeaseGatherVersusTaker {
    private final TokenBucket bucket = StripedBucket.holding(StripedBucket.CAPACITY);

    @Actor
    public void takeAll(III_Result r) {
        r.r1 = bucket.tryAcquire(StripedBucket.CAPACITY) ? 1 : 0;
    }

    @Actor
    public void takeOne(III_Result r) {
        r.r2 = bucket.tryAcquire() ? 1 : 0;
    }

    @Arbiter
    public void left(III_Result r) {
        r.r3 = (int) bucket.availableTokens();
    }
}
