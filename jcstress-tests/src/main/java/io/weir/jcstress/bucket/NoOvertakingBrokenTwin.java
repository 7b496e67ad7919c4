package io.weir.jcstress.bucket;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** {@link NoOvertaking} with an owner who takes the newcomers by swapping in null, so that nobody seems to wait until it leaves. */
@JCStressTest
@Outcome(id = "0, 1, 0", expect = Expect.ACCEPTABLE, desc = "The waiter got it.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Overtaken, or not granted.")
@State
public class NoOvertakingBrokenTwin {

    private static final Object NOBODY = new Object();

    private final AtomicReference<Object> head = new AtomicReference<>(NOBODY);
    private final AtomicInteger wip = new AtomicInteger();
    private final AtomicInteger tokens = new AtomicInteger();
    private volatile boolean granted;
    private boolean inLine; // the owner's

    @Actor
    public void enqueueAndTake(III_Result r) {
        head.set(this);
        drain();
        Scene.pause();
        tokens.set(1);
        r.r1 = head.get() == NOBODY && tokens.getAndUpdate(n -> Math.max(0, n - 1)) > 0 ? 1 : 0;
    }

    @Actor
    public void drainToo() {
        drain();
    }

    private void drain() {
        if (wip.getAndIncrement() != 0) {
            return;
        }
        int missed = 1;
        while (missed != 0) {
            inLine |= head.getAndSet(NOBODY) != NOBODY;
            Scene.pause();
            if (inLine && tokens.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                inLine = false;
                granted = true;
            }
            if (inLine) {
                head.compareAndSet(NOBODY, this);
            }
            missed = wip.addAndGet(-missed);
        }
    }

    @Arbiter
    public void look(III_Result r) {
        drain();
        r.r2 = granted ? 1 : 0;
        r.r3 = inLine ? 1 : 0;
    }
}
