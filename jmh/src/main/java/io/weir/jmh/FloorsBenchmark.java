package io.weir.jmh;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the machine itself charges, shared by all threads: the floors that every figure of Weir is read against. Run it with {@code -t 1}
 * and {@code -t 2}.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Benchmark)
public class FloorsBenchmark {
    private final AtomicLong word = new AtomicLong();
    private final LongAdder adder = new LongAdder();

    @Benchmark
    public long floor_volatileRead_shared() {
        return word.get();
    }

    @Benchmark
    public boolean floor_cas_shared() {
        long seen = word.get();
        return word.compareAndSet(seen, seen + 1);
    }

    @Benchmark
    public void floor_adderIncrement_shared() {
        adder.increment();
    }

    @Benchmark
    public long floor_nanoTime() {
        return System.nanoTime();
    }

    /** The floor of an exact token bucket: one clock reading, and one write that depends on it. */
    @Benchmark
    public boolean floor_nanoTimeThenCas_shared() {
        long now = System.nanoTime();
        return word.compareAndSet(word.get(), now);
    }
}
