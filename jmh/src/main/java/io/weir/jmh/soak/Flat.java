package io.weir.jmh.soak;

import java.util.Arrays;
import java.util.List;

/** Whether memory is flat: the live heap of the last checkpoints against that of those before, the first ones left out, which warm up. */
final class Flat {
    /**
     * What a live heap differs by, of one moment and another, when nothing leaks: calls under way, what the JVM itself keeps. In five
     * minutes that is less than a byte a call.
     */
    private static final long MAY_DIFFER = 4 << 20;

    private static final double MAY_DIFFER_SHARE = 0.05;

    private Flat() {}

    /**
     * How much more is live at the end.
     *
     * @param live bytes at each checkpoint; at least 8
     */
    static long growth(List<Long> live) {
        if (live.size() < 8) {
            throw new IllegalArgumentException("checkpoints are " + live.size() + "; there must be at least 8");
        }
        List<Long> warm = live.subList(live.size() / 4, live.size());
        int half = warm.size() / 2;
        return median(warm.subList(warm.size() - half, warm.size())) - median(warm.subList(0, half));
    }

    /** The most that it may be. */
    static long allowed(List<Long> live) {
        return Math.max(MAY_DIFFER, Math.round(median(live) * MAY_DIFFER_SHARE));
    }

    private static long median(List<Long> values) {
        long[] sorted = values.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
