package io.weir.jcstress.bucket;

import io.weir.engine.bucket.TokenBucket;
import io.weir.engine.bucket.WaiterLine;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** L3 of {@link WaiterLine}: a tryAcquire that begins after an acquire returned doesn't take its token, whoever drains meanwhile. */
@JCStressTest
@Outcome(id = "0, 1, 0", expect = Expect.ACCEPTABLE, desc = "A waiter got it.")
@Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "The waiter in front got it.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Overtaken, or not granted.")
@State
public class NoOvertaking {

    private final Scene scene = new Scene();
    private final TokenBucket bucket = scene.bucket(1, 0);
    private final Queued first = new Queued();
    private final Queued other = new Queued();

    public NoOvertaking() {
        bucket.acquire(other, Long.MAX_VALUE);
    }

    @Actor
    public void enqueueAndTake(III_Result r) {
        bucket.acquire(first, Long.MAX_VALUE);
        scene.now = Scene.S;
        r.r1 = bucket.tryAcquire() ? 1 : 0;
    }

    @Actor
    public void drain() {
        bucket.cancel(other);
    }

    @Arbiter
    public void look(III_Result r) {
        scene.fireAll();
        r.r2 = first.granted() + other.granted();
        r.r3 = bucket.waiters();
    }
}
