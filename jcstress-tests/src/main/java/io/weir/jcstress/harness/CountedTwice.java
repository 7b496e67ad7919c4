package io.weir.jcstress.harness;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/** Two atomic increments of one word are both counted. Its twin is {@link CountedTwiceBrokenTwin}. */
@JCStressTest
@Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "Both increments counted.")
@Outcome(expect = Expect.FORBIDDEN, desc = "An increment was lost.")
@State
public class CountedTwice {
    private static final VarHandle WORD;

    static {
        try {
            WORD = MethodHandles.lookup().findVarHandle(CountedTwice.class, "word", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long word;

    @Actor
    public void one() {
        WORD.getAndAdd(this, 1L);
    }

    @Actor
    public void other() {
        WORD.getAndAdd(this, 1L);
    }

    @Arbiter
    public void total(J_Result r) {
        r.r1 = word;
    }
}
