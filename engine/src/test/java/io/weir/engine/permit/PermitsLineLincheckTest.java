package io.weir.engine.permit;

import io.weir.engine.bucket.Waiter;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/**
 * P2 and P3 of {@link Permits}, with a line. Who is granted may be told late, by another thread, so no order of the calls' results is asked
 * for; when all threads have come to rest, permits and waiters must add up, and nobody may wait while a permit is free.
 */
@Param(name = "limit", gen = IntGen.class, conf = "1:2")
public class PermitsLineLincheckTest {
    private final Permits permits = new Permits(() -> 0, new NoTimer(), 1, 10);
    private final AtomicInteger held = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicReference<InLine> latest = new AtomicReference<>();

    public PermitsLineLincheckTest() {} // explicit, as the module exports this package

    private final class InLine extends Waiter {
        InLine() {
            super(1);
        }

        @Override
        protected void onEnd(End end) {
            waiting.decrementAndGet();
            if (end == End.GRANTED) {
                held.incrementAndGet();
            }
        }
    }

    @Operation
    public void tryAcquire() {
        if (permits.tryAcquire()) {
            held.incrementAndGet();
        }
    }

    @Operation
    public void acquire() {
        InLine waiter = new InLine();
        waiting.incrementAndGet();
        if (permits.acquire(waiter, Long.MAX_VALUE) == 0) {
            waiting.decrementAndGet();
            held.incrementAndGet();
        } else {
            latest.set(waiter);
        }
    }

    @Operation
    public void cancel() {
        InLine waiter = latest.getAndSet(null);
        if (waiter != null && permits.cancel(waiter)) {
            waiting.decrementAndGet();
        }
    }

    @Operation
    public void release() {
        if (held.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
            permits.release();
        }
    }

    @Operation
    public void resize(@Param(name = "limit") int limit) {
        permits.resize(limit);
    }

    @Validate
    public void addsUp() {
        if (permits.inUse() != held.get()) {
            throw new AssertionError("P2: " + permits + ", held " + held);
        }
        if (permits.waiters() != waiting.get()) {
            throw new AssertionError("L4: " + permits + ", waiting " + waiting);
        }
        if (permits.waiters() > 0 && permits.inUse() < permits.limit()) {
            throw new AssertionError("P3: " + permits);
        }
    }

    @Test
    void nobodyIsLostAndNothingLeaks() {
        new ModelCheckingOptions()
                .iterations(30)
                .invocationsPerIteration(500)
                .threads(2)
                .actorsPerThread(3)
                .actorsBefore(2)
                .actorsAfter(0)
                .check(PermitsLineLincheckTest.class);
    }
}
