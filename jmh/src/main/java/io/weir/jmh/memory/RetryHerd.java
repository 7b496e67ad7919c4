package io.weir.jmh.memory;

import io.weir.AsyncCall;
import io.weir.Guard;
import io.weir.WeirRuntime;
import io.weir.retry.Backoff;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * 100,000 calls that wait for their retry, all due at one instant (P14): the bytes that each keeps, its future included, how many threads are
 * there for it, and how late the second attempts are. Lateness is from the instant due to the invocation of the user's call.
 *
 * <p>All of them run one after another, so whatever the measuring itself costs a call would count {@value #CALLS} times in the last one's lateness: a
 * clock reading alone is some 25 ns, which makes 2.5 ms. So only one attempt in {@value #EVERY}, drawn at random, reads the clock; no future has a
 * dependent; the attempts are counted by an adder, as they come on several threads; and what is left of the harness, that adder and the drawing, is
 * measured by itself and reported. Max is the latest call's lateness, the median of {@value #HERDS} herds, as a thread that the machine stops now and then
 * says nothing of the timer; worst is that of all herds.
 *
 * <p>That all are due at once takes a clock that stands while they begin and are weighed, and then goes on from there as the system's own.
 */
public final class RetryHerd {
    private static final int CALLS = 100_000;
    private static final int EVERY = 64;
    private static final int WARM_UP = 10;
    private static final int HERDS = 5;
    private static final Duration DELAY = Duration.ofSeconds(1);

    private final LongAdder attempts = new LongAdder();
    private final AtomicInteger drawn = new AtomicInteger();
    private final long[] late = new long[2 * CALLS / EVERY];
    private final AsyncCall<Integer> attempt = this::attempt;
    private volatile boolean failing;
    private volatile boolean standing;
    private volatile long stoodAt;
    private volatile long behind;
    private volatile long due;

    private RetryHerd() {}

    /**
     * Measures.
     *
     * @param args where to write the JSON
     */
    public static void main(String[] args) throws Exception {
        new RetryHerd().run(args);
    }

    private void run(String[] args) throws IOException, InterruptedException {
        try (WeirRuntime runtime = WeirRuntime.builder().clock(this::nanoTime).build()) {
            Figures figures = new Figures();
            for (int i = 0; i < WARM_UP; i++) {
                herd(guard(runtime), false);
            }
            figures.add("weir retrying", herd(guard(runtime), true), "B");
            long[] first = new long[HERDS];
            long[] medians = new long[HERDS];
            long[] last = new long[HERDS];
            for (int i = 0; i < HERDS; i++) {
                herd(guard(runtime), false);
                int samples = Math.min(drawn.get(), late.length);
                Arrays.sort(late, 0, samples);
                first[i] = late[0];
                medians[i] = late[samples / 2];
                last[i] = late[samples - 1];
            }
            Arrays.sort(first);
            Arrays.sort(medians);
            Arrays.sort(last);
            figures.add("weir retryLateFirst", first[HERDS / 2] / 1e6, "ms");
            figures.add("weir retryLateP50", medians[HERDS / 2] / 1e6, "ms");
            figures.add("weir retryLateMax", last[HERDS / 2] / 1e6, "ms");
            figures.add("weir retryLateWorst", last[HERDS - 1] / 1e6, "ms");
            figures.add("harness retryLate", harness() / 1e6, "ms");
            figures.add("weir retryThreads", (double) timerThreads(), "threads");
            figures.write(args);
        }
    }

    private static Guard guard(WeirRuntime runtime) {
        RetryConfig config = RetryConfig.builder()
                .maxRetries(1)
                .backoff(Backoff.constant(DELAY))
                .build();
        return Retry.of("herd", config, runtime);
    }

    private long nanoTime() {
        return standing ? stoodAt : System.nanoTime() - behind;
    }

    /** Starts all, has them fail, and waits for the end of their second attempts; the bytes a waiting call, if they are to be weighed. */
    private double herd(Guard guard, boolean weigh) throws InterruptedException {
        restart();
        CompletableFuture<?>[] calls = new CompletableFuture<?>[CALLS];
        long before = weigh ? LiveHeap.bytes() : 0;
        failing = true;
        stoodAt = nanoTime();
        standing = true;
        for (int i = 0; i < CALLS; i++) {
            calls[i] = guard.execute(attempt);
        }
        failing = false;
        // Collected in any case, so that none of it falls into the drain.
        double bytes = (double) (LiveHeap.bytes() - before) / CALLS;
        long released = System.nanoTime();
        due = released + DELAY.toNanos();
        behind = released - stoodAt;
        standing = false;
        long giveUp = released + TimeUnit.SECONDS.toNanos(60);
        while (attempts.sum() < CALLS && System.nanoTime() - giveUp < 0) {
            LockSupport.parkNanos(1_000_000);
        }
        try {
            for (CompletableFuture<?> call : calls) {
                Object unused = call.get(10, TimeUnit.SECONDS);
            }
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("a call failed, or isn't over", e);
        }
        if (attempts.sum() != CALLS) {
            throw new IllegalStateException(attempts.sum() + " second attempts");
        }
        return bytes;
    }

    private final CompletableFuture<Integer> failed = CompletableFuture.failedFuture(new IOException("first attempt"));
    private final CompletableFuture<Integer> succeeded = CompletableFuture.completedFuture(7);

    private CompletionStage<Integer> attempt() {
        if (failing) {
            return failed;
        }
        attempts.increment();
        if (ThreadLocalRandom.current().nextInt(EVERY) == 0) {
            int index = drawn.getAndIncrement();
            if (index < late.length) {
                late[index] = System.nanoTime() - due;
            }
        }
        return succeeded;
    }

    private void restart() {
        attempts.reset();
        drawn.set(0);
    }

    /** What the attempts by themselves take, all of them, in nanoseconds: part of the last one's lateness. Overwrites what was measured. */
    private long harness() {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 20; round++) {
            restart();
            long began = System.nanoTime();
            for (int i = 0; i < CALLS; i++) {
                CompletionStage<Integer> unused = attempt();
            }
            least = Math.min(least, System.nanoTime() - began);
        }
        return least;
    }

    private static long timerThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("weir-timer"))
                .count();
    }
}
