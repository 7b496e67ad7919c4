package io.weir.jcstress.bucket;

import io.weir.engine.bucket.TokenBucket;
import io.weir.engine.bucket.Waiter;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * B8 of {@link TokenBucket}: a lease is deposited while somebody comes to stand in line; nobody else will ever look.
 */
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "The waiter has its tokens, from the word or from the stripe.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Stranded: the waiter waits, and its tokens are in a stripe.")
@State
public class LeaseDepositVersusEnqueue {
    private final TokenBucket bucket = StripedBucket.holding(20);
    private final Standing waiter = new Standing();

    private static final class Standing extends Waiter {
        final AtomicInteger granted = new AtomicInteger();

        Standing() {
            super(10);
        }

        @Override
        protected void onEnd(End end) {
            granted.incrementAndGet();
        }
    }

    @Actor
    public void lease(II_Result r) {
        r.r1 = bucket.tryAcquire() ? 1 : 0;
    }

    @Actor
    public void enqueue() {
        if (bucket.acquire(waiter, Long.MAX_VALUE) == 0) {
            waiter.granted.incrementAndGet();
        }
    }

    @Arbiter
    public void look(II_Result r) {
        r.r2 = waiter.granted.get();
    }
}
