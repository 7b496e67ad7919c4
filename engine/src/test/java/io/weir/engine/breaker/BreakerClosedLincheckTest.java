package io.weir.engine.breaker;

import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/**
 * D1, D2, B1, B2: a breaker that begins CLOSED, one failure short of its threshold of 2, outcomes of its first
 * generation's calls, and resets, against a model in plain sequential code. The clock stands, so OPEN stays.
 */
public class BreakerClosedLincheckTest {
    private static final int THRESHOLD = 2;

    private final Breaker breaker = new Breaker(
            new ScriptedClock(),
            BreakerConfig.builder()
                    .detection(DetectorConfig.consecutive(THRESHOLD))
                    .metrics(false)
                    .build());

    private final long first = breaker.tryAcquire();

    public BreakerClosedLincheckTest() {
        breaker.onFailure(first, -1);
    }

    @Operation
    public boolean acquire() {
        return breaker.tryAcquire() >= 0;
    }

    @Operation
    public void success() {
        breaker.onSuccess(first, -1);
    }

    @Operation
    public void failure() {
        breaker.onFailure(first, -1);
    }

    @Operation
    public BreakerState state() {
        return breaker.state();
    }

    @Operation
    public long transitions() {
        return breaker.latestTransition().number();
    }

    @Operation
    public void reset() {
        breaker.reset();
    }

    @Test
    void isLinearizable() {
        LincheckOptions.of(Model.class).check(BreakerClosedLincheckTest.class);
    }

    /** What the contract says, one step at a time. */
    public static class Model {
        private BreakerState state = BreakerState.CLOSED;
        private boolean firstGeneration = true;
        private int row = 1;
        private long transitions;

        public Model() {}

        public boolean acquire() {
            return state == BreakerState.CLOSED;
        }

        public void success() {
            row = 0;
        }

        public void failure() {
            if (firstGeneration && ++row == THRESHOLD) {
                go(BreakerState.OPEN);
            }
        }

        public BreakerState state() {
            return state;
        }

        public long transitions() {
            return transitions;
        }

        public void reset() {
            go(BreakerState.CLOSED);
        }

        private void go(BreakerState to) {
            state = to;
            firstGeneration = false;
            transitions++;
        }
    }
}
