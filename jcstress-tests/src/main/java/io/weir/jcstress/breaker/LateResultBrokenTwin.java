package io.weir.jcstress.breaker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * {@link LateResult} with a counter beside the generation number, checked first.
 */
@JCStressTest
@Outcome(id = "0", expect = ACCEPTABLE, desc = "The one failure since the reset leaves it closed.")
@Outcome(expect = FORBIDDEN, desc = "A failure from before the reset was counted after it.")
@State
public class LateResultBrokenTwin {
    private final AtomicInteger failures = new AtomicInteger();
    private volatile int generation;

    private void onFailure(int permit) {
        if (permit == generation) {
            failures.incrementAndGet();
        }
    }

    @Actor
    public void reports() {
        onFailure(0);
    }

    @Actor
    public void resets() {
        generation = 1;
        failures.set(0);
    }

    @Arbiter
    public void after(I_Result r) {
        onFailure(1);
        r.r1 = failures.get() >= 2 ? 1 : 0;
    }
}
