package io.weir.jcstress.breaker;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * {@link ConfigureOrClose} where whoever closes doesn't look at the configuration again.
 */
@JCStressTest
@Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "Closed, with the new detection.")
@Outcome(expect = FORBIDDEN, desc = "The old detection, which opens at the first failure.")
@State
public class ConfigureOrCloseBrokenTwin {
    private volatile int configured = 1;
    private volatile boolean closed;
    private volatile int threshold;

    @Actor
    public void closes() {
        threshold = configured;
        closed = true;
    }

    @Actor
    public void configures() {
        configured = 2;
        if (closed) {
            threshold = 2;
        }
    }

    @Arbiter
    public void after(II_Result r) {
        r.r1 = threshold <= 1 ? 1 : 0;
        r.r2 = 1;
    }
}
