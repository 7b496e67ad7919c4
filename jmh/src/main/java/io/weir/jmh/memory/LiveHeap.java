package io.weir.jmh.memory;

import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.util.function.Supplier;

/** Weighs by what a full collection leaves: the only figure that counts everything, headers, gaps and tables included. */
final class LiveHeap {
    private LiveHeap() {}

    /**
     * The serial collector leaves dead objects where they are, up to a twentieth of the old generation, as moving what stands behind them isn't worth it: that is
     * 68 bytes for each of a million waiters, on 2 GB. Every fourth collection moves all the same, so the least of four is the truth.
     */
    private static final int ROUND = 4;

    private static final int MOST_ROUNDS = 5;
    private static final long SAME = 4_096;

    /** Bytes that are live now, after collecting until two rounds of collections leave the same. */
    static long bytes() {
        long before = round();
        for (int i = 1; i < MOST_ROUNDS; i++) {
            long now = round();
            if (Math.abs(before - now) < SAME) {
                return now;
            }
            before = now;
        }
        return before;
    }

    private static long round() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < ROUND; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
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
