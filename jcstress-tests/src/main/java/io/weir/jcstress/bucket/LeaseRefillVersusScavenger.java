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
 * B9 of {@link TokenBucket}, S1 of its stripes: one takes a token and a lease, another gathers what word and stripe hold.
 */
@JCStressTest
@Outcome(id = "1, 1, 9", expect = Expect.ACCEPTABLE, desc = "Both, from word and stripe or from the word.")
@Outcome(id = "1, 0, 19", expect = Expect.ACCEPTABLE, desc = "Refused while the lease was on its way.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A token lost, or spent twice.")
@State
public class LeaseRefillVersusScavenger {
    private final TokenBucket bucket = StripedBucket.holding(20);

    @Actor
    public void refill(III_Result r) {
        r.r1 = bucket.tryAcquire() ? 1 : 0;
    }

    @Actor
    public void scavenge(III_Result r) {
        r.r2 = bucket.tryAcquire(10) ? 1 : 0;
    }

    @Arbiter
    public void left(III_Result r) {
        r.r3 = (int) bucket.availableTokens();
    }
}
