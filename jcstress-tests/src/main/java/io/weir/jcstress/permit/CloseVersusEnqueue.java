package io.weir.jcstress.permit;

import io.weir.engine.permit.Permits;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** P5 of {@link Permits}: a caller who goes to stand in line while the permits are closed is told so, once. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "Told once: by the exception, or by its end.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Left in line, or told twice.")
@State
public class CloseVersusEnqueue {
    private final Permits permits = new Permits(() -> 0, new NoTimer(), 1, 1);
    private final Told waiter = new Told();
    private int thrown;

    public CloseVersusEnqueue() {
        permits.tryAcquire();
    }

    @Actor
    public void close() {
        permits.close();
    }

    @Actor
    public void enqueue() {
        try {
            permits.acquire(waiter, Long.MAX_VALUE);
        } catch (IllegalStateException e) {
            thrown = 1;
        }
    }

    @Arbiter
    public void look(II_Result r) {
        r.r1 = thrown + waiter.closed() + 10 * waiter.granted();
        r.r2 = permits.waiters();
    }
}
