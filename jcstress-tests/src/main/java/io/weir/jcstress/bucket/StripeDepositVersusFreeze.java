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

/**
 * S3 of the stripes of {@link TokenBucket}: a lease is deposited while its cell is frozen and summed.
 */
@JCStressTest
@Outcome(id = "1, 19", expect = Expect.ACCEPTABLE, desc = "Deposited before the freeze, or leased in one cell.")
@Outcome(id = "1, 11", expect = Expect.ACCEPTABLE, desc = "A lease of 8 was dropped.")
@Outcome(id = "1, 3", expect = Expect.ACCEPTABLE, desc = "A lease of 16 was dropped.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Tokens lost or made.")
@State
public class StripeDepositVersusFreeze {
    private final TokenBucket bucket = StripedBucket.holding(20);

    @Actor
    public void lease(II_Result r) {
        r.r1 = bucket.tryAcquire() ? 1 : 0;
    }

    @Actor
    public void reconfigure() {
        bucket.update(BucketUpdate.none().rate(2));
    }

    @Arbiter
    public void left(II_Result r) {
        r.r2 = (int) bucket.availableTokens();
    }
}
