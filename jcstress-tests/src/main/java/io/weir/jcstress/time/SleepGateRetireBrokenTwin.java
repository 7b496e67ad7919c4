package io.weir.jcstress.time;

import java.util.concurrent.atomic.AtomicInteger;
import org.jctools.queues.atomic.MpscUnboundedAtomicArrayQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** {@link SleepGateRetire} with an owner that looks, and then steps down whatever has happened since. */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "Left alone, and the owner stays and saw it.")
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "The owner stays, and is woken.")
@Outcome(id = "2, 1", expect = Expect.ACCEPTABLE, desc = "The owner is gone, and another is started.")
@Outcome(expect = Expect.FORBIDDEN, desc = "No owner, or two.")
@State
public class SleepGateRetireBrokenTwin {
    private static final int NO_OWNER = 0;
    private static final int AWAKE = 1;
    private static final int LISTENING = 2;

    private final AtomicInteger state = new AtomicInteger(AWAKE);
    private final MpscUnboundedAtomicArrayQueue<Object> queue = new MpscUnboundedAtomicArrayQueue<>(2);

    @Actor
    public void arm(II_Result r) {
        queue.offer(this);
        if (state.compareAndSet(LISTENING, AWAKE)) {
            r.r1 = 1;
        } else if (state.compareAndSet(NO_OWNER, AWAKE)) {
            r.r1 = 2;
        }
    }

    @Actor
    public void retire(II_Result r) {
        state.set(LISTENING);
        if (queue.relaxedPeek() == null) {
            for (int i = 0; i < 1_000 && state.get() == LISTENING; i++) {
                Thread.onSpinWait(); // as if stopped here, so that few samples are enough
            }
            state.set(NO_OWNER);
            r.r2 = 1;
        } else {
            state.compareAndSet(LISTENING, AWAKE);
        }
    }
}
