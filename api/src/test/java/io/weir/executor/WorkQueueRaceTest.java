package io.weir.executor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** W1 to W4 with real threads: two producers, workers whose stages end anywhere, a stop in between, with or without a timeout that passes. */
class WorkQueueRaceTest {
    private static final int ROUNDS = Integer.getInteger("weir.queue.rounds", 400);

    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void nothingAcceptedIsLostUnreportedOrDoneTwiceWheneverAStopComes() throws InterruptedException {
        for (int round = 1; round <= ROUNDS; round++) {
            round(new SplittableRandom(round));
        }
    }

    private static void round(SplittableRandom random) throws InterruptedException {
        int workers = 1 + random.nextInt(3);
        long stopAfterSpins = random.nextInt(20_000);
        Duration timeout = random.nextBoolean() ? Duration.ZERO : Duration.ofMinutes(1);
        Set<Integer> done = ConcurrentHashMap.newKeySet();
        Set<Integer> accepted = ConcurrentHashMap.newKeySet();
        AtomicInteger running = new AtomicInteger();
        AtomicInteger twice = new AtomicInteger();
        AtomicInteger tooMany = new AtomicInteger();
        WorkQueue<Integer> queue =
                WorkQueue.<Integer>builder("race").capacity(2).build();
        queue.startWorkers(workers, item -> {
            if (running.incrementAndGet() > workers) {
                tooMany.incrementAndGet();
            }
            Runnable work = () -> {
                running.decrementAndGet();
                if (!done.add(item)) {
                    twice.incrementAndGet();
                }
            };
            if (item % 3 != 0) {
                work.run();
                return CompletableFuture.completedFuture("");
            }
            return CompletableFuture.runAsync(work, ForkJoinPool.commonPool());
        });
        Thread producer = new Thread(() -> produce(queue, 1, accepted));
        producer.start();
        for (long spins = 0; spins < stopAfterSpins; spins++) {
            Thread.onSpinWait();
        }
        StopReport<Integer> report = queue.stop(timeout).join();
        producer.join();
        queue.join().join();

        Set<Integer> accounted = ConcurrentHashMap.newKeySet();
        accounted.addAll(done);
        accounted.addAll(report.lost());
        assertThat(accounted).containsAll(accepted);
        if (!timeout.isZero()) {
            assertThat(report.lost()).isEmpty();
            assertThat(tooMany).hasValue(0);
        }
        assertThat(twice).hasValue(0);
        assertThat(queue.metrics().processed() + report.lost().size())
                .isEqualTo(queue.metrics().enqueued());
    }

    private static void produce(WorkQueue<Integer> queue, int from, Set<Integer> accepted) {
        for (int item = from; item < from + 200; item++) {
            int number = item;
            try {
                CompletableFuture<Boolean> answer = queue.put(number, Duration.ofSeconds(10));
                if (answer.join()) {
                    accepted.add(number);
                }
            } catch (IllegalStateException stopped) {
                return;
            }
        }
    }
}
