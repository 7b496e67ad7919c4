package io.weir.jmh.soak;

import io.weir.Guard;
import io.weir.Pipeline;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.breaker.FailureDetection;
import io.weir.executor.AsyncExecutor;
import io.weir.guard.Bulkhead;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.Backoff;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Everything that is under load, and what one millisecond of it is. Thread-safe, but for {@link #line}, which is for one thread. */
final class Load implements AutoCloseable {
    static final int PLACES = 64;
    static final int RUNNING = 8;
    static final int RETRIES = 2;

    private static final int EXACT = 100;
    private static final int LEASED = 1_000;
    private static final int KEYED = 100;
    private static final int BREAKER = 100;
    private static final int PIPELINE = 10;
    private static final int EXECUTOR = 5;
    private static final int WAITERS = 20;
    private static final int MOST_QUEUED = 1_000;

    private final WeirRuntime runtime = WeirRuntime.builder().build();
    final Metered exact = new Metered("exact limiter", 100_000, 500, 0, runtime);
    final Metered leased = new Metered("leased limiter", 1_000_000, 10_000, 0, runtime);
    final Metered line = new Metered("limiter with a line", 15_000, 100, 1_000, runtime);
    final Keyed keyed = new Keyed(runtime);

    final CircuitBreaker breaker = CircuitBreaker.builder("breaker")
            .failureDetection(FailureDetection.countWindow(100, 0.5))
            .recoveryTime(Duration.ofMillis(50))
            .runtime(runtime)
            .build();

    final Service piped = new Service();
    final LongAdder pipelineStarted = new LongAdder();
    final LongAdder pipelineEnded = new LongAdder();
    private final Guard pipeline = Pipeline.of(
            CircuitBreaker.builder("pipeline breaker")
                    .failureDetection(FailureDetection.countWindow(100, 0.8))
                    .recoveryTime(Duration.ofMillis(50))
                    .runtime(runtime)
                    .build(),
            Retry.of(
                    "retry",
                    RetryConfig.builder()
                            .maxRetries(RETRIES)
                            .backoff(Backoff.constant(Duration.ofMillis(3)))
                            .build(),
                    runtime),
            TokenBucketRateLimiter.builder("pipeline limiter")
                    .rate(15_000)
                    .maxTokens(100)
                    .maxWaiters(500)
                    .runtime(runtime)
                    .build(),
            Bulkhead.builder("bulkhead")
                    .maxConcurrent(PLACES)
                    .maxWaiters(200)
                    .runtime(runtime)
                    .build());

    final Service executed = new Service();
    final LongAdder executorStarted = new LongAdder();
    final LongAdder executorEnded = new LongAdder();
    final AtomicLong heldBack = new AtomicLong();
    private final AsyncExecutor executor = AsyncExecutor.builder("executor")
            .maxConcurrency(RUNNING)
            .runtime(runtime)
            .build();

    /** Of callers in line, against the instant at which the limiter had said that they would have their token; in microseconds. */
    final Histogram late = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(1), 3);

    /** Of pipeline calls, from the instant at which the schedule wanted them made; in microseconds. */
    final Histogram latency = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(1), 3);

    private final IOException failure = new IOException("failed");
    private volatile boolean down;

    /**
     * One millisecond of all but the line.
     *
     * @param scheduled when it was to begin
     * @param random of the caller's own
     */
    void tick(long scheduled, Random random) {
        piped.answer();
        executed.answer();
        for (int i = 0; i < EXACT; i++) {
            exact.ask();
        }
        for (int i = 0; i < LEASED; i++) {
            leased.ask();
        }
        for (int i = 0; i < KEYED; i++) {
            keyed.ask(random.next());
        }
        for (int i = 0; i < BREAKER; i++) {
            call(random.next());
        }
        for (int i = 0; i < PIPELINE; i++) {
            pipe(scheduled, random.next());
        }
        for (int i = 0; i < EXECUTOR; i++) {
            execute(random.next());
        }
    }

    private void call(int random) {
        long permit = breaker.tryAcquire();
        if (CircuitBreaker.isRefused(permit)) {
            return;
        }
        if (down || (random & 15) == 0) {
            breaker.onFailure(permit, failure);
        } else {
            breaker.onSuccess(permit);
        }
    }

    private void pipe(long scheduled, int random) {
        pipelineStarted.increment();
        CompletableFuture<Integer> call = pipeline.execute(() -> piped.call(random));
        CompletableFuture<Integer> unused = call.whenComplete((value, failed) -> {
            pipelineEnded.increment();
            record(latency, scheduled);
        });
    }

    private void execute(int random) {
        if (executor.waiting() >= MOST_QUEUED) {
            heldBack.incrementAndGet(); // its queue has no bound of its own
            return;
        }
        executorStarted.increment();
        CompletableFuture<Integer> call = executor.execute(() -> executed.call(random));
        CompletableFuture<Integer> unused = call.whenComplete((value, failed) -> executorEnded.increment());
    }

    /**
     * One millisecond of the line: more callers than it can serve. By one thread only, so that nobody comes between asking for the wait and joining; so what
     * is late is the limiter, its timer and the hand-over to the caller, however late this thread itself is.
     */
    void line() {
        for (int i = 0; i < WAITERS; i++) {
            line.onAsked();
            long due = System.nanoTime() + line.limiter.estimatedWait(1).toNanos();
            CompletableFuture<?> unused = line.limiter.acquire().whenComplete((nothing, refused) -> {
                if (refused == null) {
                    line.onAdmitted();
                    record(late, due);
                }
            });
        }
    }

    private static void record(Histogram histogram, long since) {
        long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - since);
        histogram.recordValue(Math.min(Math.max(0, micros), histogram.getHighestTrackableValue()));
    }

    /** Takes the services down, or brings them up. */
    void setDown(boolean down) {
        this.down = down;
        piped.setDown(down);
        executed.setDown(down);
    }

    List<Metered> limiters() {
        return List.of(exact, leased, line);
    }

    /** Whether every call has ended. */
    boolean isQuiet() {
        return pipelineEnded.sum() == pipelineStarted.sum() && executorEnded.sum() == executorStarted.sum();
    }

    @Override
    public void close() {
        executor.close();
        runtime.close();
    }

    /** A thread's own numbers. */
    static final class Random {
        private long state;

        Random(long seed) {
            this.state = seed | 1;
        }

        int next() {
            state ^= state >>> 12;
            state ^= state << 25;
            state ^= state >>> 27;
            return (int) (state * 0x2545F4914F6CDD1DL >>> 32);
        }
    }
}
