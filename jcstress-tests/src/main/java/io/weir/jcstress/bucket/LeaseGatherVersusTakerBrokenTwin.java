package io.weir.jcstress.bucket;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * {@link LeaseGatherVersusTaker} with a request for all that sums the stripes and then empties them.
 */
@JCStressTest
@Outcome(id = "1, 0, 0", expect = Expect.ACCEPTABLE, desc = "All of it to the large request.")
@Outcome(id = "0, 1, 1023", expect = Expect.ACCEPTABLE, desc = "One token was gone already.")
@Outcome(expect = Expect.FORBIDDEN, desc = "More granted than there was, or tokens lost.")
@State
public class LeaseGatherVersusTakerBrokenTwin {
    private static final int STRIPES = 4;

    private final AtomicInteger word = new AtomicInteger(StripedBucket.CAPACITY - STRIPES);
    private final AtomicIntegerArray stripes = new AtomicIntegerArray(new int[] {1, 1, 1, 1});

    @Actor
    public void takeAll(III_Result r) {
        int sum = word.get();
        for (int i = 0; i < STRIPES; i++) {
            sum += stripes.get(i);
        }
        if (sum == StripedBucket.CAPACITY) {
            word.set(0);
            for (int i = 0; i < STRIPES; i++) {
                stripes.set(i, 0);
            }
            r.r1 = 1;
        }
    }

    @Actor
    public void takeOne(III_Result r) {
        r.r2 = stripes.compareAndSet(1, 1, 0) ? 1 : 0;
    }

    @Arbiter
    public void left(III_Result r) {
        r.r3 = word.get();
        for (int i = 0; i < STRIPES; i++) {
            r.r3 += stripes.get(i);
        }
    }
}
