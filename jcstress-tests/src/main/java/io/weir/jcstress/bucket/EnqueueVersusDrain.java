package io.weir.jcstress.bucket;

import io.weir.engine.bucket.TokenBucket;
import io.weir.engine.bucket.WaiterLine;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** L1 of {@link WaiterLine}: a token that is handed back while a waiter comes is the waiter's. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "Granted.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The waiter hangs beside a free token.")
@State
public class EnqueueVersusDrain {

    private final TokenBucket bucket = new Scene().bucket(1, 1);
    private final Queued first = new Queued();
    private final Queued second = new Queued();
    private int atOnce;

    public EnqueueVersusDrain() {
        bucket.acquire(first, 0);
    }

    @Actor
    public void enqueue() {
        atOnce = bucket.acquire(second, Long.MAX_VALUE) == 0 ? 1 : 0;
    }

    @Actor
    public void handBack() {
        bucket.handBack(first);
    }

    @Arbiter
    public void look(II_Result r) {
        r.r1 = atOnce + second.granted();
        r.r2 = bucket.waiters();
    }
}
