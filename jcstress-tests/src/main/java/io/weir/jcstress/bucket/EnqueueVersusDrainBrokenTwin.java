package io.weir.jcstress.bucket;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** {@link EnqueueVersusDrain} with a drain that is skipped while another one runs. */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "Granted.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The waiter hangs beside a free token.")
@State
public class EnqueueVersusDrainBrokenTwin {

    private final AtomicInteger tokens = new AtomicInteger();
    private final AtomicBoolean draining = new AtomicBoolean();
    private volatile boolean waiting;
    private volatile boolean granted;

    @Actor
    public void enqueue() {
        waiting = true;
        drain();
    }

    @Actor
    public void handBack() {
        tokens.incrementAndGet();
        drain();
    }

    private void drain() {
        if (draining.compareAndSet(false, true)) {
            if (waiting && tokens.get() > 0) {
                tokens.decrementAndGet();
                waiting = false;
                granted = true;
            }
            Scene.pause();
            draining.set(false);
        }
    }

    @Arbiter
    public void look(II_Result r) {
        r.r1 = granted ? 1 : 0;
        r.r2 = waiting ? 1 : 0;
    }
}
