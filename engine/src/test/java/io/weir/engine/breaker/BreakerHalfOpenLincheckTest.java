package io.weir.engine.breaker;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/**
 * B1 to B4, T1, T2, T3, T5: a HALF_OPEN breaker that closes at 2 successes, with 3 slots, all claimed, 2 of them begun,
 * against a model in plain sequential code. Any thread takes any step for any of the three calls, so reports come
 * twice, late, and both at once. The clock stands.
 */
@Param(name = "call", gen = IntGen.class, conf = "0:2")
public class BreakerHalfOpenLincheckTest {
    private static final int CALLS = 3;

    private final ScriptedClock clock = new ScriptedClock();
    private final Breaker breaker = new Breaker(
            clock,
            BreakerConfig.builder()
                    .detection(DetectorConfig.consecutive(1))
                    .halfOpenMaxCalls(CALLS)
                    .halfOpenSuccessThreshold(2)
                    .recoveryNanos(10)
                    .metrics(false)
                    .build());
    private final long[] permits = new long[CALLS];

    public BreakerHalfOpenLincheckTest() {
        breaker.onFailure(breaker.tryAcquire(), -1);
        clock.advance(10);
        for (int i = 0; i < CALLS; i++) {
            permits[i] = breaker.tryAcquire();
        }
        breaker.begin(permits[0]);
        breaker.begin(permits[1]);
    }

    @Operation
    public boolean acquire() {
        return breaker.tryAcquire() >= 0;
    }

    @Operation
    public boolean begin(@Param(name = "call") int call) {
        return breaker.begin(permits[call]);
    }

    @Operation
    public void success(@Param(name = "call") int call) {
        breaker.onSuccess(permits[call], -1);
    }

    @Operation
    public void failure(@Param(name = "call") int call) {
        breaker.onFailure(permits[call], -1);
    }

    @Operation
    public void giveBack(@Param(name = "call") int call) {
        breaker.onExcluded(permits[call]);
    }

    @Operation
    public BreakerState state() {
        return breaker.state();
    }

    @Operation
    public void reset() {
        breaker.reset();
    }

    @Test
    void isLinearizable() {
        LincheckOptions.of(Model.class).check(BreakerHalfOpenLincheckTest.class);
    }

    /** What the contract says, one step at a time. */
    public static class Model {
        private enum Step {
            CLAIMED,
            RUNNING,
            FAILED, // for good: another attempt inside the call may begin, but no report moves it
            OVER
        }

        private final Step[] calls = {Step.RUNNING, Step.RUNNING, Step.CLAIMED};
        private BreakerState state = BreakerState.HALF_OPEN;
        private boolean theirs = true; // whether it is still the three calls' generation
        private int taken = CALLS;
        private int successes;

        public Model() {} // explicit, as the module exports this package

        public boolean acquire() {
            if (state == BreakerState.HALF_OPEN && taken < CALLS) {
                taken++;
                return true;
            }
            return state == BreakerState.CLOSED;
        }

        public boolean begin(int call) {
            if (calls[call] == Step.CLAIMED) {
                calls[call] = Step.RUNNING;
            }
            return calls[call] == Step.RUNNING || calls[call] == Step.FAILED;
        }

        public void success(int call) {
            if (end(call) && theirs && ++successes == 2) {
                go(BreakerState.CLOSED);
            }
        }

        public void failure(int call) {
            if (calls[call] != Step.RUNNING) {
                end(call);
                return;
            }
            calls[call] = Step.FAILED;
            if (theirs) {
                go(BreakerState.OPEN);
            }
        }

        public void giveBack(int call) {
            end(call);
        }

        public BreakerState state() {
            return state;
        }

        public void reset() {
            go(BreakerState.CLOSED);
        }

        /** Whether it had begun, and ends now; in its own past generation, too. */
        private boolean end(int call) {
            if (calls[call] == Step.OVER || calls[call] == Step.FAILED) {
                return false;
            }
            boolean begun = calls[call] == Step.RUNNING;
            calls[call] = Step.OVER;
            taken--;
            return begun;
        }

        private void go(BreakerState to) {
            state = to;
            theirs = false;
        }
    }
}
