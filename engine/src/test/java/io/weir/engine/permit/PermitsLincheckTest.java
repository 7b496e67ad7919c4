package io.weir.engine.permit;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/** P1 and P2 of {@link Permits}, without a line: take, give, resize and close against a model in plain sequential code. */
@Param(name = "limit", gen = IntGen.class, conf = "1:3")
public class PermitsLincheckTest {
    private final Permits permits = new Permits(() -> 0, new NoTimer(), 1, 0);

    public PermitsLincheckTest() {} // explicit, as the module exports this package

    @Operation
    public boolean tryAcquire() {
        return permits.tryAcquire();
    }

    @Operation
    public void release() {
        permits.release();
    }

    @Operation
    public void resize(@Param(name = "limit") int limit) {
        permits.resize(limit);
    }

    @Operation
    public int inUse() {
        return permits.inUse();
    }

    @Operation
    public int limit() {
        return permits.limit();
    }

    @Operation(runOnce = true)
    public void close() {
        permits.close();
    }

    @Test
    void isLinearizable() {
        new ModelCheckingOptions()
                .iterations(20)
                .invocationsPerIteration(500)
                .threads(2)
                .actorsPerThread(4)
                .actorsBefore(1)
                .actorsAfter(2)
                .checkObstructionFreedom(true)
                .sequentialSpecification(Model.class)
                .check(PermitsLincheckTest.class);
    }

    /** What is promised, one step at a time. */
    public static class Model {
        private int limit = 1;
        private int inUse;
        private boolean closed;

        public Model() {}

        public boolean tryAcquire() {
            requireOpen();
            if (inUse >= limit) {
                return false;
            }
            inUse++;
            return true;
        }

        public void release() {
            if (inUse == 0) {
                throw new IllegalStateException();
            }
            inUse--;
        }

        public void resize(int limit) {
            requireOpen();
            this.limit = limit;
        }

        public int inUse() {
            return inUse;
        }

        public int limit() {
            return limit;
        }

        public void close() {
            closed = true;
        }

        private void requireOpen() {
            if (closed) {
                throw new IllegalStateException();
            }
        }
    }
}
