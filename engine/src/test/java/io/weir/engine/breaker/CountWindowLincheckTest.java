package io.weir.engine.breaker;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/** W1, W2, W3, W4: a count window of 3 against a queue of the last 3, with the verdict of every recording. */
public class CountWindowLincheckTest {
    /** Scenarios of 500 schedules each. */
    private static final int ITERATIONS = Integer.getInteger("weir.lincheck.iterations", 4);

    private static final int SIZE = 3;
    private static final long SLOW = 100;
    private static final WindowLimits LIMITS = new WindowLimits(2, 0.6, SLOW, 1.0);

    private final CountWindow window = new CountWindow(SIZE, LIMITS);

    public CountWindowLincheckTest() {} // explicit, as the module exports this package

    @Operation
    public boolean success() {
        return window.onSuccess(SLOW - 1, () -> 0);
    }

    @Operation
    public boolean failure() {
        return window.onFailure(SLOW - 1, () -> 0);
    }

    @Operation
    public boolean slowSuccess() {
        return window.onSuccess(SLOW, () -> 0);
    }

    @Test
    void isLinearizable() {
        LincheckOptions.of(Model.class)
                .iterations(ITERATIONS)
                .actorsPerThread(3)
                .check(CountWindowLincheckTest.class);
    }

    /** The same from a full window of successes on, so that silence (W3) meets failures. */
    public static class Full {
        private final CountWindow window = new CountWindow(SIZE, LIMITS);

        public Full() {
            for (int i = 0; i < SIZE; i++) {
                window.onSuccess(1, () -> 0);
            }
        }

        @Operation
        public boolean success() {
            return window.onSuccess(1, () -> 0);
        }

        @Operation
        public boolean failure() {
            return window.onFailure(1, () -> 0);
        }
    }

    @Test
    void isLinearizableWhenItIsFullOfSuccesses() {
        LincheckOptions.of(FullModel.class)
                .iterations(ITERATIONS)
                .actorsPerThread(3)
                .check(Full.class);
    }

    /** The last three, one step at a time. */
    public static class Model {
        private final Deque<Integer> last = new ArrayDeque<>();
        private boolean tripped;

        public Model() {}

        public boolean success() {
            return record(0);
        }

        public boolean failure() {
            return record(1);
        }

        public boolean slowSuccess() {
            return record(2);
        }

        final boolean record(int outcome) {
            if (!tripped) {
                last.addLast(outcome);
                if (last.size() > SIZE) {
                    last.removeFirst();
                }
                tripped = last.size() >= LIMITS.minimumCalls
                        && (share(1) >= LIMITS.failureRate || share(2) >= LIMITS.slowCallRate);
            }
            return tripped;
        }

        private double share(int which) {
            return last.stream().filter(outcome -> outcome == which).count() / (double) last.size();
        }
    }

    /** As {@link Full} begins. */
    public static class FullModel extends Model {
        public FullModel() {
            for (int i = 0; i < SIZE; i++) {
                record(0);
            }
        }
    }
}
