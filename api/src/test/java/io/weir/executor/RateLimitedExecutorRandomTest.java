package io.weir.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.CallOptions;
import io.weir.WeirRuntime;
import io.weir.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * Submits, ends, failures, cancels, deadlines, clock steps and changes of rate, 10,000 of them in a random order: afterwards no slot and no token is lost. {@code
 * -Dweir.random.operations=N} for a longer run, {@code -Dweir.random.seed=N} for the one that failed.
 */
class RateLimitedExecutorRandomTest {
    private static final int OPERATIONS = Integer.getInteger("weir.random.operations", 10_000);
    private static final int SLOTS = 3;
    private static final double MAX_TOKENS = 4;

    private final long seed = Long.getLong("weir.random.seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);
    private final VirtualTime time = new VirtualTime(random.nextLong());
    private final WeirRuntime runtime = time.runtimeBuilder().build();
    private final List<CompletableFuture<Integer>> running = new ArrayList<>();
    private final List<CompletableFuture<Integer>> calls = new ArrayList<>();

    private CompletableFuture<Integer> begin() {
        CompletableFuture<Integer> own = new CompletableFuture<>();
        switch (random.nextInt(6)) {
            case 0 -> own.complete(1);
            case 1 -> own.completeExceptionally(new IllegalStateException("down"));
            default -> running.add(own);
        }
        return own;
    }

    @Test
    void oneLimitLosesNoSlotAndNoToken() {
        run(RateLimitedExecutor.builder("x")
                .rate(20)
                .maxTokens(MAX_TOKENS)
                .maxConcurrency(SLOTS)
                .maxWaiters(20)
                .runtime(runtime)
                .build());
    }

    @Test
    void limitsForEachEndpointLoseNoSlotAndNoToken() {
        run(RateLimitedExecutor.builder("x")
                .endpointRateLimiting(true)
                .rate(10)
                .maxTokens(MAX_TOKENS)
                .maxConcurrency(SLOTS)
                .maxWaiters(20)
                .runtime(runtime)
                .build());
    }

    private String endpoint() {
        return "endpoint" + random.nextInt(4);
    }

    private void run(RateLimitedExecutor executor) {
        for (int i = 0; i < OPERATIONS; i++) {
            step(executor);
            assertThat(executor.inFlight()).as("seed %d", seed).isLessThanOrEqualTo(SLOTS);
        }
        for (int i = 0; i < 1_000; i++) {
            time.advance(Duration.ofSeconds(1));
            endAll();
        }
        assertThat(calls).as("seed %d", seed).allMatch(CompletableFuture::isDone);
        assertThat(executor.inFlight()).as("seed %d", seed).isZero();
        assertThat(executor.waiting()).as("seed %d", seed).isZero();
        // All is there: as many start at once as there are slots, and each line has its whole burst.
        for (int each = 0; each < 4; each++) {
            time.advance(Duration.ofSeconds(100));
            CallOptions key = CallOptions.key("endpoint" + each);
            List<CompletableFuture<Integer>> last = new ArrayList<>();
            last.add(executor.execute(key.andTokens(MAX_TOKENS), () -> new CompletableFuture<Integer>()));
            for (int i = 1; i < SLOTS; i++) {
                last.add(executor.execute(key.andTokens(0), () -> new CompletableFuture<Integer>()));
            }
            assertThat(executor.inFlight()).as("seed %d", seed).isEqualTo(SLOTS);
            assertThat(executor.waiting()).as("seed %d", seed).isZero();
            last.forEach(call -> call.cancel(true));
            time.runPending();
        }
        executor.shutdown(Duration.ZERO);
        time.runPending();
        assertThat(executor.inFlight()).as("seed %d", seed).isZero();
        assertThat(time.pendingTimers()).as("seed %d", seed).isZero();
    }

    private void step(RateLimitedExecutor executor) {
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3 -> {
                CallOptions options = CallOptions.key(endpoint());
                double tokens = List.of(0.0, 0.5, 1.0, 1.0, 2.0, 4.0).get(random.nextInt(6));
                options = options.andTokens(tokens);
                if (random.nextInt(4) == 0) {
                    options = options.andWithin(Duration.ofMillis(1 + random.nextInt(2_000)));
                }
                calls.add(executor.execute(options, this::begin));
            }
            case 4, 5, 6 -> {
                if (!running.isEmpty()) {
                    running.remove(random.nextInt(running.size())).complete(1);
                }
            }
            case 7 -> {
                if (!calls.isEmpty()) {
                    calls.get(calls.size() - 1 - random.nextInt(Math.min(calls.size(), 30)))
                            .cancel(true);
                }
            }
            case 8 -> {
                double rate = 2 + random.nextInt(40);
                try {
                    executor.updateRate(u -> u.rate(rate));
                } catch (IllegalStateException perEndpoint) {
                    executor.updateRateLimit(endpoint(), u -> u.rate(rate));
                }
            }
            case 9 -> time.runPending();
            default -> time.advance(Duration.ofMillis(random.nextInt(200)));
        }
    }

    private void endAll() {
        while (!running.isEmpty()) {
            running.remove(running.size() - 1).complete(1);
            time.runPending();
        }
    }
}
