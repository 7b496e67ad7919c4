package io.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.breaker.CircuitBreaker;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import io.weir.testkit.VirtualTime;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A deadline that passes while a later attempt waits: the service had its chance, so it is a timeout, in either form. */
class CallDeadlineTest {
    private final VirtualTime time = new VirtualTime();
    private final WeirRuntime runtime = time.runtimeBuilder().build();
    private final CircuitBreaker breaker =
            CircuitBreaker.builder("b").runtime(runtime).build();
    private final Retry retry = Retry.of(
            "r",
            RetryConfig.builder()
                    .backoff(attempt -> Duration.ZERO)
                    .retryOnResult(Integer.class, result -> result == 0)
                    .build(),
            runtime);
    private final TokenBucketRateLimiter limiter = TokenBucketRateLimiter.builder("l")
            .rate(10)
            .maxTokens(1)
            .runtime(runtime)
            .build();
    private final Guard guard = Pipeline.of(breaker, retry, limiter);
    private final CallOptions halfASecond = CallOptions.within(Duration.ofMillis(500));

    @Test
    void inLineForTheAttemptAfterAResultItIsATimeoutAndAFailure() {
        CompletableFuture<Integer> future = guard.execute(halfASecond, () -> CompletableFuture.completedFuture(0));
        assertThat(future).isNotDone();
        limiter.updateRate(u -> u.rate(0.1));
        time.advance(Duration.ofSeconds(1));
        assertThatThrownBy(future::join).hasCauseInstanceOf(CallTimeoutException.class);
        assertThat(breaker.metrics().failures()).isEqualTo(1);
    }

    @Test
    void theSameForTheThreadThatWaits() throws Exception {
        Thread mover = moveOnWhenSomebodyWaits();
        assertThatThrownBy(() -> guard.get(halfASecond, () -> 0)).isInstanceOf(CallTimeoutException.class);
        mover.join();
        assertThat(breaker.metrics().failures()).isEqualTo(1);
    }

    @Test
    void inLineForTheFirstAttemptItIsARejectionForTheThreadToo() throws Exception {
        limiter.tryAcquire();
        Thread mover = moveOnWhenSomebodyWaits();
        assertThatThrownBy(() -> guard.get(halfASecond, () -> 0)).isInstanceOf(DeadlinePassedException.class);
        mover.join();
        assertThat(breaker.metrics().failures()).isZero();
    }

    /** Once the grant timer and the timeout are armed: slows the limiter, and lets the deadline pass. */
    private Thread moveOnWhenSomebodyWaits() {
        Thread mover = new Thread(() -> {
            while (time.pendingTimers() < 2) {
                Thread.onSpinWait();
            }
            limiter.updateRate(u -> u.rate(0.1));
            time.advance(Duration.ofSeconds(1));
        });
        mover.start();
        return mover;
    }
}
