package io.weir.jcstress.bucket;

import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** {@link ReserveCancelTaker} with a cancel that adds back what was debited. */
@JCStressTest
@Outcome(id = "1, 1, 2", expect = Expect.ACCEPTABLE, desc = "Cancelled first.")
@Outcome(id = "1, 2, 3", expect = Expect.ACCEPTABLE, desc = "The other came first.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Given back under a later debit, or lost.")
@State
public class ReserveCancelTakerBrokenTwin {

    private final AtomicLong debt = new AtomicLong(1);

    @Actor
    public void cancel(III_Result r) {
        debt.getAndAdd(-1);
        r.r1 = 1;
    }

    @Actor
    public void reserve(III_Result r) {
        r.r2 = (int) debt.incrementAndGet();
    }

    @Arbiter
    public void look(III_Result r) {
        r.r3 = (int) debt.get() + 1;
    }
}
