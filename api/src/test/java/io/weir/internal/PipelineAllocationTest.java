package io.weir.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.weir.AsyncCall;
import io.weir.Call;
import io.weir.Guard;
import io.weir.Pipeline;
import io.weir.breaker.CircuitBreaker;
import io.weir.guard.Bulkhead;
import io.weir.guard.Hedge;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.Retry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What a call that is admitted and ends at once allocates, after the slow paths have been compiled in as well. */
class PipelineAllocationTest {
    private static final int CALLS = 100_000;

    private final CircuitBreaker breaker = CircuitBreaker.of("b");
    private final TokenBucketRateLimiter limiter =
            TokenBucketRateLimiter.builder("l").rate(1e9).build();
    private final Guard guard = Pipeline.of(breaker, Retry.of("r"), limiter, Bulkhead.of("k", 25));

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    /** Refusals, failures and pending stages, so that no profile is one-sided. */
    private void pollute() {
        for (int i = 0; i < 5_000; i++) {
            CompletableFuture<Integer> pending = new CompletableFuture<>();
            CompletableFuture<Integer> future = guard.execute(() -> pending);
            pending.complete(1);
            future.join();
            guard.execute(() -> CompletableFuture.failedFuture(new AssertionError()))
                    .isDone();
            breaker.reset();
            try {
                guard.call(() -> {
                    throw new AssertionError();
                });
            } catch (AssertionError expected) {
                breaker.reset();
            }
            breaker.forceOpen();
            guard.execute(() -> pending).isDone();
            breaker.reset();
        }
    }

    private double bytesPerCall(Runnable once) {
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long before = allocated();
            for (int i = 0; i < CALLS; i++) {
                once.run();
            }
            least = Math.min(least, allocated() - before);
        }
        return (double) least / CALLS;
    }

    @Test
    void theBlockingFormAllocatesNothing() {
        pollute();
        Call<Integer, IOException> call = () -> 7;
        assertThat(bytesPerCall(() -> {
                    try {
                        guard.<Integer, IOException>call(call);
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                }))
                .isLessThan(1);
    }

    @Test
    void theAsyncFormAllocatesTheFutureItHandsOutAndNothingElse() {
        pollute();
        CompletableFuture<Integer> own = CompletableFuture.completedFuture(7);
        AsyncCall<Integer> call = () -> own;
        assertThat(bytesPerCall(() -> guard.execute(call).isDone())).isLessThan(25);
    }

    @Test
    void aHedgeAddsNothingToACallThatEndsAtOnce() {
        Guard hedged =
                Pipeline.of(breaker, Hedge.of(Duration.ofMinutes(1)), Retry.of("r"), limiter, Bulkhead.of("k", 25));
        CompletableFuture<Integer> own = CompletableFuture.completedFuture(7);
        for (int i = 0; i < 5_000; i++) {
            CompletableFuture<Integer> pending = new CompletableFuture<>();
            CompletableFuture<Integer> future = hedged.execute(() -> pending);
            pending.complete(1);
            future.join();
        }
        AsyncCall<Integer> call = () -> own;
        assertThat(bytesPerCall(() -> hedged.execute(call).isDone())).isLessThan(25);
    }

    @Test
    void aCallThatEndsLaterKeepsNoMoreThanItsOwnObjectAndTheRegistrationWithItsStage() {
        pollute();
        AtomicReference<CompletableFuture<Integer>> stage = new AtomicReference<>(new CompletableFuture<>());
        AsyncCall<Integer> call = stage::get;
        assertThat(bytesPerCall(() -> {
                    CompletableFuture<Integer> own = new CompletableFuture<>();
                    stage.set(own);
                    CompletableFuture<Integer> future = guard.execute(call);
                    own.complete(7);
                    assert future.isDone();
                }))
                .isLessThan(177); // the stage 24, the call 88, what the JDK makes for whenComplete 64
    }
}
