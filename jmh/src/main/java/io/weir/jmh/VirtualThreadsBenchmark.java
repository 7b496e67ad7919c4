package io.weir.jmh;

import io.github.bucket4j.Bucket;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.weir.Call;
import io.weir.engine.bucket.BucketConfig;
import io.weir.engine.bucket.TokenBucket;
import io.weir.engine.time.WheelTimer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.agrona.concurrent.SystemNanoClock;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * 1,000 virtual threads on one object: each makes 100 calls, and yields after every tenth, so that all of them are under way at once. An invocation is the whole
 * herd, and its time is divided by its calls: wall time a call, on all processors together. Starting the threads and yielding is part of it, for all alike: the
 * floor is a herd that reads the clock instead. For JDK 21 and newer, and one benchmark thread.
 */
@State(Scope.Benchmark)
public class VirtualThreadsBenchmark extends Timed {
    private static final int THREADS = 1_000;
    private static final int CALLS = 100;
    private static final int YIELD_AFTER = 10;
    private static final int ALL = THREADS * CALLS;
    private static final long PLENTY = 1_000_000_000;
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Integer result = 7;
    private final Call<Integer, RuntimeException> weirCall = () -> result;

    private final TokenBucket weir = new TokenBucket(
            SystemNanoClock.INSTANCE,
            new WheelTimer(SystemNanoClock.INSTANCE, "weir-timer"),
            BucketConfig.builder().rate(PLENTY).maxTokens(PLENTY).build());

    // As in TokenBucketBenchmark.
    private final Bucket bucket4j = Bucket.builder()
            .addLimit(limit -> limit.capacity(PLENTY).refillGreedy(PLENTY, SECOND))
            .withNanosecondPrecision()
            .build();
    private final io.github.resilience4j.ratelimiter.RateLimiter resilience4j =
            io.github.resilience4j.ratelimiter.RateLimiter.of(
                    "full",
                    RateLimiterConfig.custom()
                            .limitForPeriod((int) PLENTY)
                            .limitRefreshPeriod(SECOND)
                            .timeoutDuration(Duration.ZERO)
                            .build());
    private final dev.failsafe.RateLimiter<Object> failsafe =
            dev.failsafe.RateLimiter.burstyBuilder(PLENTY, SECOND).build();
    private final com.google.common.util.concurrent.RateLimiter guava =
            com.google.common.util.concurrent.RateLimiter.create(PLENTY);

    private ExecutorService threads = Executors.newSingleThreadExecutor();

    /** By reflection, as 17 has none. */
    @Setup
    public void open() throws ReflectiveOperationException {
        threads.shutdown();
        threads = (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }

    /** Ends what {@link #open} began. */
    @TearDown
    public void close() {
        threads.shutdown();
    }

    /** What a virtual thread does again and again; false if that went wrong. */
    private interface Step {
        boolean granted();
    }

    @SuppressWarnings("ThreadPriorityCheck") // nothing relies on it: more threads are under way at once
    private long herd(Step step) throws Exception {
        Callable<Integer> one = () -> {
            int granted = 0;
            for (int call = 1; call <= CALLS; call++) {
                if (step.granted()) {
                    granted++;
                }
                if (call % YIELD_AFTER == 0) {
                    Thread.yield();
                }
            }
            return granted;
        };
        List<Future<Integer>> herd = new ArrayList<>(THREADS);
        for (int i = 0; i < THREADS; i++) {
            herd.add(threads.submit(one));
        }
        long granted = 0;
        for (Future<Integer> member : herd) {
            granted += member.get();
        }
        if (granted < ALL - ALL / 1_000) {
            throw new IllegalStateException("of " + ALL + " calls, " + granted + " were granted");
        }
        return granted;
    }

    @Benchmark
    @OperationsPerInvocation(ALL)
    public long floor_nanoTime() throws Exception {
        return herd(() -> System.nanoTime() != 0);
    }

    @Benchmark
    @OperationsPerInvocation(ALL)
    public long weir_tryAcquire_granted() throws Exception {
        return herd(weir::tryAcquire);
    }

    @Benchmark
    @OperationsPerInvocation(ALL)
    public long bucket4j_tryAcquire_granted() throws Exception {
        return herd(() -> bucket4j.tryConsume(1));
    }

    @Benchmark
    @OperationsPerInvocation(ALL)
    public long resilience4j_tryAcquire_granted() throws Exception {
        return herd(resilience4j::acquirePermission);
    }

    @Benchmark
    @OperationsPerInvocation(ALL)
    public long failsafe_tryAcquire_granted() throws Exception {
        return herd(failsafe::tryAcquirePermit);
    }

    @Benchmark
    @OperationsPerInvocation(ALL)
    public long guava_tryAcquire_granted() throws Exception {
        return herd(guava::tryAcquire);
    }

    /** A bulkhead of 64 would refuse or hold callers only if they stopped inside the call, which is a no-op that doesn't yield. */
    @Benchmark
    @OperationsPerInvocation(ALL)
    public long weir_call_blocking(Stacks stacks) throws Exception {
        return herd(() -> stacks.weir.<Integer, RuntimeException>call(weirCall) != null);
    }

    @Benchmark
    @OperationsPerInvocation(ALL)
    public long resilience4j_call_blocking(Stacks stacks) throws Exception {
        Supplier<Integer> guarded = stacks.resilience4j(() -> result);
        return herd(() -> guarded.get() != null);
    }

    @Benchmark
    @OperationsPerInvocation(ALL)
    public long failsafe_call_blocking(Stacks stacks) throws Exception {
        return herd(() -> stacks.failsafe.get(() -> result) != null);
    }
}
