package io.weir.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.engine.testing.ManualTime;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.Test;

class TokenBucketAllocationTest {
    private static final int CALLS = 100_000;

    /** By reflection, as tests are compiled inside a module that doesn't read java.management. */
    private static long threadAllocatedBytes() {
        try {
            return (long) ALLOCATED.invokeExact(Thread.currentThread().getId());
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private static final MethodHandle ALLOCATED = counter();

    private static MethodHandle counter() {
        try {
            Object bean = Class.forName("java.lang.management.ManagementFactory")
                    .getMethod("getThreadMXBean")
                    .invoke(null);
            return MethodHandles.publicLookup()
                    .unreflect(Class.forName("com.sun.management.ThreadMXBean")
                            .getMethod("getThreadAllocatedBytes", long.class))
                    .bindTo(bean);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static long allocated(Runnable calls) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) { // the first also warms up
            long before = threadAllocatedBytes();
            calls.run();
            least = Math.min(least, threadAllocatedBytes() - before);
        }
        return least;
    }

    @Test
    void tryAcquireAllocatesNothingWhetherGrantedOrRefused() {
        for (double rate : new double[] {1e9, 1e-3}) {
            TokenBucket bucket = new TokenBucket(
                    SystemNanoClock.INSTANCE,
                    new ManualTime(0),
                    BucketConfig.builder().rate(rate).maxTokens(100).build());
            assertThat(allocated(() -> {
                        for (int i = 0; i < CALLS; i++) {
                            bucket.tryAcquire();
                            bucket.tryAcquire(2.5);
                            bucket.tryAcquireNanos(1);
                            bucket.tryAcquireNanos(1, System.nanoTime());
                            bucket.availableTokens();
                            bucket.estimatedWaitNanos(3);
                        }
                    }))
                    .as("bytes in %d calls at %s a second", CALLS, rate)
                    .isLessThan(1_024);
        }
    }

    @Test
    void aRefusalBehindALineAllocatesNothing() {
        TokenBucket bucket = new TokenBucket(
                SystemNanoClock.INSTANCE,
                new ManualTime(0),
                BucketConfig.builder().rate(1e-3).build());
        bucket.tryAcquire();
        bucket.acquire(new TestWaiter(1), Long.MAX_VALUE);
        assertThat(allocated(() -> {
                    for (int i = 0; i < CALLS; i++) {
                        bucket.tryAcquire();
                        bucket.tryAcquireNanos(1);
                    }
                }))
                .isLessThan(1_024);
    }
}
