package io.weir.jcstress.bucket;

import io.weir.engine.bucket.TokenBucket;
import io.weir.engine.bucket.WaiterLine;
import io.weir.engine.time.TimerNode;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** L2 of {@link WaiterLine}: a waiter whose timeout passes as its token comes in is granted or fails, once. */
@JCStressTest
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "Granted.")
@Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "Timed out; the token is there.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both, neither, or a token lost or taken twice.")
@State
public class TimeoutVersusGrant {

    private final Scene scene = new Scene();
    private final TokenBucket bucket = scene.bucket(1, 0);
    private final Queued waiter = new Queued();

    public TimeoutVersusGrant() {
        bucket.acquire(waiter, Scene.S);
        scene.now = Scene.S;
    }

    @Actor
    public void grant() {
        scene.fireFirst();
    }

    @Actor
    public void timeout() {
        waiter.onTimer(new TimerNode(waiter, Scene.S));
    }

    @Arbiter
    public void look(III_Result r) {
        r.r1 = waiter.granted();
        r.r2 = waiter.failed();
        r.r3 = bucket.waiters() == 0 && bucket.tryAcquire() ? 1 : 0;
    }
}
