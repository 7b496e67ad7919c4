package io.weir.examples;

import io.weir.CallRejectedException;
import io.weir.Failures;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts each call once when it starts and once when its future completes, so that in the end started = succeeded + failed + rejected +
 * cancelled. The two sides are counted by different threads at different places: the equation is a check, not a definition. Thread-safe.
 */
final class Tally {
    private final LongAdder started = new LongAdder();
    private final LongAdder succeeded = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder cancelled = new LongAdder();
    private final ConcurrentMap<Long, CompletableFuture<?>> running = new ConcurrentHashMap<>();
    private final AtomicLong numbers = new AtomicLong();
    private final ConcurrentMap<String, LongAdder> reasons = new ConcurrentHashMap<>();
    private final Function<Throwable, String> reasonOf;
    private final LongConsumer latency;

    /** All counts at one time; while calls are running, the ends may lag behind the starts. */
    record Counts(long started, long succeeded, long failed, long rejected, long cancelled) {
        static final Counts ZERO = new Counts(0, 0, 0, 0, 0);

        long ended() {
            return succeeded + failed + rejected + cancelled;
        }

        long running() {
            return started - ended();
        }

        boolean balanced() {
            return started == ended();
        }

        Counts minus(Counts earlier) {
            return new Counts(
                    started - earlier.started,
                    succeeded - earlier.succeeded,
                    failed - earlier.failed,
                    rejected - earlier.rejected,
                    cancelled - earlier.cancelled);
        }

        /** The equation, with its numbers. */
        String equation() {
            return started + " started " + (balanced() ? "=" : "\u2260") + " " + succeeded + " succeeded + " + failed
                    + " failed + " + rejected + " rejected + " + cancelled + " cancelled";
        }
    }

    /**
     * A tally.
     *
     * @param reasonOf names a failure or rejection, for the summary
     * @param latency told the nanoseconds from the intended start to the end of each call that succeeded or failed
     */
    Tally(Function<Throwable, String> reasonOf, LongConsumer latency) {
        this.reasonOf = reasonOf;
        this.latency = latency;
    }

    /**
     * Starts a call and counts it.
     *
     * @param intendedNanos when it was meant to start
     * @param call starts it
     */
    void start(long intendedNanos, Supplier<? extends CompletableFuture<?>> call) {
        started.increment();
        CompletableFuture<?> future;
        try {
            future = call.get();
        } catch (RuntimeException e) {
            end(intendedNanos, e);
            return;
        }
        Long number = numbers.incrementAndGet();
        running.put(number, future);
        future.whenComplete((result, failure) -> {
            running.remove(number);
            end(intendedNanos, failure);
        });
    }

    private void end(long intendedNanos, @Nullable Throwable failure) {
        if (failure == null) {
            latency.accept(System.nanoTime() - intendedNanos);
            succeeded.increment();
            return;
        }
        Throwable cause = Failures.unwrap(failure);
        if (cause instanceof CancellationException) {
            cancelled.increment();
        } else if (cause instanceof CallRejectedException) {
            count(cause);
            rejected.increment();
        } else {
            latency.accept(System.nanoTime() - intendedNanos);
            count(cause);
            failed.increment();
        }
    }

    private void count(Throwable cause) {
        reasons.computeIfAbsent(reasonOf.apply(cause), reason -> new LongAdder())
                .increment();
    }

    /** The counts now. The ends are read before the starts, so that no call seems to have ended before it started. */
    Counts counts() {
        long ok = succeeded.sum();
        long bad = failed.sum();
        long refused = rejected.sum();
        long gone = cancelled.sum();
        return new Counts(started.sum(), ok, bad, refused, gone);
    }

    /** Why calls failed or were rejected, and how many. */
    Map<String, Long> reasons() {
        Map<String, Long> sums = new TreeMap<>();
        reasons.forEach((reason, count) -> sums.put(reason, count.sum()));
        return sums;
    }

    /**
     * Waits until every call has ended.
     *
     * @param limit how long at most
     * @return whether they have
     */
    boolean awaitEnds(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!counts().balanced() || !running.isEmpty()) {
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            LockSupport.parkNanos(1_000_000);
        }
        return true;
    }

    /** Cancels the calls that are still running. */
    void cancelRunning() {
        running.values().forEach(future -> future.cancel(true));
    }

    /** Whether every call that was started has ended, counted both ways. */
    boolean settled() {
        return counts().balanced() && running.isEmpty();
    }
}
