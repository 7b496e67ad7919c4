package io.weir.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.WeirRuntime;
import io.weir.executor.WorkQueue.State;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Contract sections 7 and 10 between two steps of another thread, and where a user's code misbehaves. */
@Timeout(value = 20, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WorkQueueEdgeTest {
    private final VirtualTime time = new VirtualTime(-9);
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    /** Run once, within the next handing of a task to the executor: what another thread does at that moment. */
    private @Nullable Runnable meanwhile;

    private final WeirRuntime runtime =
            time.runtimeBuilder().callbackExecutor(this::execute).build();
    private final WorkQueue<Integer> queue =
            WorkQueue.<Integer>builder("q").capacity(1).runtime(runtime).build();
    private final Map<Integer, CompletableFuture<String>> begun = new LinkedHashMap<>();
    private final List<String> failed = new ArrayList<>();

    private void execute(Runnable task) {
        Runnable first = meanwhile;
        meanwhile = null;
        tasks.add(task);
        if (first != null) {
            first.run();
        }
    }

    private void runTasks() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private CompletableFuture<String> begin(int item) {
        CompletableFuture<String> stage = new CompletableFuture<>();
        begun.put(item, stage);
        return stage;
    }

    private void start() {
        queue.startWorkers(1, this::begin, (item, failure) -> failed.add(item + " " + failure.getMessage()));
    }

    private void put(int item) {
        assertThat(queue.put(item, Duration.ZERO)).isCompletedWithValue(true);
        runTasks();
    }

    private void end(int item) {
        begun.get(item).complete("");
        runTasks();
    }

    @Test
    void aStopWaitsForWhatWasPutSinceAnotherThreadFoundTheQueueEmpty() {
        start();
        put(1);
        CompletableFuture<Void> join = queue.join();
        AtomicReference<CompletableFuture<StopReport<Integer>>> stopped = new AtomicReference<>();
        begun.get(1).complete("");
        // The first task accounts for item 1, finds nothing left, and hands the join over; at that moment:
        meanwhile = () -> {
            assertThat(queue.put(2, Duration.ZERO)).isCompletedWithValue(true);
            stopped.set(queue.stop(Duration.ofHours(1)));
        };
        runTasks();
        assertThat(join).isCompleted();
        assertThat(queue.state()).isEqualTo(State.STOPPING);
        assertThat(stopped.get()).isNotDone();
        end(2);
        assertThat(stopped.get()).isCompleted();
    }

    @Test
    void aJoinWaitsForWhatWasPutBeforeItThoughAnotherThreadHasJustFoundTheQueueEmpty() {
        start();
        put(1);
        CompletableFuture<Void> early = queue.join();
        AtomicReference<CompletableFuture<Void>> late = new AtomicReference<>();
        begun.get(1).complete("");
        meanwhile = () -> {
            assertThat(queue.put(2, Duration.ZERO)).isCompletedWithValue(true);
            late.set(queue.join());
        };
        runTasks();
        assertThat(early).isCompleted();
        assertThat(late.get()).isNotDone();
        end(2);
        assertThat(late.get()).isCompleted();
    }

    @Test
    void aJoinIsNotEndedByAnOlderReadingThanItsOwn() {
        queue.startWorkers(2, this::begin);
        put(1);
        CompletableFuture<Void> early = CompletableFuture.allOf(queue.join(), queue.join());
        AtomicReference<CompletableFuture<Void>> late = new AtomicReference<>();
        begun.get(1).complete("");
        // Another thread is about to tell the joins of the zero before; meanwhile comes and goes another one.
        meanwhile = () -> {
            put(2);
            end(2);
            put(3);
            late.set(queue.join());
        };
        runTasks();
        assertThat(early).isCompleted();
        assertThat(late.get()).isNotDone();
        end(3);
        assertThat(late.get()).isCompleted();
    }

    @Test
    void aPutThatIsCancelledOnceItWasAcceptedSaysThatItWas() {
        start();
        put(1);
        put(2);
        CompletableFuture<Boolean> waits = queue.put(3);
        begun.get(1).complete("");
        tasks.remove().run(); // begins 2, which makes room for 3; its answer is still on its way
        assertThat(queue.metrics().enqueued()).isEqualTo(3);
        assertThat(waits.cancel(true)).isFalse();
        assertThat(waits.completeExceptionally(new IOException())).isFalse();
        assertThat(waits.complete(false)).isFalse();
        runTasks();
        assertThat(waits).isCompletedWithValue(true);
    }

    @Test
    void aBlockingPutThatIsInterruptedOnceItWasAcceptedSaysThatItWas() throws InterruptedException {
        start();
        put(1);
        put(2);
        AtomicReference<Object> outcome = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            try {
                outcome.set(queue.putBlocking(3));
            } catch (InterruptedException e) {
                outcome.set(e);
            }
        });
        thread.start();
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        begun.get(1).complete("");
        tasks.remove().run();
        assertThat(queue.metrics().enqueued()).isEqualTo(3);
        thread.interrupt();
        thread.join();
        assertThat(outcome).hasValue(true);
    }

    @Test
    void aBlockingPutIsAnsweredThoughTheCallbackExecutorIsBusy() throws InterruptedException {
        start();
        put(1);
        put(2);
        AtomicReference<Object> outcome = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            try {
                outcome.set(queue.putBlocking(3));
            } catch (InterruptedException e) {
                outcome.set(e);
            }
        });
        thread.start();
        while (thread.getState() != Thread.State.WAITING || time.pendingTimers() == 0) {
            Thread.onSpinWait();
        }
        time.advance(Duration.ofMillis(100));
        thread.join();
        assertThat(outcome).hasValue(false);
    }

    @Test
    void aStopThatCutsAnotherShortRunsNobodyElsesCode() {
        start();
        put(1);
        List<Thread> within = new ArrayList<>();
        queue.stop(Duration.ofHours(1)).thenRun(() -> within.add(Thread.currentThread()));
        begun.get(1).whenComplete((result, failure) -> within.add(Thread.currentThread()));
        assertThat(queue.stop(Duration.ZERO).join().lost()).containsExactly(1);
        assertThat(within).isEmpty();
        runTasks();
        assertThat(within).hasSize(2);
    }

    @Test
    void aStageThatFailsToBeCancelledKeepsNoStopOpen() {
        class Stubborn extends CompletableFuture<String> {
            @Override
            public boolean cancel(boolean mayInterruptIfRunning) {
                throw new AssertionError("thrown on purpose by a test");
            }
        }
        queue.startWorkers(2, item -> new Stubborn());
        put(1);
        CompletableFuture<Void> join = queue.join();
        CompletableFuture<StopReport<Integer>> stopped = queue.stop(Duration.ofSeconds(1));
        time.advance(Duration.ofSeconds(1));
        runTasks();
        assertThat(stopped).isCompleted();
        assertThat(join).isCompleted();
    }

    @Test
    void anErrorHandlerThatThrowsACheckedExceptionKeepsNobodyFromEnding() {
        queue.startWorkers(
                1,
                item -> CompletableFuture.failedFuture(new IOException()),
                (item, failure) -> sneak(new IOException("thrown on purpose by a test; logged")));
        assertThat(queue.put(1)).isCompletedWithValue(true);
        CompletableFuture<Void> join = queue.join();
        runTasks();
        assertThat(join).isCompleted();
        assertThat(queue.put(2)).isCompletedWithValue(true);
        runTasks();
        assertThat(queue.metrics().errors()).isEqualTo(2);
    }

    @SuppressWarnings("unchecked")
    private static <X extends Exception> void sneak(Exception failure) throws X {
        throw (X) failure;
    }

    @Test
    void anItemsInterruptIsNotTheNextOnes() {
        List<Boolean> interrupted = new ArrayList<>();
        WorkQueue<Integer> blocking = WorkQueue.of("b");
        CompletableFuture<Void> go = new CompletableFuture<>();
        blocking.startBlockingWorkers(1, item -> {
            go.join();
            interrupted.add(Thread.currentThread().isInterrupted());
            Thread.currentThread().interrupt();
        });
        CompletableFuture<Void> all = CompletableFuture.allOf(blocking.put(1), blocking.put(2), blocking.put(3));
        go.complete(null);
        all.join();
        blocking.close();
        assertThat(interrupted).containsExactly(false, false, false);
    }

    @Test
    void processAllFailsIfTheQueueIsStoppedBeforeTheLastItemWasPut() {
        CompletableFuture<Void> all = queue.processAll(List.of(1, 2, 3), 1, this::begin);
        runTasks();
        CompletableFuture<StopReport<Integer>> stopped = queue.stop(Duration.ofHours(1));
        runTasks();
        end(1);
        end(2);
        assertThat(stopped).isCompleted();
        assertThat(begun.keySet()).containsExactly(1, 2);
        assertThatThrownBy(all::join)
                .hasCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining("work queue 'q' was stopped before all items were done");
    }

    @Test
    void processAllFailsIfAStopLosesItems() {
        CompletableFuture<Void> all = queue.processAll(List.of(1, 2), 1, this::begin);
        runTasks();
        assertThat(queue.stop(Duration.ZERO).join().lost()).containsExactly(1, 2);
        runTasks();
        assertThatThrownBy(all::join).hasCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void anItemThatWasReportedLostOnItsWayToAThreadIsNotBegun() {
        start();
        assertThat(queue.put(1, Duration.ZERO)).isCompletedWithValue(true); // its task has not run yet
        assertThat(queue.stop(Duration.ZERO).join().lost()).containsExactly(1);
        runTasks();
        assertThat(begun).isEmpty();
    }

    @Test
    void anIterableThatThrowsACheckedExceptionFailsProcessAll() {
        Iterable<Integer> items = () -> new Iterator<>() {
            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Integer next() {
                sneak(new IOException("no more"));
                return 1;
            }
        };
        AtomicReference<CompletableFuture<Void>> all = new AtomicReference<>();
        all.set(queue.processAll(items, 1, this::begin));
        runTasks();
        assertThatThrownBy(() -> all.get().join()).hasRootCauseMessage("no more");
        assertThat(queue.state()).isEqualTo(State.STOPPED);
    }

    @Test
    void nothingIsKeptOfWhatAStopHasLost() {
        start();
        put(1);
        put(2);
        queue.stop(Duration.ZERO).join();
        runTasks();
        assertThat(queue.join()).isCompleted();
        assertThat(time.pendingTimers()).isZero();
        assertThat(IntStream.of(queue.metrics().queued(), queue.metrics().running()))
                .containsOnly(0);
    }

    @Test
    void theStackStaysFlatWithAnExecutorThatRunsInline() throws InterruptedException {
        WeirRuntime inline =
                time.runtimeBuilder().callbackExecutor(Runnable::run).build();
        int items = 200_000;
        WorkQueue<Integer> inOne =
                WorkQueue.<Integer>builder("q").capacity(items).runtime(inline).build();
        CompletableFuture<String> first = new CompletableFuture<>();
        inOne.startWorkers(1, item -> item == 0 ? first : CompletableFuture.completedFuture(""));
        for (int item = 0; item < items; item++) {
            inOne.put(item);
        }
        Thread small = new Thread(null, () -> first.complete(""), "small stack", 200_000);
        small.start();
        small.join();
        assertThat(inOne.metrics().processed()).isEqualTo(items);
        assertThat(inOne.join()).isCompleted();
    }

    @Test
    void aCloseOnTheOnlyCallbackThreadEndsAtItsTimeout() throws Exception {
        ExecutorService only = Executors.newSingleThreadExecutor();
        try {
            WorkQueue<Integer> onOne = WorkQueue.<Integer>builder("q")
                    .runtime(time.runtimeBuilder().callbackExecutor(only).build())
                    .build();
            onOne.startWorkers(1, this::begin);
            assertThat(onOne.put(1)).isCompletedWithValue(true);
            Future<?> closed = only.submit(onOne::close);
            while (time.pendingTimers() == 0) {
                Thread.onSpinWait();
            }
            time.advance(Duration.ofSeconds(30));
            closed.get(10, TimeUnit.SECONDS);
            assertThat(onOne.state()).isEqualTo(State.STOPPED);
        } finally {
            only.shutdownNow();
        }
    }
}
