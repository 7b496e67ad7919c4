package io.weir.engine.bucket;

import org.jspecify.annotations.Nullable;

/**
 * Whether a bucket keeps prepaid tokens in stripes, how many stripes, and how much each may hold. See docs/decisions/0004-leases.md.
 *
 * @param stripes the most stripes, a power of two; 0 for none
 * @param shareTokens the most that one may hold, in tokens; 0 to go by the capacity
 */
record Leases(int stripes, double shareTokens) {

    /** By the capacity: none below {@link #LEAST_CAPACITY}. */
    static final Leases BY_CAPACITY = new Leases(stripesFor(Runtime.getRuntime().availableProcessors()), 0);

    /** The exact word alone. */
    static final Leases NONE = new Leases(0, 0);

    /** The capacity, in tokens, from which a bucket has stripes; the same on every machine. */
    static final double LEAST_CAPACITY = 1_024;

    private static final int LEAST_SHARE = 8; // tokens: what makes a lease worth its two writes
    private static final int PART_OF_CAPACITY = 16; // all stripes together hold this part of it
    private static final int FEWEST_STRIPES = 4; // two threads with consecutive ids never meet in one of four
    private static final int MOST_STRIPES = 64;

    Leases {
        if (stripes < 0 || stripes > MOST_STRIPES || Integer.bitCount(stripes) > 1) {
            throw new IllegalArgumentException(
                    "stripes is " + stripes + "; it must be a power of two up to " + MOST_STRIPES + ", or 0");
        }
    }

    private static int stripesFor(int processors) {
        int wanted = Math.max(FEWEST_STRIPES, Math.min(MOST_STRIPES, processors));
        return Integer.highestOneBit(2 * wanted - 1);
    }

    /** The stripes of a bucket, empty; null if it shall have none. */
    @Nullable
    Stripes stripesOf(BucketConfig config, Ticks ticks) {
        if (stripes == 0) {
            return null;
        }
        if (shareTokens > 0) {
            long share = ticks.level(shareTokens);
            return share > 0 && share < ticks.burst / stripes
                    ? new Stripes(stripes, share << 1, ticks.cost(1) << 1)
                    : null;
        }
        if (config.maxTokens() < LEAST_CAPACITY) {
            return null;
        }
        long all = ticks.burst / PART_OF_CAPACITY;
        int count = stripes;
        while (all / count < ticks.cost(LEAST_SHARE)) { // 8 stripes at the least capacity, so never 0
            count >>= 1;
        }
        return new Stripes(count, all / count << 1, ticks.cost(1) << 1);
    }
}
