package io.weir.engine.bucket;

import io.weir.engine.time.Timer;
import io.weir.engine.time.TimerNode;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/**
 * L7 of {@link WaiterLine}: a line of one place, which is taken, against a counter. Whoever is refused has found it taken by a caller who stands in line,
 * not by another who is refused.
 */
public class WaiterLineBoundLincheckTest {
    private static final Timer NEVER = new Timer() {
        @Override
        public void arm(TimerNode node) {}

        @Override
        public boolean cancel(TimerNode node) {
            return node.tryCancel();
        }

        @Override
        public void close() {}
    };

    private final TokenBucket bucket = new TokenBucket(
            () -> 0,
            NEVER,
            BucketConfig.builder().rate(1).initialTokens(0).maxWaiters(1).build());
    private final TestWaiter first = new TestWaiter(1);

    public WaiterLineBoundLincheckTest() { // explicit, as the module exports this package
        bucket.acquire(first, Long.MAX_VALUE);
    }

    @Operation
    public boolean acquire() {
        return bucket.acquire(new TestWaiter(1), Long.MAX_VALUE) == TokenBucket.QUEUED;
    }

    @Operation(runOnce = true)
    public boolean cancelTheFirst() {
        return bucket.cancel(first);
    }

    @Test
    void whoeverIsRefusedHasFoundTheLineFull() {
        new ModelCheckingOptions()
                .iterations(4)
                .invocationsPerIteration(100)
                .threads(2)
                .actorsPerThread(2)
                .actorsBefore(0)
                .actorsAfter(1)
                .sequentialSpecification(Model.class)
                .check(WaiterLineBoundLincheckTest.class);
    }

    /** What is promised, one step at a time. */
    public static class Model {
        private int waiting = 1;

        public Model() {}

        public boolean acquire() {
            return waiting < 1 && ++waiting > 0;
        }

        public boolean cancelTheFirst() {
            waiting--;
            return true;
        }
    }
}
