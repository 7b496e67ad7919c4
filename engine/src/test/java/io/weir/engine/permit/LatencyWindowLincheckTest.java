package io.weir.engine.permit;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** W1 and W2 of {@link LatencyWindow}: whatever the interleaving, one thread at a time closes a window, and each sample is in one. */
public class LatencyWindowLincheckTest {
    private final LatencyWindow window = new LatencyWindow(2, 1, 0);
    private final AtomicLong clock = new AtomicLong();
    private final AtomicInteger recorded = new AtomicInteger();
    private final AtomicInteger closing = new AtomicInteger();
    private final AtomicInteger violations = new AtomicInteger();
    private int samples; // the winner's, like a limit
    private int drops;

    public LatencyWindowLincheckTest() {} // explicit, as the module exports this package

    @Operation
    public void success() {
        window.success(256, 1);
        recorded.incrementAndGet();
    }

    @Operation
    public void dropped() {
        window.dropped(1);
        recorded.incrementAndGet();
    }

    @Operation
    public void close() {
        long now = clock.addAndGet(1_000);
        LimitWindow closed = window.closeIfDue(now);
        if (closed == null) {
            return;
        }
        if (closing.getAndIncrement() != 0) {
            violations.incrementAndGet();
        }
        samples += closed.samples();
        drops += closed.drops();
        if (closed.samples() > 0 && closed.averageRttNanos() != 256) {
            violations.incrementAndGet(); // W3
        }
        closing.decrementAndGet();
        window.reopen(now);
    }

    @Validate
    public void addsUp() {
        if (violations.get() != 0) {
            throw new AssertionError("W1 or W3: two winners, or an average of other samples");
        }
        if (samples + drops + window.samples() + window.drops() != recorded.get()) {
            throw new AssertionError("W2: " + samples + ", " + drops + ", " + window + ", recorded " + recorded);
        }
    }

    @Test
    void oneWinnerAndEachSampleOnce() {
        new ModelCheckingOptions()
                .iterations(30)
                .invocationsPerIteration(500)
                .threads(2)
                .actorsPerThread(3)
                .actorsBefore(2)
                .actorsAfter(0)
                .check(LatencyWindowLincheckTest.class);
    }
}
