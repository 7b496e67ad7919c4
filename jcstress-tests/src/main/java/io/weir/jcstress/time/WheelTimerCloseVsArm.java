package io.weir.jcstress.time;

import io.weir.engine.time.TimerNode;
import io.weir.engine.time.TimerTask;
import io.weir.engine.time.WheelTimer;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * I1 of {@link WheelTimer}, I3 of its gate: a node whose arming races with a close is told exactly once, by whomever.
 */
@JCStressTest
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "Told once.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Lost, or told twice.")
@State
public class WheelTimerCloseVsArm implements TimerTask {
    /** What is lost stays so; what is late, as a new thread is on a busy machine, is not what this looks for. */
    private static final long GIVE_UP_NANOS = 60_000_000_000L;

    private final WheelTimer timer = new WheelTimer(System::nanoTime, "weir-timer-jcstress");
    private final AtomicInteger told = new AtomicInteger();

    @Override
    public void onTimer(TimerNode fired) {
        told.addAndGet(100);
    }

    @Override
    public void onTimerClosed(TimerNode aborted) {
        told.incrementAndGet();
    }

    @Actor
    public void arm() {
        timer.arm(new TimerNode(this, System.nanoTime() + 3_600_000_000_000L));
    }

    @Actor
    public void close() {
        timer.close();
    }

    @Arbiter
    public void look(I_Result r) {
        // If the arm started the thread, the thread tells; it may need some time to come up.
        long since = System.nanoTime();
        while (told.get() == 0 && System.nanoTime() - since < GIVE_UP_NANOS) {
            Thread.yield();
        }
        r.r1 = told.get();
    }
}
