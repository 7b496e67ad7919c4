package io.weir.jmh.curve;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowSynchronizationStrategy;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.weir.engine.breaker.Breaker;
import io.weir.engine.breaker.BreakerConfig;
import io.weir.engine.breaker.DetectorConfig;
import io.weir.jmh.Timed;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.SystemNanoClock;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A permit and a success at a CLOSED breaker that judges the last so many calls, and is full of successes. */
@State(Scope.Benchmark)
public class WindowBenchmark extends Timed {

    /** How many calls are judged. */
    @Param({"10", "100", "1000", "10000", "100000", "1000000"})
    public int window;

    private @Nullable Breaker weir;
    private @Nullable CircuitBreaker resilience4j;
    private dev.failsafe.@Nullable CircuitBreaker<Object> failsafe;

    /** Makes and fills them. */
    @Setup
    public void fill() {
        DetectorConfig detection = DetectorConfig.countWindow(window, 0.5, window);
        weir = new Breaker(
                SystemNanoClock.INSTANCE,
                BreakerConfig.builder().detection(detection).metrics(false).build());
        resilience4j = CircuitBreaker.of(
                "breaker",
                CircuitBreakerConfig.custom()
                        .slidingWindow(
                                window,
                                window,
                                SlidingWindowType.COUNT_BASED,
                                SlidingWindowSynchronizationStrategy.SYNCHRONIZED)
                        .failureRateThreshold(50)
                        .build());
        failsafe = dev.failsafe.CircuitBreaker.builder()
                .withFailureThreshold(window / 2, window)
                .build();
        for (int i = 0; i <= window; i++) {
            boolean admitted = weir_call_window() && resilience4j_call_window() && failsafe_call_window();
            if (!admitted) {
                throw new IllegalStateException("a closed breaker refused");
            }
        }
    }

    @Benchmark
    public boolean weir_call_window() {
        Breaker breaker = present(weir);
        long permit = breaker.tryAcquire();
        breaker.onSuccess(permit, 1);
        return permit >= 0;
    }

    @Benchmark
    public boolean resilience4j_call_window() {
        CircuitBreaker breaker = present(resilience4j);
        boolean admitted = breaker.tryAcquirePermission();
        breaker.onSuccess(1, TimeUnit.NANOSECONDS);
        return admitted;
    }

    @Benchmark
    public boolean failsafe_call_window() {
        dev.failsafe.CircuitBreaker<Object> breaker = present(failsafe);
        boolean admitted = breaker.tryAcquirePermit();
        breaker.recordSuccess();
        return admitted;
    }

    private static <T> T present(@Nullable T made) {
        if (made == null) {
            throw new IllegalStateException("before fill()");
        }
        return made;
    }
}
