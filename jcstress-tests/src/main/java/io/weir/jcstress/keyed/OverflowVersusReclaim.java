package io.weir.jcstress.keyed;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** K6 of KeyedBuckets: a key draws on the shared bucket while it gets a place of its own; it has one bucket's tokens all the same. */
@JCStressTest
@Outcome(
        id = {"1, 0, 0", "0, 1, 0"},
        expect = Expect.ACCEPTABLE,
        desc = "Eight of ten, and less than four are left.")
@Outcome(
        id = "0, 0, 0",
        expect = Expect.ACCEPTABLE,
        desc = "Paid to the shared bucket, and refused in its own, which began with that debt.")
@Outcome(expect = Expect.FORBIDDEN, desc = "More than the bucket had.")
@State
public class OverflowVersusReclaim {
    private final KeyedFixture fixture = new KeyedFixture();

    public OverflowVersusReclaim() {
        fixture.take(1, 10);
        fixture.take(2, 10);
        fixture.take(3, 10);
        fixture.take(4, 0.5);
    }

    @Actor
    public void payer(III_Result r) {
        r.r1 = fixture.take(7, 8);
    }

    @Actor
    public void inserter(III_Result r) {
        fixture.advance(510); // key 4 is full, and its slot can be had
        r.r2 = fixture.take(7, 8);
    }

    @Arbiter
    public void rest(III_Result r) {
        r.r3 = fixture.take(7, 4);
    }
}
