package io.weir.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class BatchTest {
    private static final int MANY = 64;

    private static Runnable batch(Executor pool, int tasks, Runnable task) {
        Batch batch = new Batch(pool, tasks);
        for (int i = 0; i < tasks; i++) {
            batch.add(task);
        }
        return batch.sealed();
    }

    @Test
    void runsItsTasksInOrderAndComesUpOnceMore() {
        Queue<Runnable> queue = new ArrayDeque<>();
        List<Integer> ran = new ArrayList<>();
        Batch batch = new Batch(queue::add, MANY);
        for (int i = 0; i < 5; i++) {
            int number = i;
            batch.add(() -> ran.add(number));
        }
        batch.sealed().run();
        assertThat(ran).containsExactly(0, 1, 2, 3, 4);
        assertThat(queue).hasSize(1);
        queue.remove().run();
        assertThat(ran).hasSize(5);
        assertThat(queue).isEmpty();
    }

    @Test
    void isFullAtItsCapacity() {
        Batch batch = new Batch(Runnable::run, MANY);
        for (int i = 1; i < MANY; i++) {
            assertThat(batch.add(() -> {})).isFalse();
        }
        assertThat(batch.add(() -> {})).isTrue();
    }

    @Test
    void aSingleTaskIsQueuedAsItself() {
        Runnable task = () -> {};
        assertThat(batch(Runnable::run, 1, task)).isSameAs(task);
    }

    @Test
    void whoComesSecondTakesTheTasksFromTheOtherEnd() {
        Queue<Runnable> queue = new ArrayDeque<>();
        List<Integer> ran = new ArrayList<>();
        Batch batch = new Batch(queue::add, MANY);
        for (int i = 0; i < 5; i++) {
            int number = i;
            batch.add(() -> {
                ran.add(number);
                if (number == 1) {
                    queue.remove().run(); // another thread, while this task takes its time
                }
            });
        }
        batch.sealed().run();
        assertThat(ran).containsExactly(0, 1, 4, 3, 2);
    }

    /** As each task blocks where it stands, every other one needs its own thread, and must find its way to it through the queue. */
    @Test
    void aTaskThatDoesNotReturnHoldsUpNoOther() {
        for (int tasks = 1; tasks <= 3 * MANY; tasks++) {
            Queue<Runnable> queue = new ArrayDeque<>();
            AtomicInteger begun = new AtomicInteger();
            queue.add(batch(queue::add, tasks, () -> {
                begun.incrementAndGet();
                Runnable next = queue.poll(); // what another thread would do meanwhile
                if (next != null) {
                    next.run();
                }
            }));
            queue.remove().run();
            assertThat(begun).as("of %d tasks", tasks).hasValue(tasks);
            assertThat(queue.size()).isLessThanOrEqualTo(1);
        }
    }

    @Test
    void aTaskThatThrowsLosesNoOther() {
        Queue<Runnable> queue = new ArrayDeque<>();
        AtomicInteger begun = new AtomicInteger();
        queue.add(batch(queue::add, MANY, () -> {
            begun.incrementAndGet();
            throw new IllegalStateException("thrown on purpose by a test");
        }));
        int thrown = 0;
        for (Runnable next = queue.poll(); next != null; next = queue.poll()) {
            try {
                next.run();
            } catch (IllegalStateException expected) {
                thrown++;
            }
        }
        assertThat(begun).hasValue(MANY);
        assertThat(thrown).isEqualTo(MANY);
    }

    @Test
    void aTaskThatThrowsLosesNoOtherThoughNothingCanBeQueued() {
        AtomicInteger begun = new AtomicInteger();
        Executor full = task -> {
            throw new OutOfMemoryError("thrown on purpose by a test");
        };
        Runnable all = batch(full, MANY, () -> {
            begun.incrementAndGet();
            throw new IllegalStateException("thrown on purpose by a test");
        });
        assertThatThrownBy(all::run).isInstanceOf(IllegalStateException.class);
        assertThat(begun).hasValue(MANY);
    }

    @Test
    void threadsThatRunOneBatchShareItsTasks() throws Exception {
        int batches = 20_000;
        AtomicIntegerArray runs = new AtomicIntegerArray(batches * MANY);
        Queue<Runnable> queue = new ConcurrentLinkedQueue<>();
        AtomicInteger done = new AtomicInteger();
        for (int b = 0; b < batches; b++) {
            Batch batch = new Batch(queue::add, MANY);
            for (int i = 0; i < MANY; i++) {
                int number = b * MANY + i;
                batch.add(() -> {
                    runs.incrementAndGet(number);
                    done.incrementAndGet();
                });
            }
            queue.add(batch.sealed());
        }
        Thread[] threads = new Thread[3];
        for (int t = 0; t < threads.length; t++) {
            threads[t] = new Thread(() -> {
                while (done.get() < batches * MANY) {
                    Runnable next = queue.poll();
                    if (next != null) {
                        next.run();
                    }
                    Thread.onSpinWait();
                }
            });
            threads[t].start();
        }
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(60));
            assertThat(thread.isAlive()).isFalse();
        }
        for (int i = 0; i < runs.length(); i++) {
            assertThat(runs.get(i)).as("runs of task %d", i).isOne();
        }
    }

    @Test
    void theMoreIsGatheredTheLargerTheBatchesAre() {
        List<Integer> gathered = new ArrayList<>();
        AtomicInteger begun = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>()) {
            @Override
            public void execute(Runnable batch) {
                gathered.add(begun.get());
            }
        };
        Callbacks callbacks = new Callbacks(null, pool);
        for (int round = 0; round < 2; round++) {
            gathered.clear();
            begun.set(0);
            callbacks.gather(() -> {
                for (int i = 0; i < 5_000; i++) {
                    begun.incrementAndGet();
                    callbacks.execute(() -> {});
                }
            });
            assertThat(gathered).containsExactly(64, 192, 448, 960, 1_984, 3_008, 4_032, 5_000);
        }
        callbacks.close();
    }

    @Test
    void whatIsGatheredRunsOnThePoolThoughOneOfItBlocks() throws Exception {
        Callbacks callbacks = new Callbacks(null);
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch ran = new CountDownLatch(200);
        callbacks.gather(() -> {
            callbacks.execute(() -> {
                try {
                    release.await(60, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            for (int i = 0; i < 200; i++) {
                callbacks.execute(ran::countDown);
            }
        });
        assertThat(ran.await(30, TimeUnit.SECONDS)).isTrue();
        release.countDown();
        callbacks.close();
    }

    @Test
    void whatIsGatheredIsHandedOverThoughTheGatheringThrows() throws Exception {
        Callbacks callbacks = new Callbacks(null);
        CountDownLatch ran = new CountDownLatch(3);
        try {
            callbacks.gather(() -> {
                for (int i = 0; i < 3; i++) {
                    callbacks.execute(ran::countDown);
                }
                throw new IllegalStateException("thrown on purpose by a test");
            });
        } catch (IllegalStateException expected) {
            assertThat(expected).hasMessageContaining("on purpose");
        }
        assertThat(ran.await(30, TimeUnit.SECONDS)).isTrue();
        callbacks.close();
    }

    @Test
    void aUsersExecutorGetsEachTaskByItselfAndAtOnce() {
        Queue<Runnable> queue = new ArrayDeque<>();
        Callbacks callbacks = new Callbacks(queue::add);
        callbacks.gather(() -> {
            for (int i = 1; i <= 3; i++) {
                callbacks.execute(() -> {});
                assertThat(queue).hasSize(i);
            }
        });
        callbacks.close();
    }
}
