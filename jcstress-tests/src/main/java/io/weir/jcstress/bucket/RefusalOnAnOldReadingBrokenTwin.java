package io.weir.jcstress.bucket;

import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** {@link RefusalOnAnOldReading} with a clock that is read before the word. */
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "Both got theirs.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Refused, though a token was there at every moment.")
@State
public class RefusalOnAnOldReadingBrokenTwin {

    private final AtomicLong arrival = new AtomicLong(-1); // of a bucket of 2
    private volatile long now;

    @Actor
    public void take(II_Result r) {
        r.r1 = tryAcquire();
    }

    @Actor
    public void refillAndTake(II_Result r) {
        now = 1;
        r.r2 = tryAcquire();
    }

    private int tryAcquire() {
        long reading = now;
        Scene.pause();
        while (true) {
            long seen = arrival.get();
            long left = Math.max(seen, reading - 2) + 1;
            if (left > reading) {
                return 0;
            }
            if (arrival.compareAndSet(seen, left)) {
                return 1;
            }
            Thread.onSpinWait();
        }
    }
}
