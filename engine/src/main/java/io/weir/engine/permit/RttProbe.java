package io.weir.engine.permit;

/**
 * Says when to measure the latency of a service without a queue of ours, and does it: now and then the limit is halved for a few windows, the first
 * of which drains the queue; the others, until they have seen 1,000 calls but four at most, are the measurement. Without it, an algorithm that
 * judges latency by what it was takes its own standing queue for the service's nature, a little more each time, and grows without end (or, after
 * the service has become slower for good, takes that for a queue and shrinks without end). The remedy is that of BBR's PROBE_RTT: Cardwell et al.,
 * "BBR: Congestion-Based Congestion Control", 2016.
 *
 * <p>Windows in which less than half of the limit is in use build up no queue, and put it off. A service that drops half of the calls meanwhile
 * ends it.
 */
final class RttProbe {
    /** How many numbers of the algorithm's memory it needs, the first ones. */
    static final int MEMORY = 8;

    private static final int AGE = 0; // windows since the last measurement
    private static final int PHASE = 1;
    private static final int RESUME = 2; // the limit to go back to
    private static final int MEASURED_AT = 3; // the limit that was resumed after the last measurement
    private static final int COUNT = 4; // the calls measured so far
    private static final int MEAN = 5; // how long they took, nanoseconds
    private static final int NO_LOAD = 6; // what is known, nanoseconds
    private static final int CALLS = 7; // from how many

    private static final int IDLE = 0;
    private static final int DRAINING = 1;
    private static final int MEASURING = 2; // or 3, 4, 5, in further windows
    private static final int LAST_MEASURING = 5;
    private static final int ENOUGH_CALLS = 1_000;
    private static final int MOST_CALLS = 2_000; // so that two thirds stay when another measurement is added
    private static final double STANDARD_ERRORS = 4;

    private final int everyWindows;

    RttProbe(int everyWindows) {
        if (everyWindows < 0) {
            throw new IllegalArgumentException("probeWindows is " + everyWindows + "; it must be 0 (never) or more");
        }
        this.everyWindows = everyWindows;
    }

    /**
     * Looks at a window first.
     *
     * @return the limit that the probe wants, or 0 if none is under way and the algorithm decides
     */
    double next(double limit, LimitWindow window, double[] memory) {
        int phase = (int) memory[PHASE];
        if (phase != IDLE && isFailing(window)) { // nothing to measure, and no limit to go back to
            memory[PHASE] = IDLE;
            measured(limit, memory);
            return 0;
        }
        if (phase == DRAINING) {
            memory[PHASE] = MEASURING;
            return limit;
        }
        if (phase >= MEASURING) {
            double count = memory[COUNT] + window.samples();
            memory[MEAN] += (window.averageRttNanos() - memory[MEAN]) * window.samples() / count;
            memory[COUNT] = count;
            if (count < ENOUGH_CALLS && phase < LAST_MEASURING) {
                memory[PHASE] = phase + 1;
                return limit;
            }
            memory[PHASE] = IDLE;
            learn(memory[MEAN], count, memory);
            double resumed = Math.max(limit, memory[RESUME]);
            measured(resumed, memory);
            return resumed;
        }
        if (!window.uses(limit) || memory[MEASURED_AT] == 0) {
            measured(limit, memory);
        } else if (everyWindows > 0 && limit >= 2 && isWanted(limit, memory)) {
            memory[PHASE] = DRAINING;
            memory[COUNT] = 0;
            memory[MEAN] = 0;
            memory[RESUME] = limit;
            return limit / 2;
        }
        return 0;
    }

    /** After so many windows; or at once if the limit has halved since, be it for a queue or because the service isn't what it was. */
    private boolean isWanted(double limit, double[] memory) {
        return ++memory[AGE] >= everyWindows || limit < memory[MEASURED_AT] / 2;
    }

    private static void measured(double limit, double[] memory) {
        memory[AGE] = 0;
        memory[MEASURED_AT] = limit;
    }

    /** The latency without a queue, in nanoseconds, as far as it is known; 0 if it isn't. */
    static double noLoad(double[] memory) {
        return memory[NO_LOAD];
    }

    /** Takes in the average of so many calls that met no queue: added to what is known if they differ by no more than chance, else in its place. */
    static void learn(double averageNanos, double calls, double[] memory) {
        double before = memory[NO_LOAD];
        double known = Math.min(memory[CALLS], MOST_CALLS);
        if (calls > 0 && known > 0 && Math.abs(averageNanos - before) <= chance(Math.min(calls, known)) * before) {
            memory[NO_LOAD] += (averageNanos - before) * calls / (calls + known);
            memory[CALLS] = calls + known;
        } else if (calls > 0) {
            memory[NO_LOAD] = averageNanos;
            memory[CALLS] = calls;
        }
    }

    /** Takes in a window that may have met a queue: only if it was faster than what is known, and not by chance, as the least of many is. */
    static void learnIfFaster(LimitWindow window, double[] memory) {
        if (window.averageRttNanos() < memory[NO_LOAD] * (1 - chance(window.samples()))) {
            memory[NO_LOAD] = (memory[NO_LOAD] + window.averageRttNanos()) / 2;
            memory[CALLS] = window.samples();
        }
    }

    /** How far the average of so many latencies may be off by chance, as a part of it, if they vary as exponential ones do. */
    private static double chance(double calls) {
        return STANDARD_ERRORS / Math.sqrt(calls);
    }

    private static boolean isFailing(LimitWindow window) {
        return window.dropRatio() >= 0.5;
    }

    int everyWindows() {
        return everyWindows;
    }
}
