package io.weir.jcstress.bucket;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** {@link EnqueueBehindVersusLeave} with a newcomer who judges by the count, before its push, whether somebody stands before it. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "Granted.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The waiter hangs beside a free token.")
@State
public class EnqueueBehindVersusLeaveBrokenTwin {

    private final AtomicInteger tokens = new AtomicInteger();
    private final AtomicInteger count = new AtomicInteger(1);
    private volatile boolean waiting;
    private volatile boolean granted;

    @Actor
    public void enqueue() {
        int before = count.getAndIncrement();
        Scene.pause();
        waiting = true;
        if (before == 0) {
            drain();
        }
    }

    @Actor
    public void leaveAndHandBack() {
        count.getAndDecrement();
        drain();
        tokens.incrementAndGet();
        if (count.get() > 0 && waiting) {
            drain();
        }
    }

    private void drain() {
        if (waiting && tokens.get() > 0 && tokens.getAndDecrement() > 0) {
            waiting = false;
            granted = true;
        }
    }

    @Arbiter
    public void look(II_Result r) {
        r.r1 = granted ? 1 : 0;
        r.r2 = waiting ? 1 : 0;
    }
}
