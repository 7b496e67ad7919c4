package io.weir.jmh;

import io.github.bucket4j.Bucket;
import io.weir.WeirRuntime;
import io.weir.engine.bucket.BucketConfig;
import io.weir.engine.bucket.TokenBucket;
import io.weir.engine.time.WheelTimer;
import io.weir.ratelimit.TokenBucketRateLimiter;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.SystemNanoClock;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A million callers who begin to wait, one after the other, on one empty limiter: the time of each. A shot is the whole million, and each shot
 * has a limiter of its own. For one thread. Who times out isn't measured here; memory.WaiterMemory weighs those as well.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3)
@Measurement(iterations = 5)
@State(Scope.Benchmark)
public class WaitersBenchmark extends Timed {
    /** Callers a shot. */
    public static final int CALLERS = 1_000_000;

    /** Longer than any run, however many stand before. */
    private static final Duration WAIT = Duration.ofHours(1);

    private static final Runnable NOTHING = () -> {};

    private @Nullable Object[] kept = {};
    private boolean endWithTheRuntime;

    private @Nullable WeirRuntime runtime;
    private @Nullable WheelTimer timer;
    private @Nullable ScheduledThreadPoolExecutor scheduler;

    /** New limiters; what each shot uses is made in it, and costs nothing beside a million calls. */
    @Setup(Level.Iteration)
    public void open() {
        kept = new Object[CALLERS];
        runtime = WeirRuntime.builder().build();
        timer = new WheelTimer(SystemNanoClock.INSTANCE, "weir-timer");
        scheduler = new ScheduledThreadPoolExecutor(1);
        scheduler.setRemoveOnCancelPolicy(true);
    }

    /** Lets go of all who wait. */
    @TearDown(Level.Iteration)
    public void close() {
        for (Object waits : kept) {
            if (waits == null) {
                throw new IllegalStateException("a caller doesn't wait");
            }
            if (waits instanceof CompletableFuture<?> future && future.isDone()) {
                throw new IllegalStateException("a caller waits no more");
            }
            break; // the first one would be the first to go
        }
        if (runtime != null && timer != null && scheduler != null) {
            scheduler.shutdownNow();
            runtime.close();
            timer.close();
        }
        if (endWithTheRuntime) { // on its own threads, which would still be at it in the next shot
            for (Object waits : kept) {
                ((CompletableFuture<?>) present(waits))
                        .handle((result, failure) -> failure)
                        .join();
            }
            endWithTheRuntime = false;
        }
        kept = new Object[0];
    }

    /** Through the api: the future that the caller holds is part of it. */
    @Benchmark
    @OperationsPerInvocation(CALLERS)
    public Object weir_acquire_queued() {
        TokenBucketRateLimiter limiter = TokenBucketRateLimiter.builder("limiter")
                .rate(1)
                .period(WAIT)
                .initialTokens(0)
                .maxWaiters(CALLERS)
                .runtime(present(runtime))
                .build();
        for (int i = 0; i < CALLERS; i++) {
            kept[i] = limiter.acquire();
        }
        endWithTheRuntime = true;
        return limiter;
    }

    /** The engine's own line. */
    @Benchmark
    @OperationsPerInvocation(CALLERS)
    public Object weirEngine_acquire_queued() {
        TokenBucket bucket = new TokenBucket(
                SystemNanoClock.INSTANCE,
                present(timer),
                BucketConfig.builder()
                        .rate(1)
                        .periodNanos(WAIT.toNanos())
                        .initialTokens(0)
                        .maxWaiters(CALLERS)
                        .build());
        for (int i = 0; i < CALLERS; i++) {
            PlainWaiter waiter = new PlainWaiter();
            if (bucket.acquire(waiter, Long.MAX_VALUE) != TokenBucket.QUEUED) {
                throw new IllegalStateException("not queued");
            }
            kept[i] = waiter;
        }
        return bucket;
    }

    /** What a limiter without a line does: an entry in a scheduler's heap, for the time when the token will be there. */
    @Benchmark
    @OperationsPerInvocation(CALLERS)
    public Object scheduledExecutor_acquire_queued() {
        ScheduledThreadPoolExecutor executor = present(scheduler);
        for (int i = 0; i < CALLERS; i++) {
            kept[i] = executor.schedule(NOTHING, WAIT.toNanos() + i, TimeUnit.NANOSECONDS);
        }
        return executor;
    }

    /** Bucket4j's asynchronous wait, as its docs show it: a debit, a future, and an entry in the scheduler. */
    @Benchmark
    @OperationsPerInvocation(CALLERS)
    public Object bucket4j_acquire_queued() {
        ScheduledThreadPoolExecutor executor = present(scheduler);
        Bucket bucket = Bucket.builder()
                .addLimit(limit -> limit.capacity(1).refillGreedy(1, WAIT).initialTokens(0))
                .withNanosecondPrecision()
                .build();
        for (int i = 0; i < CALLERS; i++) {
            kept[i] = bucket.asScheduler().consume(1, executor);
        }
        return bucket;
    }

    private static <T> T present(@Nullable T made) {
        if (made == null) {
            throw new IllegalStateException("before open()");
        }
        return made;
    }
}
