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

/** H4 of SlotSupply: a slot that one bucket gives back, as its waiter has gone, goes to the other bucket that waits for one. */
@JCStressTest
@Outcome(id = "1, 0, 0, 1", expect = Expect.ACCEPTABLE, desc = "The first bucket's waiter has the slot.")
@Outcome(id = "0, 1, 1, 1", expect = Expect.ACCEPTABLE, desc = "It was cancelled: the other bucket's has it.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The slot is lost, or free while the other bucket's waiter stands in line.")
@State
public class SlotVersusPlace {
    private final Scene scene = new Scene();
    private final Permits permits = new Permits(scene, scene, 1, Integer.MAX_VALUE);
    private final TokenBucket bucket = scene.bucket(1, permits);
    private final TokenBucket other = scene.bucket(1, permits);
    private final Queued first = new Queued();
    private final Queued second = new Queued();
    private int cancelled;

    public SlotVersusPlace() {
        permits.tryAcquire();
        bucket.acquire(first, Long.MAX_VALUE);
        other.acquire(second, Long.MAX_VALUE);
    }

    @Actor
    public void release() {
        permits.release();
    }

    @Actor
    public void cancel() {
        cancelled = bucket.cancel(first) ? 1 : 0;
    }

    @Arbiter
    public void look(IIII_Result r) {
        r.r1 = first.granted();
        r.r2 = cancelled;
        r.r3 = second.granted();
        r.r4 = permits.inUse();
    }
}
