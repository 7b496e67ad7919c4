package io.weir.jmh.curve;

import io.weir.WeirRuntime;
import io.weir.engine.bucket.BucketConfig;
import io.weir.engine.bucket.TokenBucket;
import io.weir.engine.time.WheelTimer;
import io.weir.jmh.PlainWaiter;
import io.weir.jmh.Timed;
import io.weir.ratelimit.TokenBucketRateLimiter;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.SystemNanoClock;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A caller who comes, waits, and gives up, while so many others stand before him: what a line's length costs whoever joins and leaves it. The scheduler's entry is
 * due before a random one of those that wait, as a wait of a call's own length would be. For one thread.
 */
@State(Scope.Benchmark)
public class LineBenchmark extends Timed {
    private static final Duration WAIT = Duration.ofHours(1);
    private static final Runnable NOTHING = () -> {};

    /** How many stand in line. */
    @Param({"1", "10", "100", "1000", "10000", "100000", "1000000"})
    public int waiters;

    private final WeirRuntime runtime = WeirRuntime.builder().build();
    private final ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);
    private final WheelTimer timer = new WheelTimer(SystemNanoClock.INSTANCE, "weir-timer");
    private @Nullable TokenBucketRateLimiter limiter;
    private @Nullable TokenBucket bucket;
    private long random = 1;

    /** Lets them all wait. */
    @Setup(Level.Trial)
    public void fill() {
        TokenBucketRateLimiter made = TokenBucketRateLimiter.builder("limiter")
                .rate(1)
                .period(WAIT)
                .initialTokens(0)
                .maxWaiters(waiters + 10_000)
                .runtime(runtime)
                .build();
        TokenBucket line = new TokenBucket(
                SystemNanoClock.INSTANCE,
                timer,
                BucketConfig.builder()
                        .rate(1)
                        .periodNanos(WAIT.toNanos())
                        .initialTokens(0)
                        .maxWaiters(waiters + 10_000)
                        .build());
        scheduler.setRemoveOnCancelPolicy(true);
        for (int i = 0; i < waiters; i++) {
            CompletableFuture<?> unused = made.acquire();
            if (line.acquire(new PlainWaiter(), Long.MAX_VALUE) != TokenBucket.QUEUED) {
                throw new IllegalStateException("not queued");
            }
            ScheduledFuture<?> unusedEntry = scheduler.schedule(NOTHING, delay(), TimeUnit.NANOSECONDS);
        }
        limiter = made;
        bucket = line;
    }

    /** Lets go of all who wait. */
    @TearDown(Level.Trial)
    public void close() {
        scheduler.shutdownNow();
        runtime.close();
        timer.close();
    }

    /** From one to two hours. */
    private long delay() {
        random ^= random >>> 12;
        random ^= random << 25;
        random ^= random >>> 27;
        return WAIT.toNanos() + (random >>> 1) % WAIT.toNanos();
    }

    /** What a CompletableFuture charges for being cancelled: the trace of its exception. */
    @Benchmark
    public boolean floor_cancelledFuture() {
        return new CompletableFuture<Integer>().cancel(false);
    }

    @Benchmark
    public boolean weirEngine_acquire_cancelled() {
        TokenBucket line = bucket;
        if (line == null) {
            throw new IllegalStateException("before fill()");
        }
        PlainWaiter waiter = new PlainWaiter();
        return line.acquire(waiter, Long.MAX_VALUE) == TokenBucket.QUEUED && line.cancel(waiter);
    }

    @Benchmark
    public boolean weir_acquire_cancelled() {
        TokenBucketRateLimiter line = limiter;
        if (line == null) {
            throw new IllegalStateException("before fill()");
        }
        return line.acquire().cancel(false);
    }

    @Benchmark
    public boolean scheduledExecutor_acquire_cancelled() {
        return scheduler.schedule(NOTHING, delay(), TimeUnit.NANOSECONDS).cancel(false);
    }
}
