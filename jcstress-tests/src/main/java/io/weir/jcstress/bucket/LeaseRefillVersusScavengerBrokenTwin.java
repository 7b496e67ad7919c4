package io.weir.jcstress.bucket;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * {@link LeaseRefillVersusScavenger} with a scavenger that reads the stripe and then writes it.
 */
@JCStressTest
@Outcome(id = "1, 1, 9", expect = Expect.ACCEPTABLE, desc = "Both, from word and stripe or from the word.")
@Outcome(id = "1, 0, 19", expect = Expect.ACCEPTABLE, desc = "Refused while the lease was on its way.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A token lost, or spent twice.")
@State
public class LeaseRefillVersusScavengerBrokenTwin {
    private static final int LEASE = 16;

    private final AtomicInteger word = new AtomicInteger(20);
    private final AtomicInteger stripe = new AtomicInteger();

    @Actor
    public void refill(III_Result r) {
        int level = word.get();
        int lease = level > LEASE ? LEASE : 0;
        while (!word.compareAndSet(level, level - 1 - lease)) {
            level = word.get();
            lease = level > LEASE ? LEASE : 0;
        }
        stripe.addAndGet(lease);
        r.r1 = 1;
    }

    @Actor
    public void scavenge(III_Result r) {
        while (true) {
            int level = word.get();
            int held = stripe.get();
            if (level + held < 10) {
                stripe.set(held); // "puts back" what it never took
                r.r2 = 0;
                return;
            }
            int fromStripe = Math.max(0, 10 - level);
            if (word.compareAndSet(level, level - 10 + fromStripe)) {
                stripe.set(held - fromStripe);
                r.r2 = 1;
                return;
            }
        }
    }

    @Arbiter
    public void left(III_Result r) {
        r.r3 = word.get() + stripe.get();
    }
}
