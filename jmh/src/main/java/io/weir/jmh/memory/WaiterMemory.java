package io.weir.jmh.memory;

import io.github.bucket4j.Bucket;
import io.weir.WeirRuntime;
import io.weir.ratelimit.TokenBucketRateLimiter;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Bytes a caller who waits on one limiter, a million of them (P10), the future that each holds included; the array that holds the futures
 * isn't counted.
 */
public final class WaiterMemory {
    private static final int CALLERS = 1_000_000;

    /** Longer than the last one's wait, or a timeout would refuse it. */
    private static final Duration TIMEOUT = Duration.ofHours(1);

    private static final Runnable NOTHING = () -> {};

    private WaiterMemory() {}

    /**
     * Weighs.
     *
     * @param args where to write the JSON
     */
    public static void main(String[] args) throws IOException {
        Figures figures = new Figures();
        // Time stands still, so that the line only grows; the tokens would come at a thousand a second.
        try (WeirRuntime runtime = WeirRuntime.builder().clock(() -> 0).build()) {
            figures.add("weir waiter", weigh(() -> weir(runtime)::acquire), "B");
            figures.add("weir waiterWithTimeout", weigh(() -> withTimeout(weir(runtime))), "B");
        }
        ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);
        figures.add(
                "scheduledExecutor waiter",
                weigh(() -> () -> scheduler.schedule(NOTHING, TIMEOUT.toSeconds(), TimeUnit.SECONDS)),
                "B");
        scheduler.shutdownNow();
        ScheduledThreadPoolExecutor bucket4jScheduler = new ScheduledThreadPoolExecutor(1);
        figures.add("bucket4j waiter", weigh(() -> bucket4j(bucket4jScheduler)), "B");
        bucket4jScheduler.shutdownNow();
        figures.write(args);
    }

    private static TokenBucketRateLimiter weir(WeirRuntime runtime) {
        return TokenBucketRateLimiter.builder("limiter")
                .rate(1_000)
                .initialTokens(0)
                .maxWaiters(CALLERS)
                .runtime(runtime)
                .build();
    }

    private static Supplier<Future<?>> withTimeout(TokenBucketRateLimiter limiter) {
        return () -> limiter.acquire(1, TIMEOUT);
    }

    private static Supplier<Future<?>> bucket4j(ScheduledThreadPoolExecutor scheduler) {
        Bucket bucket = Bucket.builder()
                .addLimit(limit -> limit.capacity(1).refillGreedy(1, TIMEOUT).initialTokens(0))
                .withNanosecondPrecision()
                .build();
        return () -> bucket.asScheduler().consume(1, scheduler);
    }

    /** A thousand on a limiter of their own for the classes, and then those that are weighed. */
    private static double weigh(Supplier<Supplier<Future<?>>> limiter) {
        enqueue(limiter.get(), new Future<?>[1_000]);
        Supplier<Future<?>> acquire = limiter.get();
        Future<?>[] kept = new Future<?>[CALLERS];
        double bytes = LiveHeap.bytesEach(CALLERS, () -> enqueue(acquire, kept));
        for (Future<?> future : kept) {
            if (future.isDone()) {
                throw new IllegalStateException("a caller doesn't wait: " + future);
            }
        }
        return bytes;
    }

    private static Future<?>[] enqueue(Supplier<Future<?>> acquire, Future<?>[] into) {
        for (int i = 0; i < into.length; i++) {
            into[i] = acquire.get();
        }
        return into;
    }
}
