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

/** L1 of {@link WaiterLine}: a waiter that comes while the grant timer fires has a timer, and is granted in the end. */
@JCStressTest
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "Both were granted.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A waiter whose timer was never armed.")
@State
public class EnqueueVersusTimer {

    private final Scene scene = new Scene();
    private final TokenBucket bucket = scene.bucket(1, 0);
    private final Queued first = new Queued();
    private final Queued second = new Queued();
    private int atOnce;

    public EnqueueVersusTimer() {
        bucket.acquire(first, Long.MAX_VALUE);
    }

    @Actor
    public void enqueue() {
        atOnce = bucket.acquire(second, Long.MAX_VALUE) == 0 ? 1 : 0;
    }

    @Actor
    public void fire() {
        scene.now = Scene.S;
        scene.fire();
    }

    @Arbiter
    public void look(III_Result r) {
        scene.fireAll();
        scene.now = 2 * Scene.S;
        scene.fireAll();
        r.r1 = first.granted();
        r.r2 = atOnce + second.granted();
        r.r3 = bucket.waiters();
    }
}
