package io.weir.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.CallOptions;
import io.weir.Deadline;
import io.weir.DeadlinePassedException;
import io.weir.Pipeline;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import io.weir.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AsyncExecutorTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final VirtualTime time = new VirtualTime();
    private final WeirRuntime runtime = time.runtimeBuilder().build();
    private final AsyncExecutor executor =
            AsyncExecutor.builder("x").maxConcurrency(2).runtime(runtime).build();
    private final List<Integer> begun = new ArrayList<>();
    private final List<CompletableFuture<Integer>> running = new ArrayList<>();

    private CompletableFuture<Integer> begin(int number) {
        CompletableFuture<Integer> own = new CompletableFuture<>();
        begun.add(number);
        running.add(own);
        return own;
    }

    private CompletableFuture<Integer> submit(int number) {
        return executor.execute(() -> begin(number));
    }

    // ---- concurrency

    @Test
    void atMostMaxConcurrencyRunAndTheRestWaitInOrder() {
        for (int i = 0; i < 5; i++) {
            submit(i);
        }
        assertThat(begun).containsExactly(0, 1);
        assertThat(executor.inFlight()).isEqualTo(2);
        assertThat(executor.waiting()).isEqualTo(3);
        running.get(1).complete(1);
        time.runPending();
        assertThat(begun).containsExactly(0, 1, 2);
        running.get(0).completeExceptionally(new IllegalStateException("down"));
        running.get(2).cancel(false);
        time.runPending();
        assertThat(begun).containsExactly(0, 1, 2, 3, 4);
        assertThat(executor.inFlight()).isEqualTo(2);
    }

    @Test
    void withoutAMaximumEverythingRunsAtOnce() {
        AsyncExecutor unbounded = AsyncExecutor.builder("u").runtime(runtime).build();
        for (int i = 0; i < 1_000; i++) {
            int number = i;
            unbounded.execute(() -> begin(number));
        }
        assertThat(begun).hasSize(1_000);
        assertThat(unbounded.inFlight()).isEqualTo(1_000);
    }

    @Test
    void aCallThatIsCancelledInLineIsNeverBegunAndTakesNoSlot() {
        submit(0);
        submit(1);
        CompletableFuture<Integer> third = submit(2);
        CompletableFuture<Integer> fourth = submit(3);
        third.cancel(true);
        running.get(0).complete(0);
        time.runPending();
        assertThat(begun).containsExactly(0, 1, 3);
        running.get(2).complete(7);
        assertThat(fourth).isCompletedWithValue(7);
        running.get(1).complete(1);
        assertThat(executor.inFlight()).isZero();
        assertThat(executor.shutdown()).isCompletedWithValue(true);
    }

    @Test
    void aDeadlineThatPassesInLineEndsTheWait() {
        submit(0);
        submit(1);
        CompletableFuture<Integer> late = executor.execute(CallOptions.within(SECOND), () -> begin(2));
        time.advance(SECOND);
        assertThatThrownBy(late::join).hasCauseInstanceOf(DeadlinePassedException.class);
        assertThat(executor.waiting()).isZero();
        assertThatThrownBy(() -> executor.call(CallOptions.until(Deadline.after(Duration.ZERO, runtime)), () -> 1))
                .isInstanceOf(DeadlinePassedException.class);
    }

    @Test
    void aBlockingCallHoldsASlotOfTheSame() {
        submit(0);
        assertThat(executor.<Integer>get(() -> {
                    assertThat(executor.inFlight()).isEqualTo(2);
                    return 5;
                }))
                .isEqualTo(5);
        assertThat(executor.inFlight()).isEqualTo(1);
    }

    @Test
    void standsInAPipelineOnceOnly() {
        assertThatThrownBy(() -> Pipeline.of(executor, executor)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> AsyncExecutor.of("y", 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxConcurrency = 0");
    }

    // ---- map

    @Test
    void mapGivesTheResultsInTheOrderOfTheInputsWhateverTheOrderOfTheEnds() {
        CompletableFuture<List<Integer>> all = executor.map(List.of(0, 1, 2, 3), this::begin);
        running.get(1).complete(10);
        time.runPending();
        running.get(2).complete(20);
        time.runPending();
        running.get(3).complete(null);
        running.get(0).complete(0);
        assertThat(all).isCompletedWithValue(Arrays.asList(0, 10, 20, null));
        assertThat(executor.<Integer, Integer>map(List.of(), this::begin)).isCompletedWithValue(List.of());
    }

    @Test
    void theFirstFailureFailsMapAndTheRestIsCancelled() {
        CompletableFuture<List<Integer>> all = executor.map(List.of(0, 1, 2, 3), this::begin);
        running.get(1).completeExceptionally(new IllegalArgumentException("bad"));
        time.runPending();
        assertThatThrownBy(all::join).hasCauseInstanceOf(IllegalArgumentException.class);
        assertThat(running.get(0)).isCancelled();
        assertThat(begun).as("of those in line none is begun").containsExactly(0, 1);
        assertThat(executor.inFlight()).isZero();
        assertThat(executor.waiting()).isZero();
    }

    @Test
    void aFailureAtOnceStopsMapFromBeginningMore() {
        CompletableFuture<List<Integer>> all =
                executor.map(IntStream.range(0, 100).boxed().toList(), number -> {
                    if (number == 3) {
                        throw new IllegalArgumentException("bad");
                    }
                    begun.add(number);
                    return CompletableFuture.completedFuture(number);
                });
        assertThatThrownBy(all::join).hasCauseInstanceOf(IllegalArgumentException.class);
        assertThat(begun).containsExactly(0, 1, 2);
    }

    @Test
    void cancellingMapCancelsItsCalls() {
        executor.map(List.of(0, 1, 2, 3), this::begin).cancel(true);
        assertThat(running).hasSize(2).allMatch(CompletableFuture::isCancelled);
        assertThat(executor.inFlight()).isZero();
    }

    @Test
    void itemsThatThrowFailMapAndCancelWhatWasBegun() {
        Iterable<Integer> items = () -> new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Integer next() {
                if (next == 2) {
                    throw new UnsupportedOperationException("items");
                }
                return next++;
            }
        };
        assertThatThrownBy(executor.map(items, this::begin)::join)
                .hasCauseInstanceOf(UnsupportedOperationException.class);
        assertThat(running).allMatch(CompletableFuture::isCancelled);
    }

    @Test
    void aHundredThousandItemsKeepTheStackFlat() {
        List<Integer> items = IntStream.range(0, 100_000).boxed().toList();
        CompletableFuture<Integer> gate = new CompletableFuture<>();
        CompletableFuture<List<Integer>> all =
                executor.map(items, number -> number < 2 ? gate : CompletableFuture.completedFuture(number));
        gate.complete(-1);
        time.runPending();
        assertThat(all.join()).hasSize(100_000).startsWith(-1, -1, 2).endsWith(99_999);
    }

    // ---- shutdown

    @Test
    void shutdownAdmitsNoMoreAndWaitsForWhatIsInFlightAndInLine() {
        submit(0);
        submit(1);
        CompletableFuture<Integer> inLine = submit(2);
        CompletableFuture<Boolean> ended = executor.shutdown();
        assertThatThrownBy(() -> submit(3).join()).hasCauseInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> executor.get(() -> 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'x'");
        running.get(0).complete(0);
        time.runPending();
        assertThat(begun).containsExactly(0, 1, 2);
        running.get(1).complete(0);
        time.runPending();
        assertThat(ended).isNotDone();
        running.get(2).complete(2);
        time.runPending();
        assertThat(inLine).isCompletedWithValue(2);
        assertThat(ended).isCompletedWithValue(true);
        executor.close();
    }

    @Test
    void shutdownCancelsWhatIsLeftAfterTheTimeout() {
        CompletableFuture<Integer> first = submit(0);
        CompletableFuture<Integer> inDepth = Pipeline.of(executor, Retry.of("r", RetryConfig.DEFAULT, runtime))
                .execute(() -> CompletableFuture.failedFuture(new IllegalStateException("again")));
        CompletableFuture<Integer> inLine = submit(2);
        CompletableFuture<Boolean> ended = executor.shutdown(Duration.ofMillis(500));
        time.advance(Duration.ofMillis(499));
        assertThat(first).isNotDone();
        time.advance(Duration.ofMillis(1));
        for (CompletableFuture<Integer> call : List.of(first, inDepth, inLine)) {
            assertThat(call).isCancelled();
            Throwable failure =
                    call.handle((result, thrown) -> thrown).join(); // as join says it differently on newer JDKs
            assertThat(failure).hasMessageContaining("'x' was shut down");
        }
        assertThat(running.get(0)).as("the stage in flight").isCancelled();
        assertThat(begun).containsExactly(0);
        assertThat(ended).isCompletedWithValue(false);
        assertThat(executor.inFlight()).isZero();
        assertThat(time.pendingTimers()).as("nothing is left on the timer").isZero();
    }

    @Test
    void shutdownIsIdempotentAndTheEarlierTimeoutCounts() {
        submit(0);
        CompletableFuture<Boolean> unlimited = executor.shutdown();
        CompletableFuture<Boolean> long1 = executor.shutdown(Duration.ofDays(1));
        CompletableFuture<Boolean> now = executor.shutdown(Duration.ZERO);
        time.runPending();
        for (CompletableFuture<Boolean> each : List.of(unlimited, long1, now, executor.shutdown(SECOND))) {
            assertThat(each).isCompletedWithValue(false);
        }
        assertThat(running.get(0)).isCancelled();
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void whatAShutdownCancelsIsNoFailureForABreakerFurtherIn() {
        CircuitBreaker breaker =
                CircuitBreaker.builder("b").failureThreshold(1).runtime(runtime).build();
        Pipeline.of(executor, breaker).execute(() -> begin(0));
        executor.shutdown(Duration.ZERO);
        time.runPending();
        assertThat(running.get(0)).isCancelled();
        assertThat(breaker.metrics().cancelled()).isEqualTo(1);
        assertThat(breaker.metrics().failures()).isZero();
    }

    @Test
    void aBlockingCallIsInterruptedWhenTheTimeIsUpAndItsThreadIsCleanAfterwards() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        AtomicInteger hooks = new AtomicInteger();
        CompletableFuture<Throwable> seen = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            try {
                executor.callWith(CallOptions.NONE, context -> {
                    context.onCancel(hooks::incrementAndGet);
                    inside.countDown();
                    new CountDownLatch(1).await();
                    return 1;
                });
            } catch (CancellationException e) {
                seen.complete(Thread.currentThread().isInterrupted() ? new AssertionError("interrupted") : e);
            } catch (Throwable e) {
                seen.complete(e);
            }
        });
        caller.start();
        inside.await();
        CompletableFuture<Boolean> ended = executor.shutdown(SECOND);
        time.advance(SECOND);
        caller.join();
        assertThat(seen.join()).isInstanceOf(CancellationException.class).hasMessageContaining("'x'");
        assertThat(ended).isCompletedWithValue(false);
        assertThat(hooks).hasValue(1);
        assertThat(executor.inFlight()).isZero();
    }

    @Test
    void aCallThatShutsItsOwnExecutorDownEndsByItself() {
        CompletableFuture<Boolean> ended = new CompletableFuture<>();
        CompletableFuture<Integer> call = executor.execute(() -> {
            executor.shutdown().thenAccept(ended::complete);
            return CompletableFuture.completedFuture(1);
        });
        time.runPending();
        assertThat(call).isCompletedWithValue(1);
        assertThat(ended).isCompletedWithValue(true);
    }

    @Test
    void closingTheRuntimeEndsAShutdownThatWaitsForItsTimeout() {
        submit(0);
        CompletableFuture<Boolean> ended = executor.shutdown(SECOND);
        time.timer().close();
        time.runPending();
        assertThat(ended).isCompletedWithValue(false);
    }
}
