package io.weir.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.Pipeline;
import io.weir.WeirRuntime;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Calls and functions of the user's that come back into their executor, or throw in it. */
class RateLimitedExecutorMisuseTest {
    private final VirtualTime time = new VirtualTime();
    private final WeirRuntime runtime = time.runtimeBuilder().build();
    private final List<CompletableFuture<Boolean>> ends = new ArrayList<>();

    private RateLimitedExecutor executor(double rate, int concurrency) {
        return RateLimitedExecutor.builder("x")
                .rate(rate)
                .maxConcurrency(concurrency)
                .runtime(runtime)
                .build();
    }

    @Test
    void aCallThatShutsItsExecutorDownIsCutByItsOwnDoing() {
        RateLimitedExecutor executor = executor(10, 1);
        CompletableFuture<Integer> stage = new CompletableFuture<>();
        CompletableFuture<Integer> end = executor.execute(() -> {
            ends.add(executor.shutdown(Duration.ZERO));
            return stage;
        });
        time.advance(Duration.ofSeconds(1));
        assertThatThrownBy(end::join).isInstanceOf(CancellationException.class);
        assertThat(stage).isCancelled();
        assertThat(ends.get(0).join()).isFalse();
        assertThat(executor.inFlight()).isZero();
        assertThat(executor.shutdown().join()).isFalse();
    }

    @Test
    void aBlockingCallThatShutsItsExecutorDownBringsItsResultAndNoInterruptIsLeft() {
        RateLimitedExecutor executor = executor(10, 1);
        assertThat(executor.<Integer>get(() -> {
                    ends.add(executor.shutdown(Duration.ZERO));
                    return 7;
                }))
                .isEqualTo(7);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(executor.inFlight()).isZero();
        assertThatThrownBy(() -> executor.run(() -> {})).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aFunctionForHeadersMayCallTheExecutorAndShutItDown() {
        List<CompletableFuture<String>> more = new ArrayList<>();
        RateLimitedExecutor[] self = new RateLimitedExecutor[1];
        self[0] = RateLimitedExecutor.builder("x")
                .rate(10)
                .maxConcurrency(1)
                .adaptiveRateLimiting(true)
                .responseHeaders(String.class, result -> {
                    if (more.isEmpty()) {
                        more.add(self[0].execute(() -> CompletableFuture.completedFuture("second")));
                        ends.add(self[0].shutdown());
                    }
                    return Map.of("x-ratelimit-remaining", "garbage", "retry-after", "-1");
                })
                .runtime(runtime)
                .build();
        assertThat(self[0].execute(() -> CompletableFuture.completedFuture("first"))
                        .join())
                .isEqualTo("first");
        time.advance(Duration.ofSeconds(5));
        assertThat(more.get(0)).isCompletedWithValue("second");
        assertThat(ends.get(0)).isCompletedWithValue(true);
    }

    @Test
    void aChangeOfRateThatThrowsChangesNothingAndOneThatComesBackInWorks() {
        RateLimitedExecutor executor = executor(1, 1);
        assertThatThrownBy(() -> executor.updateRate(update -> {
                    throw new IllegalStateException("the change's own");
                }))
                .hasMessage("the change's own");
        executor.updateRate(update -> {
            executor.updateRate(inner -> inner.rate(3));
            return update.maxTokens(5);
        });
        executor.updateRate(update -> update.rate(7).resetTokens());
        CompletableFuture<Integer> done = executor.execute(() -> CompletableFuture.completedFuture(1));
        assertThat(done).isCompletedWithValue(1);
        executor.shutdown(Duration.ZERO);
        assertThatThrownBy(() -> executor.updateRate(update -> update.rate(5)))
                .isInstanceOf(IllegalStateException.class);
    }

    /** With the retry outside, the slot comes back between the attempts; the call that hangs there is in nobody's way. */
    @Test
    void aShutdownBetweenTheAttemptsOfARetryOutsideEndsThem() {
        RateLimitedExecutor executor = executor(10, 1);
        RetryConfig config = RetryConfig.builder()
                .maxRetries(5)
                .baseDelay(Duration.ofSeconds(1))
                .jitter(false)
                .build();
        CompletableFuture<Integer> end = Pipeline.of(Retry.of("r", config, runtime), executor)
                .execute(() -> CompletableFuture.failedFuture(new IOException("gone")));
        assertThat(executor.shutdown().join()).isTrue();
        time.advance(Duration.ofSeconds(100));
        assertThatThrownBy(end::join).hasRootCauseInstanceOf(IllegalStateException.class);
        assertThat(time.pendingTimers()).isZero();
    }
}
