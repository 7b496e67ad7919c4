package io.weir.jcstress.bucket;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** {@link TimeoutVersusGrant} with an end that is read and then written. */
@JCStressTest
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "Granted.")
@Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "Timed out; the token is there.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Both, neither, or a token lost or taken twice.")
@State
public class TimeoutVersusGrantBrokenTwin {

    private final AtomicInteger tokens = new AtomicInteger(1);
    private volatile boolean waiting = true;
    private int granted;
    private int failed;

    @Actor
    public void grant() {
        if (waiting) {
            Scene.pause();
            waiting = false;
            tokens.decrementAndGet();
            granted = 1;
        }
    }

    @Actor
    public void timeout() {
        if (waiting) {
            Scene.pause();
            waiting = false;
            failed = 1;
        }
    }

    @Arbiter
    public void look(III_Result r) {
        r.r1 = granted;
        r.r2 = failed;
        r.r3 = tokens.get();
    }
}
