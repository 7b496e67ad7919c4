package io.weir.jcstress.time;

import io.weir.engine.time.internal.SleepGate;
import java.util.concurrent.atomic.AtomicReference;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * I1 of {@link SleepGate}: a push that was stopped half-way and hides an earlier deadline behind it, whose producer
 * found the owner awake, wakes the owner when it is finished, though its own deadline is late.
 */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Left alone, and the owner saw both.")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "The owner slept, and is woken.")
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "The owner saw both, and gets an unpark that it doesn't need.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The owner sleeps over the hidden node's deadline.")
@State
public class SleepGateHiddenPush {
    private static final long LATE = 100;

    private final SleepGate gate = new SleepGate();
    /**
     * The queue's first element: its index is taken, and it isn't there yet. A second one, due at 5, is behind it, its
     * knock is over.
     */
    private final AtomicReference<Object> first = new AtomicReference<>();

    public SleepGateHiddenPush() {
        gate.knock(5, 2);
    }

    @Actor
    public void finishThePush(II_Result r) {
        first.setRelease(this);
        r.r1 = gate.knock(LATE, 2);
    }

    @Actor
    public void sleep(II_Result r) {
        r.r2 = gate.listen() && first.get() == null ? 1 : 0;
    }
}
