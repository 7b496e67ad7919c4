package io.weir.engine.testing;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import org.jspecify.annotations.NullMarked;

/**
 * What this thread allocates, by {@code com.sun.management.ThreadMXBean}: by reflection, as tests are compiled inside a module that doesn't
 * read it.
 */
@NullMarked
public final class AllocationMeter {
    private static final MethodHandle ALLOCATED = counter();

    private AllocationMeter() {}

    /** The bytes of so many calls: the least of five rounds, the first of which warm up. */
    public static long leastBytes(int calls, Runnable call) {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long before = allocated();
            for (int i = 0; i < calls; i++) {
                call.run();
            }
            least = Math.min(least, allocated() - before);
        }
        return least;
    }

    private static long allocated() {
        try {
            return (long) ALLOCATED.invokeExact(Thread.currentThread().getId());
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

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
}
