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
 * S4 of the stripes of {@link TokenBucket}: a token is spent from a stripe while its cell is frozen and summed.
 */
@JCStressTest
@Outcome(id = "1, 1023", expect = Expect.ACCEPTABLE, desc = "Paid in one cell or the other.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Granted unpaid, or paid twice.")
@State
public class StripeTakerVersusReconfigure {
    private final TokenBucket bucket = StripedBucket.holding(StripedBucket.CAPACITY);

    @Actor
    public void take(II_Result r) {
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
