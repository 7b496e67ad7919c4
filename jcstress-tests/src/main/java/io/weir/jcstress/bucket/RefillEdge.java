package io.weir.jcstress.bucket;

import io.weir.engine.bucket.TokenBucket;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** B1 of {@link TokenBucket}: a token that comes in while others take is granted once. */
@JCStressTest
@Outcome(id = "2, 0", expect = Expect.ACCEPTABLE, desc = "The token in hand and the one that came in.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A token came in twice, or was lost.")
@State
public class RefillEdge {

    private final Scene scene = new Scene();
    private final TokenBucket bucket = scene.bucket(2, 1);
    private int mine;
    private int theirs;

    @Actor
    public void refill() {
        scene.now = Scene.S;
        mine = bucket.tryAcquire() ? 1 : 0;
    }

    @Actor
    public void take() {
        theirs = (bucket.tryAcquire() ? 1 : 0) + (bucket.tryAcquire(1) ? 1 : 0);
    }

    @Arbiter
    public void look(II_Result r) {
        r.r1 = mine + theirs;
        r.r2 = bucket.tryAcquire() ? 1 : 0;
    }
}
