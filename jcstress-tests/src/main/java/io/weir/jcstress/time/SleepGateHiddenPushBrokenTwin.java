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
 * {@link SleepGateHiddenPush} with an owner that dozes to its wheel's next deadline although the queue isn't empty.
 */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Left alone, and the owner saw both.")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "The owner slept, and is woken.")
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "The owner saw both, and gets an unpark that it doesn't need.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The owner sleeps over the hidden node's deadline.")
@State
public class SleepGateHiddenPushBrokenTwin {
    private static final long WHEEL_IS_DUE = 10;
    private static final long LATE = 100;

    private final SleepGate gate = new SleepGate();
    /**
     * The queue's first element: its index is taken, and it isn't there yet. A second one, due at 5, is behind it, its
     * knock is over.
     */
    private final AtomicReference<Object> first = new AtomicReference<>();

    public SleepGateHiddenPushBrokenTwin() {
        gate.knock(5, 2);
    }

    @Actor
    public void finishThePush(II_Result r) {
        first.setRelease(this);
        r.r1 = gate.knock(LATE, 2);
    }

    @Actor
    public void sleep(II_Result r) {
        r.r2 = gate.doze(WHEEL_IS_DUE, 1_024) && first.get() == null ? 1 : 0;
    }
}
