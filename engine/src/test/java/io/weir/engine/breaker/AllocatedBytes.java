package io.weir.engine.breaker;

import java.lang.reflect.Method;

/**
 * What this thread has allocated, by {@code com.sun.management.ThreadMXBean}: by reflection, as the tests are compiled
 * beside the module descriptor, which doesn't read that module.
 */
final class AllocatedBytes {
    private final Object threads;
    private final Method allocatedBytes;

    AllocatedBytes() {
        try {
            threads = Class.forName("java.lang.management.ManagementFactory")
                    .getMethod("getThreadMXBean")
                    .invoke(null);
            allocatedBytes =
                    Class.forName("com.sun.management.ThreadMXBean").getMethod("getThreadAllocatedBytes", long.class);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * The least of five rounds of so many calls: the first ones warm up, and a stray allocation can't hit all of the
     * rest.
     */
    long least(int calls, Runnable call) {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long before = now();
            for (int i = 0; i < calls; i++) {
                call.run();
            }
            least = Math.min(least, now() - before);
        }
        return least;
    }

    private long now() {
        try {
            return (long) allocatedBytes.invoke(threads, Thread.currentThread().getId());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
