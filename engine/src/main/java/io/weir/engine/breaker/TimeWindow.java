package io.weir.engine.breaker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * Judges the outcomes of the last so many nanoseconds, in ten slices. What is younger than nine slices counts, what is
 * older than ten doesn't. Takes about 2 kB (ten slices of three counters), however many calls there are; and once threads
 * collide on the striped counters, up to 10 kB more a processor.
 */
final class TimeWindow extends FailureDetector {
    /*
     * A slice counts the outcomes of a tenth of the window, in striped counters that only ever grow. A View is the
     * present slice and the ones before it that the window still covers; its own fields are final. Time passing is one
     * CAS from a view to the next. No slice is ever reset, so a thread that stalls while it records harms nobody: it
     * counts in the slice of its own time, which the window covers still or doesn't any more.
     *
     * V1 (coverage): the views' starts only grow, by whole slices. A view covers the slices that began less than ten
     *     slices ago, so any outcome for nine to ten slices from its clock reading on.
     * V2 (nothing lost): an outcome is counted in exactly one slice. The loser of a CAS throws away a slice that nobody
     *     has seen.
     * V3 (sums): the sums of the older slices are taken when a view is made, so a judgement reads one slice. An outcome
     *     that is counted in a slice after the next view was made (its thread stalled between its clock reading and its
     *     counting) is in those sums from the view after that on: judgements miss at most one outcome for each such
     *     thread, and for one slice at most. The thread itself judges by all slices, so it misses nothing.
     * V4 (final): once it has tripped it says so for ever, whatever leaves the window.
     * V5 (one of two sees the other): of two threads that each count and then judge, the one that counts last sees both,
     *     as counting is a full fence before judging. (But a success that sees no failure judges nothing, and the
     *     counters give it no fence on every machine; if that misses a failure, the next outcome judges it.)
     *
     * V6 (not too soon): a failure or slow call is counted after its own total, and read before the total. So a judgement
     *     finds at most the share that some order of the outcomes has, never a failure without the call that it is of.
     *
     * The clock may stand (all counts in one slice), jump (what is too old goes), or step back: then all goes on in the
     * present slice until the clock is there again, so the window covers longer by the step.
     *
     * Looked for by: TimeWindowTest (V1, V2, V3, V4, clocks), and in jcstress TimeWindowRotation (V1, V2),
     * TimeWindowTripsOnce (V4, V5), TimeWindowNotTooSoon (V6), and their broken twins.
     */
    static final int SLICES = 10;

    private static final VarHandle VIEW;
    private static final VarHandle TRIPPED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            VIEW = lookup.findVarHandle(TimeWindow.class, "view", View.class);
            TRIPPED = lookup.findVarHandle(TimeWindow.class, "tripped", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long sliceNanos;
    private final WindowLimits limits;

    @SuppressWarnings("unused") // through VIEW
    private @Nullable View view;

    @SuppressWarnings("unused") // through TRIPPED
    private boolean tripped;

    TimeWindow(long durationNanos, WindowLimits limits) {
        this.sliceNanos = durationNanos / SLICES;
        this.limits = limits;
    }

    @Override
    boolean onSuccess(long durationNanos, NanoClock clock) {
        if (isTripped()) {
            return true;
        }
        View seen = viewAt(clock);
        seen.slice.total.increment();
        if (limits.isSlow(durationNanos)) {
            seen.slice.slow.increment();
        } else if (!seen.hasTrouble()) {
            return false; // without a failure or a slow call in it, no window trips
        }
        return judge(seen);
    }

    @Override
    boolean onFailure(long durationNanos, NanoClock clock) {
        if (isTripped()) {
            return true;
        }
        View seen = viewAt(clock);
        seen.slice.total.increment(); // V6: before the failure
        seen.slice.failures.increment();
        if (limits.isSlow(durationNanos)) {
            seen.slice.slow.increment();
        }
        return judge(seen);
    }

    private boolean judge(View counted) {
        VarHandle.fullFence(); // V5
        View present = view();
        View judged = present == counted || present == null ? counted : present.resummed();
        if (!judged.reaches(limits)) {
            return false;
        }
        TRIPPED.setRelease(this, true); // the only write; release: whoever hears of it from this thread finds it so
        return true;
    }

    /** The view that the clock's reading belongs to, put in place if need be. */
    private View viewAt(NanoClock clock) {
        View seen = view();
        long now = clock.nanoTime();
        while (seen == null || now - seen.startNanos >= sliceNanos) {
            View next = seen == null ? new View(now, new Slice(now), new Slice[0]) : next(seen, now);
            View witness = (View) VIEW.compareAndExchange(this, seen, next); // volatile: also V5's other half
            if (witness == seen) {
                return next;
            }
            seen = witness;
            Thread.onSpinWait();
        }
        return seen;
    }

    private View next(View before, long now) {
        long start = now - (now - before.startNanos) % sliceNanos;
        Slice[] older = new Slice[SLICES - 1];
        int count = 0;
        if (covers(start, before.slice)) {
            older[count++] = before.slice;
        }
        for (Slice each : before.older) {
            if (covers(start, each)) {
                older[count++] = each;
            }
        }
        return new View(start, new Slice(start), Arrays.copyOf(older, count));
    }

    /** Whether a slice is in the window whose last slice begins at {@code start}: by division, which can't overflow. */
    private boolean covers(long start, Slice slice) {
        return (start - slice.startNanos) / sliceNanos < SLICES;
    }

    private @Nullable View view() {
        return (View) VIEW.getAcquire(this); // acquire: the view's slices as they were made
    }

    private boolean isTripped() {
        return (boolean) TRIPPED.getAcquire(this);
    }

    /** "total/failures/slow", "+" and the number of older slices, and "!" if it has tripped. */
    @Override
    public String toString() {
        View seen = view();
        if (seen == null) {
            return "0/0/0";
        }
        View all = seen.resummed();
        return all.total() + "/" + all.failures() + "/" + all.slow() + " +" + all.older.length
                + (isTripped() ? "!" : "");
    }

    /** The counts of one slice; nothing is ever taken from them. */
    private static final class Slice {
        final long startNanos;
        final LongAdder total = new LongAdder();
        final LongAdder failures = new LongAdder();
        final LongAdder slow = new LongAdder();

        Slice(long startNanos) {
            this.startNanos = startNanos;
        }
    }

    /** The slices that the window covers from a time on. Views know slices, and slices nothing, so the past is not kept alive. */
    private static final class View {
        final long startNanos;
        final Slice slice;
        final Slice[] older;
        final long olderTotal;
        final long olderFailures;
        final long olderSlow;

        View(long startNanos, Slice slice, Slice[] older) {
            this.startNanos = startNanos;
            this.slice = slice;
            this.older = older;
            long total = 0;
            long failures = 0;
            long slow = 0;
            for (Slice each : older) {
                failures += each.failures.sum();
                slow += each.slow.sum();
                total += each.total.sum(); // V6: last
            }
            this.olderTotal = total;
            this.olderFailures = failures;
            this.olderSlow = slow;
        }

        /** The same, with the sums of now (V3). */
        View resummed() {
            return new View(startNanos, slice, older);
        }

        boolean hasTrouble() {
            return (failures() | slow()) != 0;
        }

        boolean reaches(WindowLimits limits) {
            long failures = failures();
            long slow = slow();
            return limits.reached(total(), failures, slow); // V6: the total last
        }

        long total() {
            return olderTotal + slice.total.sum();
        }

        long failures() {
            return olderFailures + slice.failures.sum();
        }

        long slow() {
            return olderSlow + slice.slow.sum();
        }
    }
}
