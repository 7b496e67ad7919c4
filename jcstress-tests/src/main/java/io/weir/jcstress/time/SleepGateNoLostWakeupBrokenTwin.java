package io.weir.jcstress.time;

import org.jctools.queues.atomic.MpscUnboundedAtomicArrayQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** {@link SleepGateNoLostWakeup} with an owner that looks into the queue before it says that it sleeps. */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Left alone, and the owner saw it.")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "The owner slept, and is woken.")
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "The owner saw it, and gets an unpark that it doesn't need.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The owner sleeps, and nobody wakes it.")
@State
public class SleepGateNoLostWakeupBrokenTwin {
    private final MpscUnboundedAtomicArrayQueue<Object> queue = new MpscUnboundedAtomicArrayQueue<>(2);
    private volatile boolean asleep;

    @Actor
    public void arm(II_Result r) {
        queue.offer(this);
        r.r1 = asleep ? 1 : 0;
    }

    @Actor
    public void sleep(II_Result r) {
        if (queue.isEmpty()) {
            for (int i = 0; i < 1_000; i++) {
                Thread.onSpinWait(); // as if stopped here, so that few samples are enough
            }
            asleep = true;
            r.r2 = 1;
        }
    }
}
