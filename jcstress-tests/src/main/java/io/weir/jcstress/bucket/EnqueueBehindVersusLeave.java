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

/** L1 of {@link WaiterLine}: who comes behind another leaves the drain to others, and is served though that one leaves just then. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "Granted.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The waiter hangs beside a free token.")
@State
public class EnqueueBehindVersusLeave {

    private final TokenBucket bucket = new Scene().bucket(1, 1);
    private final Queued holder = new Queued();
    private final Queued head = new Queued();
    private final Queued behind = new Queued();
    private int atOnce;

    public EnqueueBehindVersusLeave() {
        bucket.acquire(holder, 0);
        bucket.acquire(head, Long.MAX_VALUE);
    }

    @Actor
    public void enqueue() {
        atOnce = bucket.acquire(behind, Long.MAX_VALUE) == 0 ? 1 : 0;
    }

    @Actor
    public void leaveAndHandBack() {
        bucket.cancel(head);
        bucket.handBack(holder);
    }

    @Arbiter
    public void look(II_Result r) {
        r.r1 = atOnce + behind.granted();
        r.r2 = bucket.waiters();
    }
}
