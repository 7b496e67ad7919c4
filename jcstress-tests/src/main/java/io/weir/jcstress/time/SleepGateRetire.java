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
 * I1 and I2 of {@link SleepGate}: a push while the owner steps down is the owner's, or a new owner's; never nobody's,
 * and never both's.
 */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Left alone, and the owner stays and saw it.")
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "The owner stays, and is woken.")
@Outcome(id = "2, 1", expect = Expect.ACCEPTABLE, desc = "The owner is gone, and another is started.")
@Outcome(expect = Expect.FORBIDDEN, desc = "No owner, or two.")
@State
public class SleepGateRetire {
    private final SleepGate gate = new SleepGate();
    private final MpscUnboundedAtomicArrayQueue<Object> queue = new MpscUnboundedAtomicArrayQueue<>(2);

    public SleepGateRetire() {
        gate.knock(0, 0); // somebody is awake
    }

    @Actor
    public void arm(II_Result r) {
        queue.offer(this);
        r.r1 = gate.knock(5, queue.currentProducerIndex());
    }

    @Actor
    public void retire(II_Result r) {
        if (gate.listen() && queue.relaxedPeek() == null && gate.retire()) {
            r.r2 = 1;
        } else {
            gate.rise();
        }
    }
}
