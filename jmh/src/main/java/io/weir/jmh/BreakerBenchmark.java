package io.weir.jmh;

import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowSynchronizationStrategy;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.weir.breaker.CircuitBreaker;
import io.weir.engine.breaker.Breaker;
import io.weir.engine.breaker.BreakerConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.agrona.concurrent.SystemNanoClock;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * One breaker. "closed": a permit taken and a success reported, opening at five failures in a row; "open": the refusal, as a boolean; "mixed": a coin decides
 * in each call which of the two is asked; "everyFourthFails": as "closed", but each thread reports a failure every fourth time, so that the count goes up and
 * is taken back. No duration is measured for anybody.
 */
@State(Scope.Benchmark)
public class BreakerBenchmark extends Timed {
    private static final Duration AGES = Duration.ofDays(1);

    private final AtomicLong word = new AtomicLong();
    private final LongAdder adder = new LongAdder();
    private final IOException failure = new IOException("failed");

    private final Breaker bare = new Breaker(SystemNanoClock.INSTANCE, config(false));
    private final CircuitBreaker api = CircuitBreaker.of("breaker");
    private final Breaker counting = new Breaker(SystemNanoClock.INSTANCE, config(true));
    private final Breaker open = new Breaker(SystemNanoClock.INSTANCE, config(false));
    private final Breaker openCounting = new Breaker(SystemNanoClock.INSTANCE, config(true));

    // Resilience4j counts in windows only: "all of the last five failed" is five in a row. Its metrics can't be turned
    // off.
    private final io.github.resilience4j.circuitbreaker.CircuitBreaker resilience4j =
            resilience4j(SlidingWindowSynchronizationStrategy.SYNCHRONIZED);
    private final io.github.resilience4j.circuitbreaker.CircuitBreaker resilience4jLockFree =
            resilience4j(SlidingWindowSynchronizationStrategy.LOCK_FREE);
    private final io.github.resilience4j.circuitbreaker.CircuitBreaker resilience4jOpen =
            resilience4j(SlidingWindowSynchronizationStrategy.SYNCHRONIZED);

    private final dev.failsafe.CircuitBreaker<Object> failsafe = failsafe();
    private final dev.failsafe.CircuitBreaker<Object> failsafeOpen = failsafe();

    /** Opens those that are to be open. */
    public BreakerBenchmark() {
        for (int i = 0; i < 5; i++) {
            open.onFailure(open.tryAcquire(), -1);
            openCounting.onFailure(openCounting.tryAcquire(), -1);
        }
        resilience4jOpen.transitionToOpenState();
        failsafeOpen.open();
    }

    private static BreakerConfig config(boolean metrics) {
        return BreakerConfig.builder()
                .recoveryNanos(AGES.toNanos())
                .metrics(metrics)
                .build();
    }

    private static io.github.resilience4j.circuitbreaker.CircuitBreaker resilience4j(
            SlidingWindowSynchronizationStrategy strategy) {
        return io.github.resilience4j.circuitbreaker.CircuitBreaker.of(
                "breaker",
                CircuitBreakerConfig.custom()
                        .slidingWindow(5, 5, SlidingWindowType.COUNT_BASED, strategy)
                        .failureRateThreshold(100)
                        .waitDurationInOpenState(AGES)
                        .build());
    }

    private static dev.failsafe.CircuitBreaker<Object> failsafe() {
        return dev.failsafe.CircuitBreaker.builder()
                .withFailureThreshold(5)
                .withDelay(AGES)
                .build();
    }

    @Benchmark
    public long floor_volatileRead() {
        return word.get();
    }

    @Benchmark
    public void floor_adderIncrement() {
        adder.increment();
    }

    @Benchmark
    public long floor_nanoTime() {
        return System.nanoTime();
    }

    @Benchmark
    public boolean weir_call_closed(Verdicts verdicts) {
        return verdicts.granted(call(bare));
    }

    @Benchmark
    public boolean weirWithMetrics_call_closed(Verdicts verdicts) {
        return verdicts.granted(call(counting));
    }

    private static boolean call(Breaker breaker) {
        long permit = breaker.tryAcquire();
        boolean admitted = permit >= 0;
        if (admitted) {
            breaker.onSuccess(permit, -1);
        }
        return admitted;
    }

