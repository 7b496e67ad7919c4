package io.weir.engine.breaker;

import java.util.ArrayList;
import java.util.List;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.junit.jupiter.api.Test;

/**
 * B1 to B4, T1, T2, T3: a HALF_OPEN breaker with 2 slots, that closes at 2 successes, and each thread's trials in all
 * their steps, against a model in plain sequential code. The clock stands. Each thread reports its latest permit,
 * whatever became of that, so reports come twice and late, too.
 */
@Param(name = "thread", gen = ThreadIdGen.class)
public class BreakerHalfOpenLincheckTest {
    private static final int THREADS = 4;

    private final ScriptedClock clock = new ScriptedClock();
    private final Breaker breaker = new Breaker(
            clock,
            BreakerConfig.builder()
                    .detection(DetectorConfig.consecutive(1))
                    .halfOpenMaxCalls(2)
                    .halfOpenSuccessThreshold(2)
                    .recoveryNanos(10)
                    .metrics(false)
                    .build());
    private final long[] latest = new long[THREADS];

    public BreakerHalfOpenLincheckTest() {
        breaker.onFailure(breaker.tryAcquire(), -1);
        clock.advance(10);
        breaker.release(breaker.tryAcquire());
    }

    @Operation
    public boolean acquire(@Param(name = "thread") int thread) {
        long permit = breaker.tryAcquire();
        if (permit >= 0) {
            latest[thread] = permit;
        }
        return permit >= 0;
    }

    @Operation
    public boolean begin(@Param(name = "thread") int thread) {
        return breaker.begin(latest[thread]);
    }

    @Operation
    public void success(@Param(name = "thread") int thread) {
        breaker.onSuccess(latest[thread], -1);
    }

    @Operation
    public void failure(@Param(name = "thread") int thread) {
        breaker.onFailure(latest[thread], -1);
    }

    @Operation
    public void giveBack(@Param(name = "thread") int thread) {
        breaker.onExcluded(latest[thread]);
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
            OVER
        }

        private static final class Call {
            final int generation;
            final boolean trial;
            Step step = Step.CLAIMED;

            Call(int generation, boolean trial) {
                this.generation = generation;
                this.trial = trial;
            }
        }

        private final Call[] latest = new Call[THREADS];
        private final List<Call> slots = new ArrayList<>();
        private BreakerState state = BreakerState.HALF_OPEN;
        private int generation;
        private int successes;

        public Model() {} // explicit, as the module exports this package

        public boolean acquire(int thread) {
            if (state == BreakerState.OPEN || (state == BreakerState.HALF_OPEN && slots.size() == 2)) {
                return false;
            }
            latest[thread] = new Call(generation, state == BreakerState.HALF_OPEN);
            if (state == BreakerState.HALF_OPEN) {
                slots.add(latest[thread]);
            }
            return true;
        }

        public boolean begin(int thread) {
            Call call = latest[thread];
            if (call == null || !call.trial) {
                return true; // before its first acquire a thread holds permit 0, which is no trial's
            }
            if (call.step == Step.CLAIMED) {
                call.step = Step.RUNNING;
            }
            return call.step == Step.RUNNING;
        }

        public void success(int thread) {
            Call call = own(thread);
            if (call != null && call.trial && end(call) && ++successes == 2) {
                go(BreakerState.CLOSED);
            }
        }

        public void failure(int thread) {
            Call call = own(thread);
            if (call == null) {
                return;
            }
            if (!call.trial) {
                go(BreakerState.OPEN);
            } else if (call.step == Step.RUNNING) {
                go(BreakerState.OPEN); // it stays RUNNING: an attempt inside the call may go on
            } else {
                end(call);
            }
        }

        public void giveBack(int thread) {
            Call call = own(thread);
            if (call != null && call.trial) {
                end(call);
            }
        }

        public BreakerState state() {
            return state;
        }

        public void reset() {
            go(BreakerState.CLOSED);
        }

        private Call own(int thread) {
            Call call = latest[thread];
            return call != null && call.generation == generation && call.step != Step.OVER ? call : null;
        }

        /** Whether it had begun. */
        private boolean end(Call call) {
            boolean begun = call.step == Step.RUNNING;
            call.step = Step.OVER;
            slots.remove(call);
            return begun;
        }

        private void go(BreakerState to) {
            state = to;
            generation++;
            slots.clear();
            successes = 0;
        }
    }
}
