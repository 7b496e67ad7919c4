package io.weir.jcstress.breaker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * {@link TrialBeginOrCancel} with a report that gives up when its step is overtaken by the beginning.
 */
@JCStressTest
@Outcome(
        id = {"0, 1", "1, 1"},
        expect = ACCEPTABLE,
        desc = "It began or not, and its slot is free.")
@Outcome(expect = FORBIDDEN, desc = "The slot is lost until its timeout, which would count as a failure.")
@State
public class TrialBeginOrCancelBrokenTwin {
    private static final int FREE = 0;
    private static final int CLAIMED = 1;
    private static final int RUNNING = 2;
    private final AtomicInteger slot = new AtomicInteger(CLAIMED);

    @Actor
    public void begins(II_Result r) {
        r.r1 = slot.compareAndSet(CLAIMED, RUNNING) ? 1 : 0;
    }

    @Actor
    public void cancels() {
        int seen = slot.get();
        slot.compareAndSet(seen, FREE);
    }

    @Arbiter
    public void after(II_Result r) {
        r.r2 = slot.get() == FREE ? 1 : 0;
    }
}
