package io.weir.jmh;

import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Checks that every contender gave the verdict that its benchmark is named after; a benchmark that measured something else fails. */
@State(Scope.Thread)
public class Verdicts {
    /** A prepaid token on its way may be overlooked, so "granted" allows for that many refusals an iteration; there are millions of calls. */
    private static final long ALLOWED = 100;

    private long wrong;

    /** Passes a verdict on that should be true. */
    boolean granted(boolean verdict) {
        if (!verdict) {
            wrong++;
        }
        return verdict;
    }

    /** Passes a verdict on that should be the one expected. */
    boolean as(boolean expected, boolean verdict) {
        return expected ? granted(verdict) : refused(verdict);
    }

    /** Passes a verdict on that should be false. */
    boolean refused(boolean verdict) {
        if (verdict) {
            wrong++;
        }
        return verdict;
    }

    /** Fails the benchmark if the verdicts were others than it is about. */
    @TearDown(Level.Iteration)
    public void check() {
        long found = wrong;
        wrong = 0;
        if (found > ALLOWED) {
            throw new IllegalStateException(found + " calls got another verdict than the benchmark is about");
        }
    }
}
