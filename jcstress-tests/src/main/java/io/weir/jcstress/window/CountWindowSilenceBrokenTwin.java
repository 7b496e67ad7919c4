package io.weir.jcstress.window;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** {@link CountWindowSilence} with a silence that trusts a hint of where the head is. */
@JCStressTest
@Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The success came after the failure, which it pushed out.")
@Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "They were at the same time: the success after it.")
@Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "They were at the same time: the success before it.")
@Outcome(expect = FORBIDDEN, desc = "The success knew of the failure, and wrote nothing.")
@State
public class CountWindowSilenceBrokenTwin {
    private final AtomicInteger head = new AtomicInteger(1);
    private final int[] failures = new int[8];
    private int hint = 1;
    private volatile boolean failed;

    private void record(int failure) {
        int at = head.incrementAndGet();
        failures[at] = failure;
    }

    private void succeed() {
        if (failures[hint] != 0) {
            record(0);
        }
    }

    @Actor
    public void one() {
        record(1);
        failed = true;
    }

    @Actor
    public void other(II_Result r) {
        r.r1 = failed ? 1 : 0;
        succeed();
    }

    @Arbiter
    public void after(II_Result r) {
        record(1);
        hint = head.get();
        r.r2 = failures[hint] + failures[hint - 1] == 2 ? 1 : 0;
    }
}
