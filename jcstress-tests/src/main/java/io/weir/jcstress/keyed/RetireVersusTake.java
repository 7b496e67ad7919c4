package io.weir.jcstress.keyed;

import io.weir.engine.bucket.BucketUpdate;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** K8 of KeyedBuckets: a key whose object goes back to a slot just now has one bucket. */
@JCStressTest
@Outcome(
        id = {"1, 0, 0", "0, 1, 0"},
        expect = Expect.ACCEPTABLE,
        desc = "One took six of the nine.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A grant was lost, or made twice.")
@State
public class RetireVersusTake {
    private final KeyedFixture fixture = new KeyedFixture();

    public RetireVersusTake() {
        fixture.take(7, 1);
        fixture.buckets.update(7, BucketUpdate.none());
    }

    @Actor
    public void taker(III_Result r) {
        r.r1 = fixture.take(7, 6);
    }

    @Actor
    public void retirer(III_Result r) {
        fixture.buckets.remove(7);
        r.r2 = fixture.take(7, 6);
    }

    @Arbiter
    public void rest(III_Result r) {
        r.r3 = fixture.take(7, 4);
    }
}
