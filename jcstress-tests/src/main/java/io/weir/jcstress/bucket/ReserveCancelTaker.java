package io.weir.jcstress.bucket;

import io.weir.engine.bucket.BucketReservation;
import io.weir.engine.bucket.TokenBucket;
import java.util.Objects;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** B2 of {@link TokenBucket}: a reservation that is cancelled while another is made gives everything back if it is the last, else nothing. */
@JCStressTest
@Outcome(id = "1, 1, 2", expect = Expect.ACCEPTABLE, desc = "Cancelled first.")
@Outcome(id = "1, 2, 3", expect = Expect.ACCEPTABLE, desc = "The other came first.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Given back under a later debit, or lost.")
@State
public class ReserveCancelTaker {

    private final TokenBucket bucket = new Scene().bucket(10, 0);
    private final BucketReservation reservation = Objects.requireNonNull(bucket.reserve(1, Long.MAX_VALUE));

    @Actor
    public void cancel(III_Result r) {
        r.r1 = reservation.cancel() ? 1 : 0;
    }

    @Actor
    public void reserve(III_Result r) {
        BucketReservation other = bucket.reserve(1, Long.MAX_VALUE);
        r.r2 = other == null ? -1 : (int) (other.waitNanos() / Scene.S);
    }

    @Arbiter
    public void look(III_Result r) {
        r.r3 = (int) (bucket.estimatedWaitNanos(1) / Scene.S);
    }
}
