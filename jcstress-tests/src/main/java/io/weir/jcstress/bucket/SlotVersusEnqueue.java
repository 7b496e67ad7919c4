package io.weir.jcstress.bucket;

import io.weir.engine.bucket.TokenBucket;
import io.weir.engine.permit.Permits;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** H3 of SlotSupply: a caller who goes to stand in the bucket's line as the last slot comes back gets it. */
@JCStressTest
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "Granted, with the slot.")
@Outcome(expect = Expect.FORBIDDEN, desc = "It waits beside a free slot, or was granted twice.")
@State
public class SlotVersusEnqueue {
    private final Scene scene = new Scene();
    private final Permits permits = new Permits(scene, scene, 1, Integer.MAX_VALUE);
    private final TokenBucket bucket = scene.bucket(1, permits);
    private final Queued waiter = new Queued();
    private int atOnce;

    public SlotVersusEnqueue() {
        permits.tryAcquire();
    }

    @Actor
    public void release() {
        permits.release();
    }

    @Actor
    public void enqueue() {
        if (bucket.acquire(waiter, Long.MAX_VALUE) == 0) {
            atOnce = 1;
        }
    }

    @Arbiter
    public void look(III_Result r) {
        r.r1 = atOnce + waiter.granted();
        r.r2 = permits.inUse();
        r.r3 = bucket.waiters();
    }
}
