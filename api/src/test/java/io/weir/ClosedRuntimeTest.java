package io.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.ratelimit.Reservation;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import io.weir.retry.RetryEvent;
import io.weir.testkit.RecordedEvents;
import io.weir.testkit.ScriptedCall;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A wait that the end of the timer cuts off is no wait that is over. */
class ClosedRuntimeTest {
    private final VirtualTime time = new VirtualTime();
    private final RecordedEvents events = new RecordedEvents();
    private final WeirRuntime runtime = time.runtimeBuilder().listener(events).build();
    private final Retry retry =
            Retry.of("r", RetryConfig.builder().jitter(false).build(), runtime);

    @Test
    void aThreadInItsBackOffGetsTheLastFailureAndDoesNotTryAgain() {
        IOException failure = new IOException();
        AtomicInteger attempts = new AtomicInteger();
        assertThatThrownBy(() -> retry.call(() -> {
                    attempts.incrementAndGet();
                    runtime.close();
                    throw failure;
                }))
                .isSameAs(failure);
        assertThat(attempts).hasValue(1);
        assertThat(retry.metrics().givenUp()).isEqualTo(1);
    }

    @Test
    void aRetryInItsBackOffGivesUpAndSaysSo() {
        CompletableFuture<Integer> future =
                retry.execute(ScriptedCall.<Integer>create().thenFail(new IOException()));
        runtime.close();
        time.runPending();
        assertThat(future).isCompletedExceptionally();
        assertThat(retry.metrics().retries()).isEqualTo(1);
        assertThat(retry.metrics().givenUp()).isEqualTo(1);
        assertThat(events.of(RetryEvent.class)).extracting(RetryEvent::gaveUp).containsExactly(false, true);
    }

    @Test
    void aReservationThatIsNotDueIsNotAwaitedToItsEnd() {
        TokenBucketRateLimiter limiter = TokenBucketRateLimiter.builder("l")
                .rate(1)
                .maxTokens(1)
                .runtime(runtime)
                .build();
        limiter.tryAcquire();
        Reservation reservation = limiter.reserve(1);
        runtime.close();
        assertThatThrownBy(reservation::await)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void aThreadInLineIsToldSo() {
        TokenBucketRateLimiter limiter = TokenBucketRateLimiter.builder("l")
                .rate(1)
                .maxTokens(1)
                .runtime(runtime)
                .build();
        limiter.tryAcquire();
        CompletableFuture<Integer> waiting = limiter.execute(() -> CompletableFuture.completedFuture(1));
        runtime.close();
        time.runPending();
        assertThatThrownBy(waiting::join).hasCauseInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> limiter.get(() -> 1)).isInstanceOf(IllegalStateException.class);
        assertThat(limiter.acquire(1)).isNotDone();
        time.runPending();
    }

    @Test
    void thousandsInLineAreToldSoByAFewThreads() throws Exception {
        WeirRuntime real = WeirRuntime.builder().build();
        TokenBucketRateLimiter limiter = TokenBucketRateLimiter.builder("l")
                .rate(1)
                .period(Duration.ofHours(1))
                .initialTokens(0)
                .runtime(real)
                .build();
        Set<Thread> tellers = ConcurrentHashMap.newKeySet();
        List<CompletableFuture<?>> told = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            told.add(limiter.acquire().whenComplete((granted, failure) -> tellers.add(Thread.currentThread())));
        }
        real.close();
        assertThatThrownBy(() -> CompletableFuture.allOf(told.toArray(new CompletableFuture<?>[0]))
                        .get(60, TimeUnit.SECONDS))
                .hasCauseInstanceOf(IllegalStateException.class);
        assertThat(tellers).hasSizeLessThan(50);
    }
}
