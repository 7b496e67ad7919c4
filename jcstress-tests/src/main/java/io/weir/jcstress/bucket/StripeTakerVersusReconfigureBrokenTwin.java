package io.weir.jcstress.bucket;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * {@link StripeTakerVersusReconfigure} with a taker that looks for the freeze and then writes.
 */
@JCStressTest
@Outcome(id = "1, 1023", expect = Expect.ACCEPTABLE, desc = "Paid in one cell or the other.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Granted unpaid, or paid twice.")
@State
public class StripeTakerVersusReconfigureBrokenTwin {
    private static final int FROZEN = 1 << 30;

    private final AtomicInteger stripe = new AtomicInteger(StripedBucket.CAPACITY);
    private final AtomicInteger successor = new AtomicInteger();

    @Actor
    public void take(II_Result r) {
        int held = stripe.get();
        if ((held & FROZEN) == 0) {
            stripe.set(held - 1);
        } else {
            successor.decrementAndGet();
        }
        r.r1 = 1;
    }

    @Actor
    public void reconfigure() {
        successor.addAndGet(stripe.getAndUpdate(held -> held | FROZEN));
    }

    @Arbiter
    public void left(II_Result r) {
        r.r2 = successor.get();
    }
}
