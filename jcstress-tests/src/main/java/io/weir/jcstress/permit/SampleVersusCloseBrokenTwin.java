package io.weir.jcstress.permit;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IZZ_Result;

/** {@link SampleVersusClose} with a count and a sum in words of their own, each read and then reset. */
@JCStressTest
@Outcome(id = "3, true, true", expect = Expect.ACCEPTABLE, desc = "Each sample is in one window, with its latency.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A sample was counted twice, or lost, or an average is of other samples.")
@State
public class SampleVersusCloseBrokenTwin {
    private static final int RTT = 256;

    private final AtomicInteger count = new AtomicInteger(1);
    private final AtomicInteger sum = new AtomicInteger(RTT);
    private int samples;
    private boolean averages = true;

    private void take() {
        int taken = count.get();
        int latency = sum.get();
        Stopped.forAMoment();
        count.set(0);
        sum.set(0);
        samples += taken;
        averages &= taken == 0 || latency == taken * RTT;
    }

    @Actor
    public void record() {
        for (int i = 0; i < 2; i++) {
            count.incrementAndGet();
            Stopped.forAMoment();
            sum.addAndGet(RTT);
        }
    }

    @Actor
    public void close() {
        take();
    }

    @Arbiter
    public void look(IZZ_Result r) {
        take();
        r.r1 = samples;
        r.r2 = averages;
        r.r3 = count.get() == 0;
    }
}
