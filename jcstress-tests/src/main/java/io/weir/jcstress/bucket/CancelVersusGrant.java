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

/** L2 and L4 of {@link WaiterLine}: a waiter that is cancelled as its token comes in has taken it once, or not at all. */
@JCStressTest
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "Granted.")
@Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "Cancelled; the token is there.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both, neither, or a token lost or taken twice.")
@State
public class CancelVersusGrant {

    private final Scene scene = new Scene();
    private final TokenBucket bucket = scene.bucket(1, 0);
    private final Queued waiter = new Queued();
    private int cancelled;

    public CancelVersusGrant() {
        bucket.acquire(waiter, Long.MAX_VALUE);
    }

    @Actor
    public void grant() {
        scene.now = Scene.S;
        scene.fire();
    }

    @Actor
    public void cancel() {
        cancelled = bucket.cancel(waiter) ? 1 : 0;
    }

    @Arbiter
    public void look(III_Result r) {
        r.r1 = waiter.granted();
        r.r2 = cancelled;
        r.r3 = bucket.waiters() == 0 && bucket.tryAcquire() ? 1 : 0;
    }
}
