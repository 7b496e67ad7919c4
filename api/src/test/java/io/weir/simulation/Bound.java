package io.weir.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** Whether what one bucket has granted is within its bound, by one way to count the time: in any window of length t at most maxTokens + rate · t. */
final class Bound {
    private final World world;
    private final String name;
    private final LongSupplier time;
    private final List<Grant> grants = new ArrayList<>();
    private final List<Segment> segments = new ArrayList<>();
    private final List<Reset> resets = new ArrayList<>();
    private long changingSince;
    private boolean lingers;

    /** When, in nanoseconds since the schedule began; seen no earlier than it was granted. */
    record Grant(long at, double tokens) {}

    /** From here on. */
    private record Segment(long from, double perSecond, double max) {}

    /** At some instant in between, the bucket became full. */
    private record Reset(long from, long to, double max) {}

    /**
     * Of a bucket that is full, or will be at most.
     *
     * @param time in nanoseconds
     */
    Bound(World world, String name, double perSecond, double max, LongSupplier time) {
        this.world = world;
        this.name = name;
        this.time = time;
        segments.add(new Segment(0, perSecond, max));
    }

    /**
     * Something is granted, now or later on.
     *
     * @param in nanoseconds from now
     */
    Grant add(long in, double tokens) {
        Grant grant = new Grant(time.getAsLong() + in, tokens);
        grants.add(grant);
        return grant;
    }

    void remove(Grant grant) {
        grants.remove(grant);
    }

    double max() {
        return segments.get(segments.size() - 1).max;
    }

    double perSecond() {
        return segments.get(segments.size() - 1).perSecond;
    }

    /** A change of the rate that takes from here to {@link #changed}: meanwhile the larger one may count. */
    void changing(double perSecond, double max) {
        changingSince = time.getAsLong();
        while (segments.get(segments.size() - 1).from > changingSince) {
            segments.remove(segments.size() - 1); // was planned, and won't be
        }
        segments.add(new Segment(time.getAsLong(), Math.max(perSecond(), perSecond), Math.max(max(), max)));
    }

    void changed(double perSecond, double max, boolean reset) {
        segments.add(new Segment(time.getAsLong(), perSecond, max));
        if (reset) {
            resets.add(new Reset(changingSince, time.getAsLong(), max));
        }
    }

    /** What it will be later on, in nanoseconds from now. */
    void from(long in, double perSecond) {
        segments.add(new Segment(time.getAsLong() + in, perSecond, max()));
    }

    /** Who changes the rate may be stopped before the bucket hears of it. */
    void lingers() {
        lingers = true;
    }

    boolean hasChanged() {
        return segments.size() > 1;
    }

    /** Looks at every window that begins and ends with a grant. */
    void check() {
        // A grant is seen after its clock reading: later by what is left of the thread that granted, by its task's
        // wait, and by that task.
        long slack = 2 * world.longestFrame + world.longestDelay;
        grants.sort((a, b) -> Long.compare(a.at, b.at));
        for (int i = 0; i < grants.size(); i++) {
            double sum = 0;
            long from = Math.max(0, grants.get(i).at - slack);
            for (int j = i; j < grants.size(); j++) {
                sum += grants.get(j).tokens;
                double bound = bound(from, grants.get(j).at);
                if (sum > bound + 1e-6 * (j - i + 2)) {
                    double exceeding = sum;
                    long to = grants.get(j).at;
                    world.violated(
                            Invariant.TOKENS,
                            name + ": " + exceeding + " tokens from " + from + " to " + to + " ns, allowed are "
                                    + bound);
                    return;
                }
            }
        }
    }

    private double bound(long from, long to) {
        double gained = 0;
        double max = 0;
        for (int i = 0; i < segments.size(); i++) {
            Segment each = segments.get(i);
            long end = i + 1 < segments.size()
                    ? segments.get(i + 1).from + (lingers ? 2 * world.longestFrame + world.longestDelay : 0)
                    : Long.MAX_VALUE;
            if (each.from <= to && end >= from) {
                gained += each.perSecond * Math.max(0, Math.min(end, to) - Math.max(each.from, from)) * 1e-9;
                max = Math.max(max, each.max);
            }
        }
        for (Reset reset : resets) {
            if (reset.to >= from && reset.from <= to) {
                gained += reset.max;
            }
        }
        return max + gained;
    }
}
