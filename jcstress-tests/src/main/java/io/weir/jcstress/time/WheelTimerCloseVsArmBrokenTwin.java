package io.weir.jcstress.time;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** {@link WheelTimerCloseVsArm} with an arm that looks whether the timer is closed only before its push. */
@JCStressTest
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "Told once.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Lost, or told twice.")
@State
public class WheelTimerCloseVsArmBrokenTwin {
    private final ConcurrentLinkedQueue<Object> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger told = new AtomicInteger();
    private volatile boolean closed;

    @Actor
    public void arm() {
        if (closed) {
            told.incrementAndGet();
        } else {
            queue.add(this);
        }
    }

    @Actor
    public void close() {
        closed = true;
        while (queue.poll() != null) {
            told.incrementAndGet();
        }
    }

    @Arbiter
    public void look(I_Result r) {
        r.r1 = told.get();
    }
}
