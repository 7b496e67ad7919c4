package io.weir.jcstress.permit;

import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZII_Result;

/** {@link ReleaseVersusResize} with a resize that writes the word back as it was read, but for the limit. */
@JCStressTest
@Outcome(id = "true, 2, 1", expect = Expect.ACCEPTABLE, desc = "Released and taken again, then lowered.")
@Outcome(id = "false, 1, 1", expect = Expect.ACCEPTABLE, desc = "Lowered before it could be taken again.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A permit above the limit, one lost, or a resize lost.")
@State
public class ReleaseVersusResizeBrokenTwin {
    private final AtomicLong word = new AtomicLong(2L << 32 | 2);

    @Actor
    public void replace(ZII_Result r) {
        word.decrementAndGet();
        Stopped.forAMoment();
        long seen = word.get();
        r.r1 = (int) seen < (int) (seen >>> 32) && word.compareAndSet(seen, seen + 1);
    }

    @Actor
    public void lower() {
        long seen = word.get();
        Stopped.forAMoment();
        word.set(1L << 32 | (int) seen);
    }

    @Arbiter
    public void look(ZII_Result r) {
        r.r2 = (int) word.get();
        r.r3 = (int) (word.get() >>> 32);
    }
}
