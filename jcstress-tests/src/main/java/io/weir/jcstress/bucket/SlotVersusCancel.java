package io.weir.jcstress.bucket;

import io.weir.engine.bucket.TokenBucket;
import io.weir.engine.permit.Permits;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** H1 of SlotSupply: a slot that is granted to a bucket's place just as the only waiter is cancelled is free again. */
@JCStressTest
@Outcome(id = "1, 0, 1, 0", expect = Expect.ACCEPTABLE, desc = "Granted, with the slot.")
@Outcome(id = "0, 1, 0, 0", expect = Expect.ACCEPTABLE, desc = "Cancelled, and the slot is free.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A slot is lost, or somebody waits beside a free one.")
@State
public class SlotVersusCancel {
    private final Scene scene = new Scene();
    private final Permits permits = new Permits(scene, scene, 1, Integer.MAX_VALUE);
    private final TokenBucket bucket = scene.bucket(1, permits);
    private final Queued waiter = new Queued();
    private int cancelled;

    public SlotVersusCancel() {
        permits.tryAcquire();
        bucket.acquire(waiter, Long.MAX_VALUE);
    }

    @Actor
    public void release() {
        permits.release();
    }

    @Actor
    public void cancel() {
        cancelled = bucket.cancel(waiter) ? 1 : 0;
    }

    @Arbiter
    public void look(IIII_Result r) {
        r.r1 = waiter.granted();
        r.r2 = cancelled;
        r.r3 = permits.inUse();
        r.r4 = permits.waiters();
    }
}
