package io.weir.jmh.curve;

import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeExecutor;
import dev.failsafe.function.CheckedSupplier;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.weir.AsyncCall;
import io.weir.Call;
import io.weir.Guard;
import io.weir.Pipeline;
import io.weir.breaker.CircuitBreaker;
import io.weir.jmh.Timed;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A call of nothing through so many guards. All of them are breakers that open at five failures in a row, the cheapest guard of all three libraries, so that
 * the composition shows. Blocking, and through a completed stage.
 */
@State(Scope.Benchmark)
public class DepthBenchmark extends Timed {
    private final Integer result = 7;
    private final Call<Integer, RuntimeException> call = () -> result;
    private final CheckedSupplier<Integer> failsafeCall = () -> result;
    private final CompletableFuture<Integer> completed = CompletableFuture.completedFuture(result);
    private final AsyncCall<Integer> asyncCall = () -> completed;

    /** How many guards. */
    @Param({"1", "2", "3", "4", "6", "8"})
    public int depth;

    private Guard weir = Guard.none();
    private Supplier<Integer> resilience4j = () -> result;
    private FailsafeExecutor<Object> failsafe = Failsafe.none();

    /** Composes each once. */
    @Setup
    public void compose() {
        List<Guard> guards = new ArrayList<>();
        List<dev.failsafe.Policy<Object>> policies = new ArrayList<>();
        for (int i = 0; i < depth; i++) {
            guards.add(CircuitBreaker.of("breaker-" + i));
            policies.add(dev.failsafe.CircuitBreaker.builder()
                    .withFailureThreshold(5)
                    .build());
            resilience4j = io.github.resilience4j.circuitbreaker.CircuitBreaker.decorateSupplier(
                    io.github.resilience4j.circuitbreaker.CircuitBreaker.of(
                            "breaker-" + i,
                            CircuitBreakerConfig.custom()
                                    .slidingWindow(5, 5, SlidingWindowType.COUNT_BASED)
                                    .failureRateThreshold(100)
                                    .build()),
                    resilience4j);
        }
        weir = Pipeline.of(guards);
        failsafe = Failsafe.with(policies);
    }

    @Benchmark
    public Integer weir_call_depth() {
        return weir.<Integer, RuntimeException>call(call);
    }

    @Benchmark
    public Object weirAsync_call_depth() {
        return weir.execute(asyncCall);
    }

    @Benchmark
    public Integer resilience4j_call_depth() {
        return resilience4j.get();
    }

    @Benchmark
    public Integer failsafe_call_depth() {
        return failsafe.get(failsafeCall);
    }
}
