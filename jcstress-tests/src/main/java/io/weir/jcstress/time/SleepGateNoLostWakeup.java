package io.weir.jcstress.time;

import io.weir.engine.time.internal.SleepGate;
import org.jctools.queues.atomic.MpscUnboundedAtomicArrayQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * I1 of {@link SleepGate}: a push with an early deadline while the owner goes to sleep is seen by the owner, or wakes
 * it.
 */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Left alone, and the owner saw it.")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "The owner slept, and is woken.")
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "The owner saw it, and gets an unpark that it doesn't need.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The owner sleeps, and nobody wakes it.")
@State
public class SleepGateNoLostWakeup {
    private final SleepGate gate = new SleepGate();
    private final MpscUnboundedAtomicArrayQueue<Object> queue = new MpscUnboundedAtomicArrayQueue<>(2);

    public SleepGateNoLostWakeup() {
        gate.knock(0, 0); // somebody is awake
    }

    @Actor
    public void arm(II_Result r) {
        queue.offer(this);
        r.r1 = gate.knock(5, queue.currentProducerIndex());
    }

    @Actor
    public void sleep(II_Result r) {
        r.r2 = gate.doze(10, 1_024) && queue.isEmpty() ? 1 : 0;
    }
}
