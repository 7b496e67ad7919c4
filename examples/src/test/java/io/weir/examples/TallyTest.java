package io.weir.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.RateLimitExceededException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

class TallyTest {
    private final LongAdder latencies = new LongAdder();
    private final Tally tally =
            new Tally(failure -> failure.getClass().getSimpleName(), nanos -> latencies.increment());

    private void start(CompletableFuture<?> future) {
        tally.start(System.nanoTime(), () -> future);
    }

    @Test
    void eachEndIsCountedForWhatItIs() {
        start(CompletableFuture.completedFuture(1));
        start(CompletableFuture.failedFuture(new IOException()));
        start(CompletableFuture.failedFuture(new CompletionException(new IOException())));
        start(CompletableFuture.failedFuture(new RateLimitExceededException("l", 1, null, false)));
        CompletableFuture<Integer> pending = new CompletableFuture<>();
        start(pending);
        tally.start(0, () -> {
            throw new IllegalStateException("closed");
        });

        assertThat(tally.counts()).isEqualTo(new Tally.Counts(6, 1, 3, 1, 0));
        assertThat(tally.counts().running()).isEqualTo(1);
        assertThat(tally.settled()).isFalse();
        assertThat(tally.awaitEnds(Duration.ZERO)).isFalse();

        tally.cancelRunning();

        assertThat(pending).isCancelled();
        assertThat(tally.counts()).isEqualTo(new Tally.Counts(6, 1, 3, 1, 1));
        assertThat(tally.settled()).isTrue();
        assertThat(tally.reasons())
                .containsEntry("IOException", 2L)
                .containsEntry("RateLimitExceededException", 1L)
                .containsEntry("IllegalStateException", 1L);
        assertThat(latencies.sum())
                .as("rejections and cancellations have no latency")
                .isEqualTo(4);
    }

    /** Completion, failure and cancellation race for each future, and every future is counted once. */
    @Test
    void theEquationHoldsWhenCompletionsAndCancellationsRace() throws Exception {
        int calls = 20_000;
        List<CompletableFuture<Integer>> futures = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            futures.add(new CompletableFuture<>());
        }
        List<Thread> threads = new ArrayList<>();
        CountDownLatch go = new CountDownLatch(1);
        threads.add(new Thread(() -> await(go, () -> futures.forEach(this::start))));
        threads.add(new Thread(() -> await(go, () -> futures.forEach(future -> future.complete(1)))));
        threads.add(new Thread(
                () -> await(go, () -> futures.forEach(future -> future.completeExceptionally(new IOException())))));
        threads.add(new Thread(() -> await(go, () -> {
            for (int i = 0; i < 200; i++) {
                tally.cancelRunning();
                Tally.Counts seen = tally.counts();
                assertThat(seen.running()).isNotNegative();
            }
        })));
        List<Throwable> failures = new ArrayList<>();
        threads.forEach(thread -> thread.setUncaughtExceptionHandler((t, failure) -> failures.add(failure)));
        threads.forEach(Thread::start);
        go.countDown();
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(failures).isEmpty();
        assertThat(tally.awaitEnds(Duration.ofSeconds(10))).isTrue();
        Tally.Counts counts = tally.counts();
        assertThat(counts.started()).isEqualTo(calls);
        assertThat(counts.balanced()).as(counts.equation()).isTrue();
        long cancelled = futures.stream().filter(CompletableFuture::isCancelled).count();
        assertThat(counts.cancelled()).isEqualTo(cancelled);
    }

    @Test
    void anEquationThatDoesNotHoldSaysSo() {
        Tally.Counts counts = new Tally.Counts(5, 1, 1, 1, 1);

        assertThat(counts.balanced()).isFalse();
        assertThat(counts.equation()).isEqualTo("5 started \u2260 1 succeeded + 1 failed + 1 rejected + 1 cancelled");
    }

    private static void await(CountDownLatch go, Runnable action) {
        try {
            go.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        action.run();
    }
}
