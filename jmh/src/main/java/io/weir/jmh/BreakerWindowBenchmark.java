package io.weir.jmh;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowSynchronizationStrategy;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.weir.engine.breaker.Breaker;
import io.weir.engine.breaker.BreakerConfig;
import io.weir.engine.breaker.DetectorConfig;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.SystemNanoClock;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * A CLOSED breaker that judges a window: a permit taken and a success reported, opening at half of at least 100 calls. "countWindow": of the
 * last 100; "timeWindow": of the last 10 s.
 */
@State(Scope.Benchmark)
public class BreakerWindowBenchmark extends Timed {
    private static final Duration WINDOW = Duration.ofSeconds(10);

    private final AtomicLong word = new AtomicLong();

    private final Breaker weirCount = weir(DetectorConfig.countWindow(100, 0.5, 100));
    private final Breaker weirTime = weir(DetectorConfig.timeWindow(WINDOW.toNanos(), 0.5, 100));

    // Resilience4j in both of its ways to keep a window: its default, which locks, and the one that doesn't.
    private final CircuitBreaker count =
            resilience4j(100, SlidingWindowType.COUNT_BASED, SlidingWindowSynchronizationStrategy.SYNCHRONIZED);
    private final CircuitBreaker countLockFree =
            resilience4j(100, SlidingWindowType.COUNT_BASED, SlidingWindowSynchronizationStrategy.LOCK_FREE);
    private final CircuitBreaker time = resilience4j(
            (int) WINDOW.toSeconds(), SlidingWindowType.TIME_BASED, SlidingWindowSynchronizationStrategy.SYNCHRONIZED);
    private final CircuitBreaker timeLockFree = resilience4j(
            (int) WINDOW.toSeconds(), SlidingWindowType.TIME_BASED, SlidingWindowSynchronizationStrategy.LOCK_FREE);

    private final dev.failsafe.CircuitBreaker<Object> failsafeCount =
            dev.failsafe.CircuitBreaker.builder().withFailureThreshold(50, 100).build();
    private final dev.failsafe.CircuitBreaker<Object> failsafeTime = dev.failsafe.CircuitBreaker.builder()
            .withFailureRateThreshold(50, 100, WINDOW)
            .build();

    private static Breaker weir(DetectorConfig detection) {
        return new Breaker(
                SystemNanoClock.INSTANCE,
                BreakerConfig.builder().detection(detection).metrics(false).build());
    }

    private static CircuitBreaker resilience4j(
            int size, SlidingWindowType type, SlidingWindowSynchronizationStrategy strategy) {
        return CircuitBreaker.of(
                "breaker",
                CircuitBreakerConfig.custom()
                        .slidingWindow(size, 100, type, strategy)
                        .failureRateThreshold(50)
                        .build());
    }

    /** The floor of a count window: each outcome takes its place in the ring. */
    @Benchmark
    public long floor_getAndAdd() {
        return word.getAndAdd(1);
    }

    /** The floor of a time window: each outcome needs to know its slice. */
    @Benchmark
    public long floor_nanoTime() {
        return System.nanoTime();
    }

    @Benchmark
    public boolean weir_call_countWindow(Verdicts verdicts) {
        return call(weirCount, verdicts);
    }

    @Benchmark
    public boolean weir_call_timeWindow(Verdicts verdicts) {
        return call(weirTime, verdicts);
    }

    @Benchmark
    public boolean resilience4j_call_countWindow(Verdicts verdicts) {
        return call(count, verdicts);
    }

    @Benchmark
    public boolean resilience4jLockFree_call_countWindow(Verdicts verdicts) {
        return call(countLockFree, verdicts);
    }

    @Benchmark
    public boolean failsafe_call_countWindow(Verdicts verdicts) {
        return call(failsafeCount, verdicts);
    }

    @Benchmark
    public boolean resilience4j_call_timeWindow(Verdicts verdicts) {
        return call(time, verdicts);
    }

    @Benchmark
    public boolean resilience4jLockFree_call_timeWindow(Verdicts verdicts) {
        return call(timeLockFree, verdicts);
    }

    @Benchmark
    public boolean failsafe_call_timeWindow(Verdicts verdicts) {
        return call(failsafeTime, verdicts);
    }

    private static boolean call(Breaker breaker, Verdicts verdicts) {
        long permit = breaker.tryAcquire();
        boolean admitted = verdicts.granted(permit >= 0);
        if (admitted) {
            breaker.onSuccess(permit, 1);
        }
        return admitted;
    }

    private static boolean call(CircuitBreaker breaker, Verdicts verdicts) {
        boolean admitted = verdicts.granted(breaker.tryAcquirePermission());
        if (admitted) {
            breaker.onSuccess(1, TimeUnit.NANOSECONDS);
        }
        return admitted;
    }

    private static boolean call(dev.failsafe.CircuitBreaker<Object> breaker, Verdicts verdicts) {
        boolean admitted = verdicts.granted(breaker.tryAcquirePermit());
        if (admitted) {
            breaker.recordSuccess();
        }
        return admitted;
    }
}
