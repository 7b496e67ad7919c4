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

/** L5 of {@link WaiterLine}: whoever comes while the bucket is closed is refused or failed, and never hangs. */
@JCStressTest
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "Refused.")
@Outcome(id = "0, 1, 0", expect = Expect.ACCEPTABLE, desc = "Failed.")
@Outcome(expect = Expect.FORBIDDEN, desc = "It hangs, or was told twice.")
@State
public class CloseVersusEnqueue {

    private final TokenBucket bucket = new Scene().bucket(1, 0);
    private final Queued waiter = new Queued();
    private int refused;

    @Actor
    public void enqueue() {
        try {
            bucket.acquire(waiter, Long.MAX_VALUE);
        } catch (IllegalStateException closed) {
            refused = 1;
        }
    }

    @Actor
    public void close() {
        bucket.close();
    }

    @Arbiter
    public void look(III_Result r) {
        r.r1 = refused;
        r.r2 = waiter.failed();
        r.r3 = bucket.waiters();
    }
}
