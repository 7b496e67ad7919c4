package io.weir.jcstress.bucket;

import io.weir.engine.bucket.TokenBucket;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** B4 of {@link TokenBucket}: nobody is refused on a clock reading older than the word it judges. A token is in hand before, while and after another comes in and is taken. */
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Both got theirs.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Refused, though a token was there at every moment.")
@State
public class RefusalOnAnOldReading {

    private final Scene scene = new Scene();
    private final TokenBucket bucket = scene.bucket(2, 1);

    @Actor
    public void take(II_Result r) {
        long reading = scene.nanoTime();
        r.r1 = bucket.tryAcquireNanos(1, reading) == 0 ? 1 : 0;
    }

    @Actor
    public void refillAndTake(II_Result r) {
        scene.now = Scene.S;
        r.r2 = bucket.tryAcquire() ? 1 : 0;
    }
}
