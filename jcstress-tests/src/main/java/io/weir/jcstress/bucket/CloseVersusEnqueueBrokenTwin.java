package io.weir.jcstress.bucket;

import java.util.concurrent.atomic.AtomicBoolean;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** {@link CloseVersusEnqueue} with a newcomer who looks whether it is closed before the push only. */
@JCStressTest
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "Refused.")
@Outcome(id = "0, 1, 0", expect = Expect.ACCEPTABLE, desc = "Failed.")
@Outcome(expect = Expect.FORBIDDEN, desc = "It hangs, or was told twice.")
@State
public class CloseVersusEnqueueBrokenTwin {

    private final AtomicBoolean waiting = new AtomicBoolean();
    private volatile boolean closed;
    private int refused;
    private volatile int failed;

    @Actor
    public void enqueue() {
        if (closed) {
            refused = 1;
            return;
        }
        Scene.pause();
        waiting.set(true);
    }

    @Actor
    public void close() {
        closed = true;
        if (waiting.getAndSet(false)) {
            failed = 1;
        }
    }

    @Arbiter
    public void look(III_Result r) {
        r.r1 = refused;
        r.r2 = failed;
        r.r3 = waiting.get() ? 1 : 0;
    }
}
