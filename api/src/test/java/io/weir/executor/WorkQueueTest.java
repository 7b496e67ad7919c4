package io.weir.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.WeirRuntime;
import io.weir.executor.WorkQueue.State;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Contract section 7. */
class WorkQueueTest {
    private final VirtualTime time = new VirtualTime(-9);
    private final WeirRuntime runtime = time.runtimeBuilder().build();
    private final WorkQueue<Integer> queue =
            WorkQueue.<Integer>builder("q").capacity(2).runtime(runtime).build();

    private final Map<Integer, CompletableFuture<String>> begun = new LinkedHashMap<>();
    private final List<String> failed = new ArrayList<>();

    private CompletableFuture<String> begin(int item) {
        CompletableFuture<String> stage = new CompletableFuture<>();
        begun.put(item, stage);
        return stage;
    }

    private void start(int workers) {
        queue.startWorkers(workers, this::begin, (item, failure) -> failed.add(item + " " + failure.getMessage()));
    }

    private boolean put(int item) {
        CompletableFuture<Boolean> answer = queue.put(item, Duration.ZERO);
        time.runPending();
        assertThat(answer).isDone();
        return answer.join();
    }

    private void end(int item) {
        begun.get(item).complete("");
        time.runPending();
    }

    @Test
    void itemsAreBegunInOrderByAsManyWorkersAsThereAre() {
        start(2);
        assertThat(put(1) && put(2) && put(3) && put(4)).isTrue();
        assertThat(begun.keySet()).containsExactly(1, 2);
        assertThat(queue.metrics().queued()).isEqualTo(2);
        assertThat(queue.metrics().running()).isEqualTo(2);
        end(2);
        end(1);
        assertThat(begun.keySet()).containsExactly(1, 2, 3, 4);
        end(3);
        end(4);
        assertThat(queue.metrics().processed()).isEqualTo(4);
        assertThat(queue.metrics().running()).isZero();
    }

    @Test
    void aPutThatFindsNoRoomWaitsAndIsTurnedAwayAtTheOfferTimeout() {
        start(1);
        assertThat(put(1) && put(2) && put(3)).isTrue();
        assertThat(put(4)).as("no wait").isFalse();
        CompletableFuture<Boolean> waits = queue.put(5);
        CompletableFuture<Boolean> waitsToo = queue.put(6);
        time.advance(Duration.ofMillis(50));
        assertThat(waits).isNotDone();
        end(1);
        assertThat(waits).isCompletedWithValue(true);
        time.advance(Duration.ofMillis(49));
        assertThat(waitsToo).isNotDone();
        time.advance(Duration.ofMillis(1));
        assertThat(waitsToo).isCompletedWithValue(false);
        assertThat(queue.metrics().backpressure()).isEqualTo(2);
        assertThat(queue.metrics().enqueued()).isEqualTo(4);
    }

