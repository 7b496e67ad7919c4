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
 * {@link LeaseDepositVersusEnqueue} without the fence between the deposit and the look at the line, and its counterpart.
 */
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "The waiter has its tokens, from the word or from the stripe.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Stranded: the waiter waits, and its tokens are in a stripe.")
@State
public class LeaseDepositVersusEnqueueBrokenTwin {
    private final AtomicInteger word = new AtomicInteger(20);
    private final AtomicInteger granted = new AtomicInteger();
    private final AtomicInteger claimed = new AtomicInteger();
    private int stripe;
    private int waiting;

    @Actor
    public void lease(II_Result r) {
        word.addAndGet(-17);
        stripe = 16;
        if (waiting > 0) {
            drain();
        }
        r.r1 = 1;
    }

    @Actor
    public void enqueue() {
        if (word.get() >= 10 && word.compareAndSet(20, 10)) {
            granted.incrementAndGet();
            return;
        }
        waiting = 1;
        drain();
    }

    private void drain() {
        if (stripe >= 10 && claimed.compareAndSet(0, 1)) {
            granted.incrementAndGet();
        }
    }

    @Arbiter
    public void look(II_Result r) {
        r.r2 = granted.get();
    }
}
