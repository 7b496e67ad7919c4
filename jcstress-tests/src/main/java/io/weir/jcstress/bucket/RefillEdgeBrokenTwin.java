package io.weir.jcstress.bucket;

import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** {@link RefillEdge} with a level and the time of its last refill in two words. */
@JCStressTest
@Outcome(id = "2, 0", expect = Expect.ACCEPTABLE, desc = "The token in hand and the one that came in.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A token came in twice, or was lost.")
@State
public class RefillEdgeBrokenTwin {

    private final AtomicLong level = new AtomicLong(1);
    private volatile long now;
    private volatile long last;
    private int mine;
    private int theirs;

    @Actor
    public void refill() {
        now = 1;
        mine = tryAcquire();
    }

    @Actor
    public void take() {
        theirs = tryAcquire() + tryAcquire();
    }

    @Arbiter
    public void look(II_Result r) {
        r.r1 = mine + theirs;
        r.r2 = tryAcquire();
    }

    private int tryAcquire() {
        long reading = now;
        long gained = reading - last;
        Scene.pause();
        last = reading;
        level.getAndAdd(gained);
        return level.getAndUpdate(n -> Math.max(0, n - 1)) > 0 ? 1 : 0;
    }
}
