package io.weir.jcstress.bucket;

import io.weir.engine.bucket.BucketConfig;
import io.weir.engine.bucket.BucketUpdate;
import io.weir.engine.bucket.TokenBucket;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** B3 of {@link TokenBucket}: of two changes, the one stopped half-way by its clock, both take effect, one after the other, and nobody waits for it. 10 tokens; one halves the rate, the other caps at 8. */
@JCStressTest
@Outcome(id = "5, 1, 8", expect = Expect.ACCEPTABLE, desc = "Halved first.")
@Outcome(id = "4, 1, 8", expect = Expect.ACCEPTABLE, desc = "Capped first.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A change was lost, or made twice.")
@State
public class TwoReconfigurations {

    private final Scene scene = new Scene();
    private @Nullable Thread slow;
    private final TokenBucket bucket = new TokenBucket(
            this::reading, scene, BucketConfig.builder().rate(1).maxTokens(10).build());

    private long reading() {
        if (slow == Thread.currentThread()) {
            Scene.pause(); // between the freeze and the successor
        }
        return 0;
    }

    @Actor
    public void halve() {
        slow = Thread.currentThread();
        bucket.update(BucketUpdate.none().rate(0.5));
    }

    @Actor
    public void cap() {
        bucket.update(BucketUpdate.none().maxTokens(8));
    }

    @Arbiter
    public void look(III_Result r) {
        r.r1 = (int) Math.round(bucket.availableTokens());
        r.r2 = (int) (2 * bucket.config().rate());
        r.r3 = (int) bucket.config().maxTokens();
    }
}