    /** What a user has in hand; it counts. */
    @Benchmark
    public boolean weirApi_call_closed(Verdicts verdicts) {
        long permit = api.tryAcquire();
        boolean admitted = !CircuitBreaker.isRefused(permit);
        if (admitted) {
            api.onSuccess(permit);
        }
        return verdicts.granted(admitted);
    }

    @Benchmark
    public boolean resilience4j_call_closed(Verdicts verdicts) {
        return verdicts.granted(call(resilience4j));
    }

    @Benchmark
    public boolean resilience4jLockFree_call_closed(Verdicts verdicts) {
        return verdicts.granted(call(resilience4jLockFree));
    }

    private static boolean call(io.github.resilience4j.circuitbreaker.CircuitBreaker breaker) {
        boolean admitted = breaker.tryAcquirePermission();
        if (admitted) {
            breaker.onSuccess(1, TimeUnit.NANOSECONDS);
        }
        return admitted;
    }

    @Benchmark
    public boolean failsafe_call_closed(Verdicts verdicts) {
        return verdicts.granted(call(failsafe));
    }

    private static boolean call(dev.failsafe.CircuitBreaker<Object> breaker) {
        boolean admitted = breaker.tryAcquirePermit();
        if (admitted) {
            breaker.recordSuccess();
        }
        return admitted;
    }

    @Benchmark
    public boolean weir_tryAcquire_open(Verdicts verdicts) {
        return verdicts.refused(open.tryAcquire() >= 0);
    }

    @Benchmark
    public boolean weirWithMetrics_tryAcquire_open(Verdicts verdicts) {
        return verdicts.refused(openCounting.tryAcquire() >= 0);
    }

    @Benchmark
    public boolean resilience4j_tryAcquire_open(Verdicts verdicts) {
        return verdicts.refused(resilience4jOpen.tryAcquirePermission());
    }

    @Benchmark
    public boolean failsafe_tryAcquire_open(Verdicts verdicts) {
        return verdicts.refused(failsafeOpen.tryAcquirePermit());
    }

    @Benchmark
    public boolean weir_call_mixed(Dice dice, Verdicts verdicts) {
        boolean closed = dice.heads();
        return verdicts.as(closed, call(closed ? bare : open));
    }

    @Benchmark
    public boolean resilience4j_call_mixed(Dice dice, Verdicts verdicts) {
        boolean closed = dice.heads();
        return verdicts.as(closed, call(closed ? resilience4j : resilience4jOpen));
    }

    @Benchmark
    public boolean failsafe_call_mixed(Dice dice, Verdicts verdicts) {
        boolean closed = dice.heads();
        return verdicts.as(closed, call(closed ? failsafe : failsafeOpen));
    }

    /** Whose turn it is to fail. */
    @State(Scope.Thread)
    public static class Turn {
        private int calls;

        boolean fails() {
            return (++calls & 3) == 0;
        }
    }

    @Benchmark
    public boolean weir_call_everyFourthFails(Turn turn, Verdicts verdicts) {
        long permit = bare.tryAcquire();
        if (turn.fails()) {
            bare.onFailure(permit, -1);
        } else {
            bare.onSuccess(permit, -1);
        }
        return verdicts.granted(permit >= 0);
    }

    @Benchmark
    public boolean resilience4j_call_everyFourthFails(Turn turn, Verdicts verdicts) {
        return callOrFail(resilience4j, turn, verdicts);
    }

    @Benchmark
    public boolean resilience4jLockFree_call_everyFourthFails(Turn turn, Verdicts verdicts) {
        return callOrFail(resilience4jLockFree, turn, verdicts);
    }

    private boolean callOrFail(
            io.github.resilience4j.circuitbreaker.CircuitBreaker breaker, Turn turn, Verdicts verdicts) {
        boolean admitted = breaker.tryAcquirePermission();
        if (turn.fails()) {
            breaker.onError(1, TimeUnit.NANOSECONDS, failure);
        } else {
            breaker.onSuccess(1, TimeUnit.NANOSECONDS);
        }
        return verdicts.granted(admitted);
    }

    @Benchmark
    public boolean failsafe_call_everyFourthFails(Turn turn, Verdicts verdicts) {
        boolean admitted = failsafe.tryAcquirePermit();
        if (turn.fails()) {
            failsafe.recordFailure();
        } else {
            failsafe.recordSuccess();
        }
        return verdicts.granted(admitted);
    }
}
