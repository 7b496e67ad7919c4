package io.weir.executor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.weir.AsyncCall;
import io.weir.CallOptions;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a call costs in bytes that finds tokens and a slot, and ends at once. */
class ExecutorAllocationTest {
    private static final int CALLS = 100_000;

    private static double bytesPerCall(Runnable once) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long before = threads.getThreadAllocatedBytes(self);
            for (int i = 0; i < CALLS; i++) {
                once.run();
            }
            least = Math.min(least, threads.getThreadAllocatedBytes(self) - before);
        }
        return (double) least / CALLS;
    }

    @Test
    void anAsynchronousCallAllocatesItsFutureOnly() {
        CompletableFuture<Integer> done = CompletableFuture.completedFuture(7);
        AsyncCall<Integer> call = () -> done;
        RateLimitedExecutor one = RateLimitedExecutor.of("x", 1e9, 5);
        assertThat(bytesPerCall(() -> one.execute(call))).isLessThan(25);
        RateLimitedExecutor keyed = RateLimitedExecutor.builder("y")
                .endpointRateLimiting(true)
                .rate(2e8)
                .maxConcurrency(5)
                .build();
        CallOptions key = CallOptions.key("z");
        assertThat(bytesPerCall(() -> keyed.execute(key, call))).isLessThan(25);
    }
}
