package io.weir.jcstress.bucket;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** {@link EnqueueVersusTimer} with a flag for the armed timer, which is cleared after the firing's drain. */
@JCStressTest
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "Both were granted.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A waiter whose timer was never armed.")
@State
public class EnqueueVersusTimerBrokenTwin {

    private final AtomicInteger waiting = new AtomicInteger(1);
    private final AtomicBoolean armed = new AtomicBoolean(true);
    private final AtomicInteger granted = new AtomicInteger();

    @Actor
    public void enqueue() {
        waiting.incrementAndGet();
        armed.set(true); // kept, if it is armed already
    }

    @Actor
    public void fire() {
        onTimer();
    }

    private void onTimer() {
        waiting.decrementAndGet();
        granted.incrementAndGet();
        boolean more = waiting.get() > 0;
        Scene.pause();
        armed.set(more);
    }

    @Arbiter
    public void look(III_Result r) {
        if (armed.get()) {
            onTimer();
        }
        r.r1 = granted.get() > 0 ? 1 : 0;
        r.r2 = granted.get() > 1 ? 1 : 0;
        r.r3 = waiting.get();
    }
}
