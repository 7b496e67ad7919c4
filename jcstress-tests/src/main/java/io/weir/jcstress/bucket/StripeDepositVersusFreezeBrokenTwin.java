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
 * {@link StripeDepositVersusFreeze} with a deposit that adds before it looks, and doesn't want to lose what it finds frozen.
 */
@JCStressTest
@Outcome(id = "1, 19", expect = Expect.ACCEPTABLE, desc = "Deposited before the freeze, or leased in one cell.")
@Outcome(id = "1, 11", expect = Expect.ACCEPTABLE, desc = "A lease of 8 was dropped.")
@Outcome(id = "1, 3", expect = Expect.ACCEPTABLE, desc = "A lease of 16 was dropped.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Tokens lost or made.")
@State
public class StripeDepositVersusFreezeBrokenTwin {
    private static final int FROZEN = 1 << 30;

    private final AtomicInteger word = new AtomicInteger(20);
    private final AtomicInteger stripe = new AtomicInteger();
    private final AtomicInteger successor = new AtomicInteger();

    @Actor
    public void lease(II_Result r) {
        word.addAndGet(-17);
        if ((stripe.getAndAdd(16) & FROZEN) != 0) {
            successor.addAndGet(16);
        }
        r.r1 = 1;
    }

    @Actor
    public void reconfigure() {
        stripe.addAndGet(FROZEN);
        successor.addAndGet(stripe.get() & ~FROZEN);
    }

    @Arbiter
    public void left(II_Result r) {
        r.r2 = word.get() + successor.get();
    }
}
