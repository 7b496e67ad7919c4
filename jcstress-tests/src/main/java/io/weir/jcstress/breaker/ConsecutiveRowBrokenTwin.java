package io.weir.jcstress.breaker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * {@link ConsecutiveRow} with a count that any success sets to 0.
 */
@JCStressTest
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The failure came first and opened it.")
@Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "The success came first and ended the row.")
@Outcome(expect = FORBIDDEN, desc = "It was seen closed after a success, and opened by a failure before that.")
@State
public class ConsecutiveRowBrokenTwin {
    private final AtomicInteger row = new AtomicInteger(1);
    private volatile int open;

    @Actor
    public void succeeds(II_Result r) {
        row.set(0);
        r.r1 = open;
    }

    @Actor
    public void fails() {
        if (row.incrementAndGet() >= 2) {
            open = 1;
        }
    }

    @Arbiter
    public void after(II_Result r) {
        r.r2 = open;
    }
}
