package io.weir.jcstress.breaker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * {@link FeedDelivery} with a flag that says that somebody drains, and no count of those who asked meanwhile.
 */
@JCStressTest
@Outcome(id = "12", expect = ACCEPTABLE, desc = "Both, in order.")
@Outcome(expect = FORBIDDEN, desc = "One is missing, double, or out of order.")
@State
public class FeedDeliveryBrokenTwin {
    private final AtomicInteger present = new AtomicInteger();
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile int last;
    private volatile int delivered;

    private void transition() {
        present.incrementAndGet();
        if (busy.compareAndSet(false, true)) {
            int to = present.get();
            for (int n = last + 1; n <= to; n++) {
                delivered = delivered * 10 + n;
            }
            last = to;
            busy.set(false);
        }
    }

    @Actor
    public void one() {
        transition();
    }

    @Actor
    public void other() {
        transition();
    }

    @Arbiter
    public void after(I_Result r) {
        r.r1 = delivered;
    }
}
