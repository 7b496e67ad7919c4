package io.weir.jcstress.keyed;

import io.weir.engine.bucket.BucketUpdate;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** KeyObjects: two threads that make the same new key an object make one, which is counted once, and is gone from the count when it has gone. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "One object, then none.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Counted twice, or not at all.")
@State
public class PromoteVersusPromote {
    private final KeyedFixture fixture = new KeyedFixture();

    @Actor
    public void one() {
        fixture.buckets.update(7, BucketUpdate.none());
    }

    @Actor
    public void other() {
        fixture.buckets.update(7, BucketUpdate.none());
    }

    @Arbiter
    public void counts(II_Result r) {
        r.r1 = fixture.buckets.objects();
        fixture.buckets.remove(7);
        r.r2 = fixture.buckets.objects();
    }
}
