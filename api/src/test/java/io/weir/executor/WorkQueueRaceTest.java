package io.weir.executor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
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

    /** Cancels, joins and stops from all sides; every answer is given, and is the truth. */
    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void everyPutIsAnsweredTruthfullyWhoeverCancelsJoinsOrStops() throws InterruptedException {
        for (int round = 1; round <= ROUNDS; round++) {
            answers(round);
        }
    }

    private static void answers(int seed) throws InterruptedException {
        SplittableRandom random = new SplittableRandom(seed);
        Set<Integer> begun = ConcurrentHashMap.newKeySet();
        Map<Integer, CompletableFuture<Boolean>> puts = new ConcurrentHashMap<>();
        Queue<CompletableFuture<Void>> joins = new ConcurrentLinkedQueue<>();
        WorkQueue<Integer> queue =
                WorkQueue.<Integer>builder("race").capacity(1).build();
        queue.startWorkers(1 + random.nextInt(2), item -> {
            begun.add(item);
            return item % 4 != 0
                    ? CompletableFuture.completedFuture("")
                    : CompletableFuture.runAsync(Thread::onSpinWait, ForkJoinPool.commonPool());
        });
        Thread[] threads = new Thread[2];
        for (int i = 0; i < threads.length; i++) {
            SplittableRandom own = random.split();
            int from = 1_000 * (i + 1);
            threads[i] = new Thread(() -> {
                for (int item = from; item < from + 100; item++) {
                    try {
                        CompletableFuture<Boolean> answer = queue.put(item, Duration.ofSeconds(10));
                        puts.put(item, answer);
                        switch (own.nextInt(4)) {
                            case 0 -> answer.cancel(true);
                            case 1 -> joins.add(queue.join());
                            case 2 -> answer.join();
                            default -> {}
                        }
                    } catch (IllegalStateException stopped) {
                        return;
                    }
                }
            });
            threads[i].start();
        }
        for (long spins = random.nextInt(40_000); spins > 0; spins--) {
            Thread.onSpinWait();
        }
        Duration timeout = Duration.ofNanos(random.nextInt(3) == 0 ? 0 : random.nextInt(2_000_000_000));
        CompletableFuture<StopReport<Integer>> first = queue.stop(timeout);
        CompletableFuture<StopReport<Integer>> second = queue.stop();
        StopReport<Integer> report = first.join();
        for (Thread thread : threads) {
            thread.join();
        }
        joins.forEach(CompletableFuture::join);
        queue.join().join();
        assertThat(second.join().lost()).as("seed %d", seed).isEqualTo(report.lost());
        Set<Integer> in = ConcurrentHashMap.newKeySet();
        in.addAll(begun);
        in.addAll(report.lost());
        puts.forEach((item, answer) -> assertThat(answer.handle((accepted, failure) -> failure == null && accepted)
                        .join())
                .as("seed %d, item %d", seed, item)
                .isEqualTo(in.contains(item)));
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
