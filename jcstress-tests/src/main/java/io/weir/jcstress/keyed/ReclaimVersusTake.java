package io.weir.jcstress.keyed;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** K1 and K4 of KeyTable: a key whose full bucket is just being given to another gets ten tokens, as that one does, and no more. */
@JCStressTest
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "Each has had its own.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A key was reset, or took from the other's slot.")
@State
public class ReclaimVersusTake {
    private final KeyedFixture fixture = new KeyedFixture();

    public ReclaimVersusTake() {
        fixture.take(1, 10);
        fixture.take(2, 10);
        fixture.take(3, 1);
        fixture.take(4, 1);
        fixture.advance(1_010); // 3 and 4 are full, and the shared bucket has never been used
    }

    @Actor
    public void owner(III_Result r) {
        r.r1 = fixture.take(3, 10);
    }

    @Actor
    public void stranger(III_Result r) {
        r.r2 = fixture.take(5, 10);
    }

    @Arbiter
    public void rest(III_Result r) {
        r.r3 = fixture.take(3, 1) + fixture.take(5, 1);
    }
}
