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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * 100,000 calls that wait for their retry, all due at one instant (P14): the bytes that each keeps, its future included, how many threads are
 * there for it, and how late the second attempts are. Lateness is from the instant due to the invocation of the user's call.
 *
 * <p>That all are due at once takes a clock that stands while they begin and are weighed, and then goes on from there as the system's own.
 */
public final class RetryHerd {
    private static final int CALLS = 100_000;
    private static final int WARM_UP = 3;
    private static final Duration DELAY = Duration.ofSeconds(1);

    private final AtomicInteger attempts = new AtomicInteger();
    /** The same object for all, so that only what the guard keeps is weighed. */
    private final AsyncCall<Integer> call = this::attempt;

    private final long[] late = new long[CALLS];
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
            double bytes = herd(guard(runtime), true);
            Arrays.sort(late);
            figures.add("weir retrying", bytes, "B");
            figures.add("weir retryLateP50", late[CALLS / 2] / 1e6, "ms");
            figures.add("weir retryLateMax", late[CALLS - 1] / 1e6, "ms");
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
        attempts.set(0);
        CompletableFuture<?>[] calls = new CompletableFuture<?>[CALLS];
        long before = weigh ? LiveHeap.bytes() : 0;
        failing = true;
        stoodAt = nanoTime();
        standing = true;
        for (int i = 0; i < CALLS; i++) {
            calls[i] = guard.execute(call);
        }
        failing = false;
        double bytes = weigh ? (double) (LiveHeap.bytes() - before) / CALLS : 0;
        long released = System.nanoTime();
        due = released + DELAY.toNanos();
        behind = released - stoodAt;
        standing = false;
        try {
            CompletableFuture.allOf(calls).get(60, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("a call failed, or isn't over", e);
        }
        if (attempts.get() != CALLS) {
            throw new IllegalStateException(attempts.get() + " second attempts");
        }
        return bytes;
    }

    private final CompletableFuture<Integer> failed = CompletableFuture.failedFuture(new IOException("first attempt"));
    private final CompletableFuture<Integer> succeeded = CompletableFuture.completedFuture(7);

    private CompletionStage<Integer> attempt() {
        if (failing) {
            return failed;
        }
        long now = System.nanoTime();
        late[attempts.getAndIncrement()] = now - due;
        return succeeded;
    }

    private static long timerThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("weir-timer"))
                .count();
    }
}
