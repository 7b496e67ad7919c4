package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.breaker.CircuitBreaker;
import io.weir.ratelimit.EndpointRateLimiter;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.testkit.VirtualTime;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Too many of everything. {@code -Dweir.flood=100} makes each flood a hundred times larger. */
class FloodTest {
    private static final int TIMES = Integer.getInteger("weir.flood", 1);

    private final VirtualTime time = new VirtualTime();
    private final WeirRuntime runtime = time.runtimeBuilder().build();

    @Test
    void aFloodOfNewKeysTakesNoMemoryAndABusyKeyStaysLimitedExactly() {
        EndpointRateLimiter limiter = EndpointRateLimiter.builder("flooded")
                .defaultRate(10)
                .defaultMaxTokens(5)
                .maxKeys(10_000)
                .runtime(runtime)
                .build();
        long granted = 0;
        long keys = 1_000_000L * TIMES;
        int places = 0;
        long heap = 0;
        long[] latencies = new long[64]; // by powers of two of nanoseconds
        long sampled = 0;
        for (long i = 0; i < keys; i++) {
            String key = "key-" + i;
            if (i % 8 == 0) {
                long began = System.nanoTime();
                limiter.tryAcquire(key, 1);
                latencies[64 - Long.numberOfLeadingZeros(Math.max(0, System.nanoTime() - began))]++;
                sampled++;
            } else {
                limiter.tryAcquire(key, 1);
            }
            if (i % 100 == 0) {
                granted += limiter.tryAcquire("busy", 1) ? 1 : 0;
            }
            if (i % 10_000 == 0) {
                time.advance(Duration.ofMillis(10));
            }
            if (i == keys / 10) {
                places = limiter.metrics().keys();
                heap = usedHeap();
            }
        }
        double bound = 5 + 10 * time.nanoTime() * 1e-9;
        assertThat(granted).isBetween((long) bound - 1, (long) bound);
        assertThat(limiter.metrics().keys()).isLessThanOrEqualTo(20_000).isLessThanOrEqualTo(places + 10_000);
        assertThat(limiter.metrics().keptApart()).isZero();
        assertThat(usedHeap() - heap)
                .as("bytes more than after a tenth of the flood")
                .isLessThan(4_000_000);
        long slower = sampled;
        int power = 0;
        while (slower > sampled / 100) {
            slower -= latencies[power++];
        }
        // About a microsecond; generous, as the machine may do something else.
        assertThat(1L << power)
                .as("99 of 100 calls take at most so many nanoseconds")
                .isLessThanOrEqualTo(1 << 17);
        assertThat(limiter.metrics().refused()).isPositive();
    }

    private static long usedHeap() {
        System.gc();
        Runtime machine = Runtime.getRuntime();
        return machine.totalMemory() - machine.freeMemory();
    }

    @Test
    void aHundredThousandWaitersAreAllGrantedAllFailedOrAllForgotten() throws Exception {
        int waiters = 100_000 * Math.min(TIMES, 10);
        for (String how : List.of("close", "cancel", "rate")) {
            TokenBucketRateLimiter limiter = TokenBucketRateLimiter.builder(how)
                    .rate(1e-3)
                    .maxTokens(1)
                    .initialTokens(0)
                    .maxWaiters(waiters)
                    .runtime(runtime)
                    .build();
            List<CompletableFuture<Void>> all = new ArrayList<>(waiters);
            for (int i = 0; i < waiters; i++) {
                all.add(limiter.acquire());
            }
            assertThat(limiter.tryAcquire()).isFalse();
            switch (how) {
                case "close" -> limiter.close();
                case "cancel" -> all.forEach(wait -> wait.cancel(true));
                default -> {
                    limiter.updateRate(u -> u.rate(1e6));
                    time.advance(Duration.ofSeconds(waiters / 1_000_000 + 1));
                }
            }
            time.runPending();
            assertThat(all).as(how).allMatch(CompletableFuture::isDone);
            assertThat(all.stream()
                            .filter(CompletableFuture::isCompletedExceptionally)
                            .count())
                    .isEqualTo(how.equals("rate") ? 0 : waiters);
            if (how.equals("close")) {
                assertThat(failureOf(all.get(waiters - 1))).isInstanceOf(IllegalStateException.class);
            }
            assertThat(time.pendingTimers()).as(how).isZero();
        }
    }

    private static Throwable failureOf(CompletableFuture<?> future) throws InterruptedException {
        try {
            future.get();
            return null;
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    @Test
    void guardsThatAreDroppedAreCollectedThoughTheirRuntimeLives() {
        List<WeakReference<Guard>> dropped = new ArrayList<>();
        long heap = usedHeap();
        for (int i = 0; i < 10_000 * Math.min(TIMES, 10); i++) {
            CircuitBreaker breaker = CircuitBreaker.builder("b")
                    .failureThreshold(1)
                    .runtime(runtime)
                    .build();
            TokenBucketRateLimiter limiter = TokenBucketRateLimiter.builder("l")
                    .rate(1e-3)
                    .maxTokens(1)
                    .runtime(runtime)
                    .build();
            Guard guard = Pipeline.of(breaker, limiter);
            guard.execute(() -> CompletableFuture.failedFuture(new IllegalStateException("opens it")));
            limiter.acquire().cancel(true); // a wait of a thousand seconds, and nobody waits any more
            if (i % 100 == 0) {
                dropped.add(new WeakReference<>(breaker));
                dropped.add(new WeakReference<>(limiter));
            }
        }
        time.runPending();
        long began = System.nanoTime();
        while (dropped.stream().anyMatch(each -> each.get() != null)) {
            System.gc();
            assertThat(System.nanoTime() - began).isLessThan(60_000_000_000L);
        }
        assertThat(usedHeap() - heap).as("bytes more than before").isLessThan(4_000_000);
    }

    @Test
    void aListenerThatNeverReturnsDelaysNobodyElse() throws Exception {
        try (WeirRuntime real = WeirRuntime.builder().build()) {
            CountDownLatch forEver = new CountDownLatch(1);
            CountDownLatch heard = new CountDownLatch(3);
            real.listen(event -> {
                try {
                    forEver.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            real.listen(event -> {
                heard.countDown();
                real.listen(added -> {}); // grows while it is being walked
                throw new IllegalStateException("thrown on purpose by a test; logged");
            });
            CircuitBreaker breaker = CircuitBreaker.builder("b")
                    .failureThreshold(1)
                    .runtime(real)
                    .build();
            breaker.forceOpen();
            breaker.reset();
            breaker.forceOpen();
            assertThat(heard.await(60, TimeUnit.SECONDS)).isTrue();
            forEver.countDown();
        }
    }
}
