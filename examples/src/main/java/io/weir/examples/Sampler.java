package io.weir.examples;

import io.weir.breaker.CircuitBreaker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Looks at the counters at each tick, and keeps what the views and the report need: the last two seconds, the slices of the whole run, and all
 * latencies. One thread samples; latencies are recorded by any.
 */
final class Sampler {
    private static final long HIGHEST_MICROS = 3_600_000_000L;
    private static final long RECENT_NANOS = 1_000_000_000;
    private static final long TOLERANCE_NANOS = 30_000_000;
    private static final double[] SLICE_SECONDS = {0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 1800, 3600};
    private static final int SLICES = 40;

    private final Tuning tuning;
    private final Tally tally;
    private final ServiceClient client;
    private final Recorder recorder;
    private final long sliceNanos;
    private final Histogram total = new Histogram(3);
    private final Histogram slice = new Histogram(3);
    private final Deque<Tick> recent = new ArrayDeque<>();
    private final List<Bin> bins = new ArrayList<>();
    private Tick binStart = new Tick(0, Tally.Counts.ZERO, 0, new Histogram(3));
    private double tightest;
    private long boundChecks;
    private boolean bounded = true;

    private record Tick(long elapsed, Tally.Counts counts, long sent, Histogram latency) {}

    Sampler(Duration duration, Tuning tuning, Tally tally, ServiceClient client, Recorder recorder) {
        this.tuning = tuning;
        this.tally = tally;
        this.client = client;
        this.recorder = recorder;
        this.sliceNanos = sliceNanos(duration);
        recent.add(binStart);
    }

    /** A round time, so that a run has 20 to 40 slices or so. */
    private static long sliceNanos(Duration duration) {
        double wanted = duration.toNanos() / 1e9 / SLICES;
        for (double seconds : SLICE_SECONDS) {
            if (seconds >= wanted - 1e-9) {
                return (long) (seconds * 1e9);
            }
        }
        return 3_600_000_000_000L;
    }

    /** A recorder of microseconds, whatever it is given. */
    static void record(Recorder recorder, long nanos) {
        recorder.recordValue(Math.min(HIGHEST_MICROS, Math.max(0, nanos / 1000)));
    }

    /**
     * Looks.
     *
     * @param startNanos when the run began
     * @param phase of the service
     * @param end whether this is the last look, which closes the last slice
     */
    Snapshot sample(long startNanos, String phase, boolean end) {
        // The clock is read after the count: then the bound at that time holds for the count, however long this thread
        // was held up.
        long sent = client.sent();
        long elapsed = System.nanoTime() - startNanos;
        checkBound(sent, elapsed);
        Tally.Counts counts = tally.counts();
        CircuitBreaker.State state = client.breaker().state();
        Histogram latency = recorder.getIntervalHistogram();
        total.add(latency);
        slice.add(latency);
        Tick tick = new Tick(elapsed, counts, sent, latency);
        // A tick is never quite on time.
        if (elapsed - binStart.elapsed() >= sliceNanos - TOLERANCE_NANOS || end && elapsed > binStart.elapsed()) {
            bins.add(new Bin(
                    binStart.elapsed(),
                    elapsed,
                    counts.minus(binStart.counts()),
                    sent - binStart.sent(),
                    Percentiles.of(slice),
                    state));
            slice.reset();
            binStart = tick;
        }
        recent.addLast(tick);
        while (recent.size() > 2 && elapsed - recent.getFirst().elapsed() > 2 * RECENT_NANOS) {
            recent.removeFirst();
        }
        return snapshot(tick, phase, state);
    }

    private Snapshot snapshot(Tick now, String phase, CircuitBreaker.State state) {
        Histogram latest = new Histogram(3);
        Tick since = recent.getFirst();
        for (Tick tick : recent) {
            latest.add(tick.latency());
            if (now.elapsed() - tick.elapsed() >= RECENT_NANOS) {
                since = tick;
            }
        }
        return new Snapshot(
                now.elapsed(),
                phase,
                state,
                now.counts(),
                now.counts().minus(since.counts()),
                now.sent() - since.sent(),
                now.elapsed() - since.elapsed(),
                now.sent(),
                client.retries(),
                client.availableTokens(),
                Percentiles.of(latest),
                List.copyOf(bins));
    }

    /** At no time may more requests have been sent than the limiter's contract allows since the beginning. */
    private void checkBound(long sent, long elapsed) {
        double bound = tuning.bound(elapsed);
        boundChecks++;
        tightest = Math.max(tightest, sent / bound);
        bounded &= sent <= bound;
    }

    boolean bounded() {
        return bounded;
    }

    long boundChecks() {
        return boundChecks;
    }

    /** The largest part of the bound that was ever used, 0 to 1. */
    double tightest() {
        return tightest;
    }

    List<Bin> bins() {
        return List.copyOf(bins);
    }

    Histogram latencies() {
        return total;
    }

    Tuning tuning() {
        return tuning;
    }
}
