package io.weir.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.CallOptions;
import io.weir.WeirRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * Submits, ends, cancels and a shutdown, all at once, with and without a limit on starts: E1 and E2 of ExecutorStage, and Cuts. {@code -Dweir.race.rounds=N} for a longer run,
 * {@code -Dweir.race.seed=N} for the one that failed.
 */
class AsyncExecutorRaceTest {
    private static final int ROUNDS = Integer.getInteger("weir.race.rounds", 500);
    private static final int CALLS = 24;

    private final long seed = Long.getLong("weir.race.seed", System.nanoTime());

    @Test
    void everyCallEndsOnceAndTheShutdownAfterThem() throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        try (WeirRuntime runtime = WeirRuntime.builder().build()) {
            for (int round = 0; round < ROUNDS; round++) {
                round(runtime, random.split(), "seed " + seed + ", round " + round);
            }
        }
    }

    /** With a limit on starts too: tokens for a few, and more of them in a moment. */
    private static ExecutorGuard executor(WeirRuntime runtime, SplittableRandom random) {
        int concurrency = 1 + random.nextInt(3);
        if (random.nextBoolean()) {
            return AsyncExecutor.builder("race")
                    .maxConcurrency(concurrency)
                    .runtime(runtime)
                    .build();
        }
        return RateLimitedExecutor.builder("race")
                .rate(20_000)
                .maxTokens(1 + random.nextInt(4))
                .maxConcurrency(concurrency)
                .endpointRateLimiting(random.nextBoolean())
                .runtime(runtime)
                .build();
    }

    private static void round(WeirRuntime runtime, SplittableRandom random, String where) throws Exception {
        ExecutorGuard executor = executor(runtime, random);
        ConcurrentLinkedQueue<CompletableFuture<Integer>> stages = new ConcurrentLinkedQueue<>();
        List<CompletableFuture<Integer>> calls = new ArrayList<>();
        boolean patient = random.nextBoolean();
        int cancels = random.nextInt(4);
        int shutdownAt = random.nextInt(CALLS);
        AtomicBoolean over = new AtomicBoolean();
        Thread ender = new Thread(() -> {
            while (!over.get() || !stages.isEmpty()) {
                CompletableFuture<Integer> stage = stages.poll();
                if (stage != null) {
                    stage.complete(1);
                }
                Thread.onSpinWait();
            }
        });
        CompletableFuture<Boolean> ended = new CompletableFuture<>();
        ender.start();
        Thread closer = null;
        for (int i = 0; i < CALLS; i++) {
            if (i == shutdownAt) {
                closer = new Thread(() ->
                        (patient ? executor.shutdown() : executor.shutdown(Duration.ZERO)).thenAccept(ended::complete));
                closer.start();
            }
            boolean atOnce = random.nextInt(4) == 0;
            CallOptions options = CallOptions.key("k" + random.nextInt(2));
            calls.add(executor.execute(options, () -> {
                CompletableFuture<Integer> stage = new CompletableFuture<>();
                if (atOnce) {
                    stage.complete(1);
                } else {
                    stages.add(stage);
                }
                return stage;
            }));
            if (random.nextInt(CALLS) < cancels) {
                calls.get(random.nextInt(calls.size())).cancel(true);
            }
        }
        boolean clean = ended.get(20, TimeUnit.SECONDS);
        for (CompletableFuture<Integer> call : calls) {
            try {
                assertThat(call.get(20, TimeUnit.SECONDS)).as(where).isEqualTo(1);
            } catch (CancellationException | ExecutionException e) {
                Throwable why = e.getCause() == null ? e : e.getCause();
                assertThat(why).as(where).isInstanceOfAny(CancellationException.class, IllegalStateException.class);
                if (patient && why instanceof CancellationException) {
                    assertThat(String.valueOf(why.getMessage())).as(where).doesNotContainIgnoringCase("was shut down");
                }
            }
        }
        if (patient) {
            assertThat(clean).as(where).isTrue();
        }
        over.set(true);
        ender.join();
        if (closer != null) {
            closer.join();
        }
        assertThat(executor.inFlight()).as(where).isZero();
        assertThat(executor.waiting()).as(where).isZero();
    }
}
