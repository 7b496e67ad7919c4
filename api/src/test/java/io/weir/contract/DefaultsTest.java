package io.weir.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.RateLimitExceededException;
import io.weir.WeirRuntime;
import io.weir.executor.WorkQueue;
import io.weir.guard.Bulkhead;
import io.weir.guard.Timeout;
import io.weir.http.EndpointConfig;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The contract's defaults, seen from outside. */
class DefaultsTest {
    private final VirtualTime time = new VirtualTime();
    private final WeirRuntime runtime = time.runtimeBuilder().build();

    @Test
    void aTokenBucketHoldsItsRateAndAtLeastOne() {
        var limiter =
                TokenBucketRateLimiter.builder("l").rate(3).runtime(runtime).build();
        assertThat(limiter.availableTokens()).isEqualTo(3);
        assertThat(limiter.tryAcquire(3)).isTrue();
        time.advance(Duration.ofSeconds(1));
        assertThat(limiter.availableTokens()).as("3 a second").isEqualTo(3);
        var slow =
                TokenBucketRateLimiter.builder("l").rate(0.5).runtime(runtime).build();
        assertThat(slow.tryAcquire()).isTrue();
        time.advance(Duration.ofSeconds(2));
        assertThat(slow.tryAcquire()).isTrue();
    }

    @Test
    void tenThousandMayStandInALimitersLine() {
        var limiter = TokenBucketRateLimiter.builder("l")
                .rate(1)
                .initialTokens(0)
                .runtime(runtime)
                .build();
        List<CompletableFuture<?>> line = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            line.add(limiter.acquire());
        }
        assertThat(line.stream().filter(CompletableFuture::isDone)).isEmpty();
        assertThatThrownBy(limiter.acquire()::join)
                .hasCauseInstanceOf(RateLimitExceededException.class)
                .cause()
                .satisfies(e -> assertThat(((RateLimitExceededException) e).retryAfter())
                        .hasValueSatisfying(wait -> assertThat(wait).isGreaterThan(Duration.ofSeconds(9_999))));
        limiter.close();
        time.runPending();
        assertThat(line.stream().filter(CompletableFuture::isCompletedExceptionally))
                .hasSize(10_000);
    }

    @Test
    void aBulkheadHas25PlacesAndNoLine() {
        Bulkhead bulkhead = Bulkhead.builder("b").runtime(runtime).build();
        for (int i = 0; i < 25; i++) {
            assertThat(bulkhead.tryAcquire()).isTrue();
        }
        assertThat(bulkhead.tryAcquire()).isFalse();
        assertThat(bulkhead.acquire()).as("refused at once").isCompletedExceptionally();
    }

    @Test
    void aTimeoutCancelsWhatRuns() {
        var running = new CompletableFuture<Integer>();
        var timeout = Timeout.builder("t")
                .duration(Duration.ofSeconds(1))
                .runtime(runtime)
                .build();
        timeout.execute(() -> running);
        time.advance(Duration.ofSeconds(1));
        assertThat(running).isCancelled();
    }

    @Test
    void aQueueHoldsAHundredItemsAndAPutWaits100Milliseconds() {
        WorkQueue<Integer> queue =
                WorkQueue.<Integer>builder("q").runtime(runtime).build();
        assertThat(queue.state()).isEqualTo(WorkQueue.State.IDLE);
        var working = new CompletableFuture<Void>();
        queue.startWorkers(1, item -> working);
        assertThat(queue.state()).isEqualTo(WorkQueue.State.PROCESSING);
        assertThat(queue.put(0).join()).isTrue();
        time.runPending();
        int accepted = 0;
        CompletableFuture<Boolean> put = queue.put(1);
        while (put.isDone()) {
            accepted++;
            put = queue.put(1);
        }
        assertThat(accepted).isEqualTo(100);
        time.advance(Duration.ofMillis(100).minusNanos(1));
        assertThat(put).isNotDone();
        time.advance(Duration.ofNanos(1));
        assertThat(put).isCompletedWithValue(false);
        assertThat(queue.metrics().backpressure()).isEqualTo(1);
        assertThat(queue.metrics().enqueued()).isEqualTo(101);
        var stopped = queue.stop();
        assertThat(queue.state()).isEqualTo(WorkQueue.State.STOPPING);
        working.complete(null);
        time.runPending();
        assertThat(stopped.join().lost()).isEmpty();
        assertThat(queue.state()).isEqualTo(WorkQueue.State.STOPPED);
        assertThat(queue.metrics().processed()).isEqualTo(101);
    }

    @Test
    void anEndpointPostsJsonAndWaitsFiveMinutes() {
        EndpointConfig config = EndpointConfig.builder("chat")
                .baseUrl("https://api.example.com")
                .path("/v1/chat")
                .build();
        assertThat(config.method()).isEqualTo("POST");
        assertThat(config.contentType()).isEqualTo("application/json");
        assertThat(config.timeout()).isEqualTo(Duration.ofSeconds(300));
    }
}
