package io.weir.engine.permit;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A quantile of recent latencies: such as the time that 95 of 100 calls of the last minute took at most. Latencies are counted in buckets, eight to
 * each doubling (as in Gil Tene's HdrHistogram, with three bits), so the answer is at most an eighth too high; from 1 µs to 2.4 hours.
 *
 * <p>Of a window of time there are two halves, the present one and the one before, so the answer is of the last half to whole of it. It is
 * computed anew after each of the first latencies of a half, and after every 32nd; in between it is one read.
 *
 * <p>Thread-safe and lock-free. Recording is two atomic adds; it allocates once each half. Times are readings of one nanosecond clock; they may be
 * negative and wrap. On a clock that steps back the present half lasts longer by the step.
 */
public final class LatencyQuantile {
    /*
     * One reference to the present half: a Half, whose number, counts and forerunner (counts only, no chain) are final. Transition, in at():
     *
     *   Half n -> Half m > n    by CAS, by whoever records when the clock says m; the forerunner is n if m = n + 1, else nothing
     *
     * Q1  No latency is lost or counted twice while its half is one of the two: one getAndAdd of its bucket. One that is recorded by a thread which
     *     stalled goes to the half that it found: counted there, or of no interest any more. jcstress LatencyTwoRecords, LatencyQuantileTest.
     * Q2  A half is never reset: what a stalled thread adds to it is in no newer one's counts. LatencyQuantileTest.
     * Q3  `estimate` is racy, and the race benign: a thread may write what it has computed of counts a little older than another's. It is always a
     *     quantile of counts that were there. A half begins with the estimate of the one before, if that was its forerunner.
     */
    /** Says that there are too few latencies. */
    public static final long UNKNOWN = -1;

    private static final int SUB_BITS = 3;
    private static final int SUBS = 1 << SUB_BITS;
    private static final int LEAST_EXPONENT = 10; // 1.024 µs
    private static final int MOST_EXPONENT = 42; // 2^43 ns, 2.4 hours
    private static final int BUCKETS = (MOST_EXPONENT - LEAST_EXPONENT + 1) * SUBS + 1;
    private static final int OFTEN = 64;
    private static final int SELDOM = 32;

    private static final VarHandle PRESENT;
    private static final VarHandle COUNTS = MethodHandles.arrayElementVarHandle(int[].class);
    private static final VarHandle RECORDED;
    private static final VarHandle ESTIMATE;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            PRESENT = lookup.findVarHandle(LatencyQuantile.class, "present", Half.class);
            RECORDED = lookup.findVarHandle(Half.class, "recorded", int.class);
            ESTIMATE = lookup.findVarHandle(Half.class, "estimate", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final class Half {
        final long number;
        final int[] counts = new int[BUCKETS];
        final int @Nullable [] before;

        @SuppressWarnings("unused") // by RECORDED only
        int recorded;

        @SuppressWarnings("FieldMayBeFinal") // by ESTIMATE
        long estimate;

        Half(long number, @Nullable Half forerunner) {
            this.number = number;
            this.before = forerunner == null ? null : forerunner.counts;
            this.estimate = forerunner == null ? UNKNOWN : (long) ESTIMATE.getOpaque(forerunner);
        }
    }

    private final double quantile;
    private final int minimum;
    private final long halfNanos;
    private final long originNanos;

    @SuppressWarnings("FieldMayBeFinal") // by PRESENT
    private Half present;

    /**
     * A quantile of no latencies yet.
     *
     * @param quantile which, more than 0 and less than 1
     * @param minimum how many latencies there must be, 1 to 1,000,000
     * @param windowNanos how long a latency counts at most, 2 to 2<sup>50</sup> (13 days)
     * @param nowNanos the clock's reading
     * @throws IllegalArgumentException if one is out of range
     */
    public LatencyQuantile(double quantile, int minimum, long windowNanos, long nowNanos) {
        if (!(quantile > 0 && quantile < 1)) {
            throw new IllegalArgumentException("quantile must be more than 0.0 and less than 1.0, but was " + quantile);
        }
        if (minimum < 1 || minimum > 1_000_000) {
            throw new IllegalArgumentException("minimum must be from 1 to 1000000, but was " + minimum);
        }
        if (windowNanos < 2 || windowNanos > 1L << 50) {
            throw new IllegalArgumentException("windowNanos must be from 2 to 2^50, but was " + windowNanos);
        }
        this.quantile = quantile;
        this.minimum = minimum;
        this.halfNanos = windowNanos / 2;
        this.originNanos = nowNanos;
        this.present = new Half(0, null);
        VarHandle.releaseFence(); // one that is published by a race is whole
    }

    /**
     * Records how long a call took.
     *
     * @param nanos less than 0 comes from a clock that has stepped, and is left out
     * @param nowNanos the clock's reading
     */
    public void record(long nanos, long nowNanos) {
        if (nanos < 0) {
            return;
        }
        Half half = at(nowNanos);
        COUNTS.getAndAdd(half.counts, bucket(nanos), 1);
        int recorded = (int) RECORDED.getAndAdd(half, 1) + 1;
        if (recorded <= OFTEN || recorded % SELDOM == 0) {
            ESTIMATE.setOpaque(half, estimate(half)); // opaque: a number by itself, nothing is read by way of it (Q3)
        }
    }

    /** The half that a reading belongs to: the present one, or a new one in its place. */
    private Half at(long nowNanos) {
        while (true) {
            Half seen = (Half) PRESENT.getAcquire(this); // acquire: its fields and arrays
            long number = number(nowNanos);
            if (number <= seen.number) {
                return seen;
            }
            Half next = new Half(number, number == seen.number + 1 ? seen : null);
            if (PRESENT.compareAndSet(this, seen, next)) {
                return next;
            }
            Thread.onSpinWait();
        }
    }

    private long number(long nowNanos) {
        return Math.floorDiv(nowNanos - originNanos, halfNanos);
    }

    /**
     * The quantile, in nanoseconds, rounded up to the end of its bucket.
     *
     * @param nowNanos the clock's reading
     * @return more than 0; or {@link #UNKNOWN} if there are fewer latencies than the minimum in the window
     */
    public long estimateNanos(long nowNanos) {
        Half half = (Half) PRESENT.getAcquire(this);
        return number(nowNanos) - half.number > 1 ? UNKNOWN : (long) ESTIMATE.getOpaque(half);
    }

    private long estimate(Half half) {
        long total = 0;
        for (int i = 0; i < BUCKETS; i++) {
            total += count(half, i);
        }
        if (total < minimum) {
            return UNKNOWN;
        }
        long wanted = (long) Math.ceil(total * quantile);
        int bucket = 0;
        for (long passed = count(half, 0); passed < wanted && bucket < BUCKETS - 1; passed += count(half, bucket)) {
            bucket++;
        }
        return upperNanos(bucket);
    }

    private static long count(Half half, int bucket) {
        // Opaque: each count by itself; those added meanwhile may be in or not (Q3).
        int now = (int) COUNTS.getOpaque(half.counts, bucket);
        return half.before == null ? now : (long) now + (int) COUNTS.getOpaque(half.before, bucket);
    }

    static int bucket(long nanos) {
        int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos | 1);
        if (exponent < LEAST_EXPONENT) {
            return 0;
        }
        if (exponent > MOST_EXPONENT) {
            return BUCKETS - 1;
        }
        int sub = (int) (nanos >>> exponent - SUB_BITS) & SUBS - 1;
        return (exponent - LEAST_EXPONENT) * SUBS + sub + 1;
    }

    /** Where a bucket ends. */
    static long upperNanos(int bucket) {
        if (bucket == 0) {
            return 1L << LEAST_EXPONENT;
        }
        int exponent = LEAST_EXPONENT + (bucket - 1) / SUBS;
        int sub = (bucket - 1) % SUBS;
        return (long) (SUBS + sub + 1) << exponent - SUB_BITS;
    }

    @Override
    public String toString() {
        Half half = (Half) PRESENT.getAcquire(this);
        return "LatencyQuantile[" + quantile + ", " + ESTIMATE.getOpaque(half) + " ns]";
    }
}