    @Test
    void aPutBeforeTheStartOrAfterTheStopIsRefusedClearly() {
        assertThatThrownBy(() -> queue.put(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("work queue 'q' is IDLE: items can be put after startWorkers and before stop");
        start(1);
        queue.stop();
        assertThatThrownBy(() -> queue.put(1)).hasMessageContaining("is STOPPED");
        assertThatThrownBy(() -> start(1)).hasMessage("work queue 'q' is STOPPED: it can be started once");
    }

    @Test
    void aPutThatWaitsWhenStopBeginsIsTurnedAwayAndWhatWasAcceptedIsDone() {
        start(1);
        assertThat(put(1) && put(2) && put(3)).isTrue();
        CompletableFuture<Boolean> waits = queue.put(4);
        CompletableFuture<StopReport<Integer>> stopped = queue.stop();
        time.runPending();
        assertThat(waits).isCompletedWithValue(false);
        assertThat(queue.state()).isEqualTo(State.STOPPING);
        end(1);
        end(2);
        assertThat(stopped).isNotDone();
        end(3);
        assertThat(stopped).isDone();
        assertThat(stopped.join().lost()).isEmpty();
        assertThat(queue.state()).isEqualTo(State.STOPPED);
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void aStopWhoseTimeoutPassesReportsWhatIsLostAndCancelsWhatRuns() {
        start(1);
        assertThat(put(1) && put(2) && put(3)).isTrue();
        CompletableFuture<Void> join = queue.join();
        CompletableFuture<StopReport<Integer>> stopped = queue.stop(Duration.ofSeconds(5));
        time.advance(Duration.ofSeconds(5).minusNanos(1));
        assertThat(stopped).isNotDone();
        time.advance(Duration.ofNanos(1));
        assertThat(stopped.join().lost()).containsExactly(1, 2, 3);
        assertThat(begun.get(1)).isCancelled();
        assertThat(begun).hasSize(1);
        assertThat(join).isDone();
        assertThat(queue.stop().join().lost()).as("idempotent").containsExactly(1, 2, 3);
        assertThat(queue.metrics().errors()).isZero();
    }

    @Test
    void aLaterStopMayBeShorter() {
        start(1);
        assertThat(put(1)).isTrue();
        CompletableFuture<StopReport<Integer>> first = queue.stop(Duration.ofHours(1));
        assertThat(queue.stop(Duration.ZERO).join().lost()).containsExactly(1);
        time.runPending();
        assertThat(first.join().lost()).containsExactly(1);
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void aFailureIsCountedToldAndStopsNobody() {
        queue.startWorkers(
                1,
                item -> switch (item) {
                    case 1 -> throw new IOException("one");
                    case 2 -> CompletableFuture.failedFuture(new IOException("two"));
                    case 3 -> null;
                    case 4 -> throw new StackOverflowError("four");
                    default -> CompletableFuture.completedFuture("");
                },
                (item, failure) -> {
                    failed.add(item + " " + failure.getMessage());
                    throw new IllegalStateException("thrown on purpose by a test; logged");
                });
        for (int item = 1; item <= 5; item++) {
            assertThat(put(item)).isTrue();
        }
        assertThat(failed).containsExactly("1 one", "2 two", "3 the worker returned null, not a stage", "4 four");
        assertThat(queue.metrics().errors()).isEqualTo(4);
        assertThat(queue.metrics().processed()).isEqualTo(1);
    }

    @Test
    void aPutCancelledWhileItWaitsIsNotAccepted() {
        start(1);
        assertThat(put(1) && put(2) && put(3)).isTrue();
        CompletableFuture<Boolean> waits = queue.put(4);
        waits.cancel(true);
        end(1);
        end(2);
        end(3);
        assertThat(begun.keySet()).containsExactly(1, 2, 3);
        assertThat(queue.join()).isCompleted();
        assertThat(queue.metrics().enqueued()).isEqualTo(3);
    }

    @Test
    void joinCompletesWhenNothingIsLeft() {
        start(1);
        assertThat(queue.join()).isCompleted();
        assertThat(put(1) && put(2)).isTrue();
        CompletableFuture<Void> join = queue.join();
        end(1);
        assertThat(join).isNotDone();
        end(2);
        assertThat(join).isCompleted();
        assertThat(put(3)).as("it goes on").isTrue();
    }

    @Test
    void processAllPutsAsThereIsRoomAndStops() {
        List<Integer> items = IntStream.range(0, 50).boxed().toList();
        CompletableFuture<Void> all = queue.processAll(items, 2, this::begin);
        for (int item : items) {
            time.runPending();
            assertThat(begun.size()).isLessThanOrEqualTo(item + 2);
            end(item);
        }
        assertThat(all).isCompleted();
        assertThat(begun.keySet()).containsExactlyElementsOf(items);
        assertThat(queue.state()).isEqualTo(State.STOPPED);
    }

    @Test
    void theStackStaysFlatOverManyItemsThatAreDoneAtOnce() {
        AtomicInteger sum = new AtomicInteger();
        CompletableFuture<Void> all =
                queue.processAll(IntStream.range(0, 100_000).boxed()::iterator, 1, item -> {
                    sum.incrementAndGet();
                    return CompletableFuture.completedFuture("");
                });
        time.runPending();
        assertThat(all).isCompleted();
        assertThat(sum).hasValue(100_000);
    }

    @Test
    void anIterableThatThrowsFailsProcessAllAfterWhatWasPutIsDone() {
        CompletableFuture<Void> all = queue.processAll(
                () -> IntStream.range(0, 5)
                        .peek(item -> {
                            if (item == 3) {
                                throw new IllegalStateException("no more");
                            }
                        })
                        .boxed()
                        .iterator(),
                2,
                item -> CompletableFuture.completedFuture(""));
        time.runPending();
        assertThat(all).isCompletedExceptionally();
        assertThat(queue.metrics().processed()).isEqualTo(3);
    }

    @Test
    void blockingWorkersHoldThreadsOfTheQueueWhichAStopInterrupts() throws InterruptedException {
        CountDownLatch interrupted = new CountDownLatch(2);
        CountDownLatch begins = new CountDownLatch(2);
        WorkQueue<Integer> blocking = WorkQueue.of("b");
        blocking.startBlockingWorkers(2, item -> {
            assertThat(Thread.currentThread().isDaemon()).isTrue();
            assertThat(Thread.currentThread().getName()).startsWith("weir-queue-b-");
            begins.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
            }
        });
        assertThat(blocking.putBlocking(1) && blocking.putBlocking(2) && blocking.putBlocking(3, Duration.ofSeconds(1)))
                .isTrue();
        assertThat(begins.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(blocking.stop(Duration.ZERO).join().lost()).containsExactly(1, 2, 3);
        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
        assertThatThrownBy(() -> blocking.putBlocking(4)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void closingAQueueThatWasNeverStartedStopsIt() {
        queue.close();
        assertThat(queue.state()).isEqualTo(State.STOPPED);
        assertThat(queue).hasToString("WorkQueue(q, STOPPED, 0 queued)");
    }

    @Test
    void parametersOutOfRangeAreNamed() {
        assertThatThrownBy(() -> WorkQueue.builder("q").capacity(0)).hasMessage("capacity = 0: allowed is 1 or more");
        assertThatThrownBy(() -> WorkQueue.builder("q").offerTimeout(Duration.ofNanos(-1)))
                .hasMessage("offerTimeout = PT-0.000000001S: allowed is 0 or more");
        assertThatThrownBy(() -> start(0)).hasMessage("count = 0: allowed is 1 or more");
        start(1);
        assertThatThrownBy(() -> queue.put(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("item");
    }
}
