package io.weir.jcstress.permit;

import io.weir.engine.permit.LatencyWindow;
import io.weir.engine.permit.LimitWindow;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IZZ_Result;

/**
 * W2 and W3 of {@link LatencyWindow}: samples recorded while a window is closed go into it or into the next, each once, count and latency together.
 */
@JCStressTest
@Outcome(id = "3, true, true", expect = Expect.ACCEPTABLE, desc = "Each sample is in one window, with its latency.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A sample was counted twice, or lost, or an average is of other samples.")
@State
public class SampleVersusClose {
    private static final int RTT = 256;

    private final LatencyWindow window = new LatencyWindow(2, 1, 0);
    private int samples;
    private boolean averages = true;

    public SampleVersusClose() {
        window.success(RTT, 1);
    }

    private void close(long now) {
        LimitWindow closed = window.closeIfDue(now);
        if (closed != null) {
            samples += closed.samples();
            averages &= closed.samples() == 0 || closed.averageRttNanos() == RTT;
            window.reopen(now);
        }
    }

    @Actor
    public void record() {
        window.success(RTT, 1);
        window.success(RTT, 1);
    }

    @Actor
    public void close() {
        close(1_000_000);
    }

    @Arbiter
    public void look(IZZ_Result r) {
        close(2_000_000);
        r.r1 = samples;
        r.r2 = averages;
        r.r3 = window.samples() == 0;
    }
}
