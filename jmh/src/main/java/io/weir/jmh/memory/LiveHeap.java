package io.weir.jmh.memory;

import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.util.function.Supplier;

/** Weighs by what a full collection leaves: the only figure that counts everything, headers, gaps and tables included. */
final class LiveHeap {
    private LiveHeap() {}

    /** Bytes that are live now, after collecting until two collections in a row leave the same. */
    static long bytes() {
        long before = Long.MAX_VALUE;
        for (int i = 0; i < 10; i++) {
            System.gc();
            long now = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            if (Math.abs(before - now) < 4_096) {
                return now;
            }
            before = now;
        }
        return before;
    }

    /**
     * The bytes that something takes, a piece.
     *
     * @param pieces how many it is made of
     * @param make makes it
     */
    static double bytesEach(int pieces, Supplier<Object> make) {
        long before = bytes();
        Object made = make.get();
        try {
            return (double) (bytes() - before) / pieces;
        } finally {
            Reference.reachabilityFence(made);
        }
    }
}
