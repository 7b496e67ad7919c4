package io.weir.jcstress.keyed;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** K3 of KeyTable: two threads that bring the same new key make one bucket, and one of them gets what is in it. */
@JCStressTest
@Outcome(
        id = {"1, 0, 0", "0, 1, 0"},
        expect = Expect.ACCEPTABLE,
        desc = "One took six of ten, and four are left.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Two buckets, or none.")
@State
public class InsertVersusInsert {
    private final KeyedFixture fixture = new KeyedFixture();

    @Actor
    public void one(III_Result r) {
        r.r1 = fixture.take(7, 6);
    }

    @Actor
    public void other(III_Result r) {
        r.r2 = fixture.take(7, 6);
    }

    @Arbiter
    public void rest(III_Result r) {
        r.r3 = fixture.take(7, 5);
    }
}
