package io.weir.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** What one bucket has granted, and whether that is within its bound: in any window of length t at most maxTokens + rate · t. */
final class Grants {
    private final World world;
    private final String name;
    private final LongSupplier time;
    private final List<Grant> grants = new ArrayList<>();
    private final List<Segment> segments = new ArrayList<>();
    private final List<Reset> resets = new ArrayList<>();
    private long changingSince;
    double granted;
    private boolean lingers;

    /** When, in nanoseconds since the schedule began; seen no earlier than it was granted. */
    private record Grant(long at, double tokens) {}

    /** From here on. */
    private record Segment(long from, double perSecond, double max) {}

    /** At some instant in between, the bucket became full. */
    private record Reset(long from, long to, double max) {}

    Grants(World world, String name, double perSecond, double max) {
        this(world, name, perSecond, max, world::elapsed);
    }

    /**
     * The same, of a bucket that counts the time otherwise.
     *
     * @param time in nanoseconds
     */
    Grants(World world, String name, double perSecond, double max, LongSupplier time) {
        this.world = world;
        this.name = name;
        this.time = time;
        segments.add(new Segment(0, perSecond, max));
    }

    void add(double tokens) {
        addAt(time.getAsLong(), tokens);
    }

    void addAt(long at, double tokens) {
        grants.add(new Grant(at, tokens));
        granted += tokens;
    }

    void remove(long at, double tokens) {
        if (grants.remove(new Grant(at, tokens))) {
            granted -= tokens;
        }
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
        if (world.clock()
                < world.elapsed()) { // a bucket that hasn't seen the latest reading changes earlier, by its own time
            Segment before = segments.remove(segments.size() - 1);
            segments.add(new Segment(before.from, Math.max(before.perSecond, perSecond), Math.max(before.max, max)));
            if (lingers) { // what it owes is carried over into a slow rate in time, and out of it in tokens: the step
                // back shrinks with it
                resets.add(new Reset(changingSince, changingSince, max));
            }
        }
        segments.add(new Segment(time.getAsLong(), Math.max(perSecond(), perSecond), Math.max(max(), max)));
    }

    void changed(double perSecond, double max, boolean reset) {
        segments.add(new Segment(time.getAsLong(), perSecond, max));
        if (reset) {
            resets.add(new Reset(changingSince, time.getAsLong(), max));
        }
    }

    /** What it will be later on. */
    void from(long at, double perSecond) {
        segments.add(new Segment(at, perSecond, max()));
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
