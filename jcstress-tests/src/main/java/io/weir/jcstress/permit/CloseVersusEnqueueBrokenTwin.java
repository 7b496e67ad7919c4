package io.weir.jcstress.permit;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** {@link CloseVersusEnqueue} with an acquire that looks whether they are closed only before its push. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "Told once: by the exception, or by its end.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Left in line, or told twice.")
@State
public class CloseVersusEnqueueBrokenTwin {
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger told = new AtomicInteger();
    private volatile boolean closed;

    @Actor
    public void close() {
        closed = true;
        if (waiting.compareAndSet(1, 0)) {
            told.incrementAndGet();
        }
    }

    @Actor
    public void enqueue() {
        if (closed) {
            told.incrementAndGet();
            return;
        }
        Stopped.forAMoment();
        waiting.set(1);
    }

    @Arbiter
    public void look(II_Result r) {
        r.r1 = told.get();
        r.r2 = waiting.get();
    }
}
