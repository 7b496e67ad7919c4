package io.weir.jmh;

import dev.failsafe.function.CheckedSupplier;
import io.weir.Call;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A blocking call of nothing through the stack of {@link Stacks}. Before it is measured, every contender has also seen refusals, failures,
 * retries and calls of other classes, so that no profile is one-sided: in a service none is.
 */
@State(Scope.Benchmark)
public class PipelineBenchmark extends Timed {
    private static final int POLLUTING = 5_000;
    private static final int RETRIED = 20;

    private final Integer result = 7;
    private int failures;

    private final Supplier<Integer> plain = () -> result;
    private final Call<Integer, RuntimeException> weirCall = () -> result;
    private final CheckedSupplier<Integer> failsafeCall = () -> result;
    private Supplier<Integer> resilience4jCall = plain;

    /** Composes what is composed once, and makes the profiles many-sided. */
    @Setup(Level.Trial)
    public void pollute(Stacks stacks) {
        resilience4jCall = stacks.resilience4j(plain);
        Supplier<Integer> unlucky = stacks.resilience4j(this::failOnce);
        Supplier<Integer> broken = stacks.resilience4j(PipelineBenchmark::breakDown);
        for (int i = 0; i < POLLUTING; i++) {
            int other = i;
            attempt(() -> stacks.weir.<Integer, RuntimeException>call(() -> other));
            attempt(() -> stacks.weir.<Integer, RuntimeException>call(PipelineBenchmark::breakDown));
            attempt(stacks.resilience4j(() -> other));
            attempt(broken);
            attempt(() -> stacks.failsafe.get(() -> other));
            attempt(() -> stacks.failsafe.<Integer>get(PipelineBenchmark::breakDown));
        }
        stacks.refuse(); // once: a breaker logs its transitions
        for (int i = 0; i < POLLUTING; i++) {
            attempt(() -> stacks.weir.<Integer, RuntimeException>call(weirCall));
            attempt(resilience4jCall);
            attempt(() -> stacks.failsafe.get(failsafeCall));
        }
        stacks.reset();
        for (int i = 0; i < RETRIED; i++) {
            failures = 1;
            attempt(() -> stacks.weir.<Integer, RuntimeException>call(this::failOnce));
            failures = 1;
            attempt(unlucky);
            failures = 1;
            attempt(() -> stacks.failsafe.get(this::failOnce));
        }
        stacks.reset();
    }

    private static void attempt(Supplier<Integer> call) {
        try {
            Integer unused = call.get();
        } catch (RuntimeException | AssertionError expected) {
            // a refusal or a failure, which is what it is here for
        }
    }

    private Integer failOnce() {
        if (failures-- > 0) {
            throw new IllegalStateException("once");
        }
        return result;
    }

    /** Fails in a way that nobody retries. */
    private static Integer breakDown() {
        throw new AssertionError("broken");
    }

    @Benchmark
    public Integer floor_noGuard() {
        return plain.get();
    }

    @Benchmark
    public long floor_nanoTime() {
        return System.nanoTime();
    }

    @Benchmark
    public Integer weir_call_blocking(Stacks stacks) {
        return stacks.weir.<Integer, RuntimeException>call(weirCall);
    }

    @Benchmark
    public Integer resilience4j_call_blocking() {
        return resilience4jCall.get();
    }

    @Benchmark
    public Integer failsafe_call_blocking(Stacks stacks) {
        return stacks.failsafe.get(failsafeCall);
    }
}
