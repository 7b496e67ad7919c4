package io.weir.engine.breaker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.agrona.concurrent.NanoClock;

/** Trips at a number of failures in a row. */
final class ConsecutiveDetector extends FailureDetector {
    /*
     * One word: the failures in a row. From the threshold on it is final (D1): a failure leaves it and a success may
     * not clear it. With a plain store of 0 here, a success could clear a row whose last failure has decided to open,
     * but has not yet done so; calls that then see a closed breaker, and after them the opening, fit no order of these
     * outcomes.
     *
     * D2: the row is the number of failures since the last success, in one order of all recordings (each is one atomic
     * step of the word). Broken by: ConsecutiveRowBrokenTwin; looked for by ConsecutiveRow (jcstress) and
     * BreakerClosedLincheckTest.
     *
     * While no failure is outstanding a success only reads, so the word stays shared in every core's cache.
     */
    private static final VarHandle ROW;

    static {
        try {
            ROW = MethodHandles.lookup().findVarHandle(ConsecutiveDetector.class, "row", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int threshold;

    @SuppressWarnings("unused") // through ROW
    private int row;

    ConsecutiveDetector(int threshold) {
        this.threshold = threshold;
    }

    @Override
    boolean onSuccess(long durationNanos, NanoClock clock) {
        // Opaque: the word publishes nothing but itself, and coherence of one location is all that its order needs.
        int seen = (int) ROW.getOpaque(this);
        return seen != 0 && endRow(seen);
    }

    private boolean endRow(int first) {
        int seen = first;
        while (seen != 0 && seen < threshold) {
            // Volatile, not weaker: the row has ended for everybody before this call returns.
            int witness = (int) ROW.compareAndExchange(this, seen, 0);
            if (witness == seen) {
                return false;
            }
            seen = witness;
            Thread.onSpinWait();
        }
        return seen >= threshold;
    }

    @Override
    boolean onFailure(long durationNanos, NanoClock clock) {
        int seen = (int) ROW.getOpaque(this);
        while (seen < threshold) {
            int witness = (int) ROW.compareAndExchange(this, seen, seen + 1); // volatile for the same reason
            if (witness == seen) {
                return seen + 1 == threshold;
            }
            seen = witness;
            Thread.onSpinWait();
        }
        return true;
    }
}
