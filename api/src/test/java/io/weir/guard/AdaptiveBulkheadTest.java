package io.weir.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.BulkheadFullException;
import io.weir.CallOptions;
import io.weir.Guard;
import io.weir.Pipeline;
import io.weir.RetryAfterHint;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.testkit.VirtualTime;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class AdaptiveBulkheadTest {
    private final VirtualTime time = new VirtualTime(-5); // readings below zero must be no trouble
    private final WeirRuntime runtime = time.runtimeBuilder().build();

    private AdaptiveBulkhead.Builder builder() {
        return AdaptiveBulkhead.builder("a").runtime(runtime);
    }

    /** A window of calls, so many at a time, each of which takes a tenth of a second. */
    private void load(Guard guard, int concurrent) {
        for (int i = 0; i < 10; i++) {
            List<CompletableFuture<Integer>> calls = new ArrayList<>();
            for (int j = 0; j < concurrent; j++) {
                CompletableFuture<Integer> service = new CompletableFuture<>();
                calls.add(service);
                guard.execute(() -> service);
            }
            time.advance(Duration.ofMillis(100));
            calls.forEach(call -> call.complete(1));
        }
    }

    private static final class Busy extends Exception implements RetryAfterHint {
        private static final long serialVersionUID = 1L;

        @Override
        public Optional<Duration> retryAfter() {
            return Optional.empty();
        }
    }

    @Test
    void aFullOneRefusesAtOnceSaysWhoAndCounts() {
        AdaptiveBulkhead bulkhead = builder().initial(1).build();
        CompletableFuture<Integer> first = new CompletableFuture<>();
        CompletableFuture<Integer> running = bulkhead.execute(() -> first);
        assertThatThrownBy(() -> bulkhead.<Integer>execute(() -> new CompletableFuture<>())
                        .join())
                .cause()
                .isInstanceOfSatisfying(BulkheadFullException.class, e -> {
                    assertThat(e.guard()).isEqualTo("a");
                    assertThat(e.retryAfter()).isEmpty();
                });
        assertThatThrownBy(() -> bulkhead.get(() -> 1)).isInstanceOf(BulkheadFullException.class);
        assertThat(bulkhead.metrics().rejected()).isEqualTo(2);
        assertThat(bulkhead.metrics().inUse()).isEqualTo(1);
        first.complete(1);
        assertThat(running.join()).isEqualTo(1);
        assertThat(bulkhead.<Integer>get(() -> 2)).isEqualTo(2);
        assertThat(bulkhead.inUse()).isZero();
    }

    @Test
    void theDefaultsAreThoseOfTheContract() {
        AdaptiveBulkhead bulkhead = AdaptiveBulkhead.of("d");
        assertThat(bulkhead.limit()).isEqualTo(20);
        assertThat(bulkhead).hasToString("AdaptiveBulkhead(d, 0 of 20 in use, waiters=0)");
    }

    @Test
    void theLimitGrowsWhileCallsUseItAndItsServiceKeepsUp() {
        AdaptiveBulkhead bulkhead =
                builder().algorithm(LimitAlgorithm.aimd()).initial(4).max(6).build();
        load(bulkhead, 4);
        assertThat(bulkhead.limit()).isEqualTo(5);
        for (int i = 0; i < 5; i++) {
            load(bulkhead, 4);
        }
        assertThat(bulkhead.limit()).isEqualTo(6);
        AdaptiveBulkhead idle =
                builder().algorithm(LimitAlgorithm.aimd()).initial(4).build();
        load(idle, 1);
        assertThat(idle.limit()).isEqualTo(4);
    }

    @Test
    void eachAlgorithmAnswersACallThatTakesLonger() {
        for (LimitAlgorithm algorithm : List.of(LimitAlgorithm.gradient(), LimitAlgorithm.vegas())) {
            AdaptiveBulkhead bulkhead =
                    builder().algorithm(algorithm).initial(20).build();
            for (int i = 0; i < 20; i++) {
                load(bulkhead, 20);
            }
            int before = bulkhead.limit();
            for (int i = 0; i < 10; i++) {
                List<CompletableFuture<Integer>> calls = new ArrayList<>();
                for (int j = 0; j < before; j++) {
                    CompletableFuture<Integer> service = new CompletableFuture<>();
                    calls.add(service);
                    bulkhead.execute(() -> service);
                }
                time.advance(Duration.ofSeconds(2));
                calls.forEach(call -> call.complete(1));
            }
            assertThat(bulkhead.limit()).as(algorithm.toString()).isLessThan(before);
            assertThat(bulkhead.inUse()).isZero();
        }
    }

    @Test
    void aRejectionByTheServiceAndATimeoutOfTheCallsOwnAreDrops() {
        AdaptiveBulkhead bulkhead =
                builder().algorithm(LimitAlgorithm.aimd()).initial(10).build();
        assertThatThrownBy(() -> bulkhead.call(() -> {
                    throw new Busy();
                }))
                .isInstanceOf(Busy.class);
        assertThat(bulkhead.execute(() -> CompletableFuture.failedFuture(new SocketTimeoutException())))
                .isCompletedExceptionally();
        assertThat(bulkhead.metrics().dropped()).isEqualTo(2);
        load(bulkhead, 9);
        assertThat(bulkhead.limit()).isEqualTo(9);
    }

    @Test
    void aCallThatATimeoutOrTheDeadlineCutsShortIsADropIfItWasInvoked() {
        Timeout timeout = Timeout.builder("t")
                .duration(Duration.ofMillis(10))
                .runtime(runtime)
                .build();
        AdaptiveBulkhead bulkhead = builder().build();
        Pipeline.of(timeout, bulkhead).<Integer>execute(CompletableFuture::new);
        Pipeline.of(bulkhead, timeout).<Integer>execute(CompletableFuture::new);
        bulkhead.<Integer>execute(CallOptions.within(Duration.ofMillis(5)), CompletableFuture::new);
        time.advance(Duration.ofMillis(10));
        assertThat(bulkhead.inUse()).isZero();
        assertThat(bulkhead.metrics().dropped()).isEqualTo(3);
        Bulkhead full = Bulkhead.builder("f")
                .maxConcurrent(1)
                .maxWaiters(1)
                .runtime(runtime)
                .build();
        assertThat(full.tryAcquire()).isTrue();
        CompletableFuture<Integer> waited =
                Pipeline.of(timeout, bulkhead, full).execute(() -> CompletableFuture.completedFuture(1));
        time.advance(Duration.ofMillis(10));
        assertThat(waited).isCompletedExceptionally();
        assertThat(bulkhead.inUse()).isZero();
        assertThat(bulkhead.metrics().dropped()).isEqualTo(3);
    }

    @Test
    void whatAGuardFurtherInRefusesAndWhatTheUserCancelsTeachesNothing() {
        AdaptiveBulkhead bulkhead = builder().build();
        CircuitBreaker open = CircuitBreaker.builder("b").runtime(runtime).build();
        open.forceOpen();
        assertThat(Pipeline.of(bulkhead, open).execute(() -> CompletableFuture.completedFuture(1)))
                .isCompletedExceptionally();
        bulkhead.<Integer>execute(CompletableFuture::new).cancel(true);
        CompletableFuture<Integer> itself = new CompletableFuture<>();
        bulkhead.execute(() -> itself);
        itself.cancel(true);
        assertThatThrownBy(() -> bulkhead.run(() -> {
                    throw new IllegalStateException("a fast failure");
                }))
                .hasMessage("a fast failure");
        assertThat(bulkhead.inUse()).isZero();
        assertThat(bulkhead.metrics().dropped()).isZero();
        assertThat(bulkhead.metrics().ignored()).isEqualTo(4);
    }

    @Test
    void aPredicateDecidesForTheCallsOwnFailuresAndMayThrow() {
        AdaptiveBulkhead bulkhead = builder()
                .dropIf(failure -> {
                    if (failure instanceof Busy) {
                        throw new UnsupportedOperationException("of the predicate");
                    }
                    return failure instanceof IllegalStateException;
                })
                .build();
        assertThatThrownBy(() -> bulkhead.run(() -> {
                    throw new IllegalStateException();
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> bulkhead.call(() -> {
                    throw new Busy();
                }))
                .hasMessage("of the predicate");
        assertThat(bulkhead.metrics().dropped()).isEqualTo(1);
        assertThat(bulkhead.inUse()).isZero();
    }

    @Test
    void theWaitInLineIsNoPartOfWhatIsMeasured() {
        List<String> windows = new ArrayList<>();
        AdaptiveBulkhead bulkhead = builder()
                .initial(1)
                .max(1)
                .maxWaiters(20)
                .algorithm((limit, window, memory) -> {
                    // the start's lowest bit is not kept, which costs up to a nanosecond
                    windows.add(
                            window.samples() + " of " + Math.round(window.averageLatencyNanos() / 1e6) + " ms, least "
                                    + Math.round(window.minLatencyNanos() / 1e6) + ", " + window.drops() + " drops, "
                                    + window.maxInFlight() + " at most");
                    return limit;
                })
                .build();
        List<CompletableFuture<Integer>> services = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            bulkhead.execute(() -> {
                CompletableFuture<Integer> service = new CompletableFuture<>();
                services.add(service);
                return service;
            });
        }
        assertThat(bulkhead.waiters()).isEqualTo(19);
        for (int i = 0; i < 20; i++) {
            time.advance(Duration.ofMillis(100));
            services.get(i).complete(i);
            time.runPending();
        }
        assertThat(windows).hasSize(2).containsOnly("10 of 100 ms, least 100, 0 drops, 1 at most");
        assertThat(bulkhead.inUse()).isZero();
    }

    @Test
    void aWaitEndsAtMaxWaitWithACancelOrWhenItIsClosed() {
        AdaptiveBulkhead bulkhead = builder()
                .initial(1)
                .maxWaiters(3)
                .maxWait(Duration.ofSeconds(1))
                .build();
        CompletableFuture<Integer> service = new CompletableFuture<>();
        bulkhead.execute(() -> service);
        CompletableFuture<Integer> late = bulkhead.execute(() -> service);
        time.advance(Duration.ofSeconds(1));
        assertThatThrownBy(late::join).hasCauseInstanceOf(BulkheadFullException.class);
        CompletableFuture<Integer> cancelled = bulkhead.execute(() -> new CompletableFuture<>());
        CompletableFuture<Integer> closed = bulkhead.execute(() -> new CompletableFuture<>());
        service.complete(1); // grants to the first in line, which has not heard yet
        cancelled.cancel(true);
        assertThat(bulkhead.inUse()).isEqualTo(1);
        CompletableFuture<Integer> behind = bulkhead.execute(() -> new CompletableFuture<>());
        bulkhead.close();
        time.runPending();
        assertThat(closed).isNotDone();
        assertThatThrownBy(behind::join).hasCauseInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> bulkhead.get(() -> 1)).isInstanceOf(IllegalStateException.class);
        closed.cancel(true);
        assertThat(bulkhead.inUse()).isZero();
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void aThreadInLineIsServed() throws Exception {
        AdaptiveBulkhead bulkhead = builder().initial(1).maxWaiters(1).build();
        CompletableFuture<Integer> service = new CompletableFuture<>();
        bulkhead.execute(() -> service);
        AtomicReference<Object> served = new AtomicReference<>();
        Thread caller = new Thread(() -> served.set(bulkhead.<Integer>get(() -> 5)));
        caller.start();
        while (bulkhead.waiters() == 0) {
            Thread.onSpinWait();
        }
        service.complete(1);
        caller.join(TimeUnit.SECONDS.toMillis(20));
        assertThat(served).hasValue(5);
        assertThat(bulkhead.inUse()).isZero();
    }

    @Test
    void anAlgorithmMayBeMadeOfAnotherAndOneThatThrowsChangesNothing() {
        LimitAlgorithm aimd = LimitAlgorithm.aimd();
        AdaptiveBulkhead capped = builder()
                .initial(4)
                .algorithm((limit, window, memory) -> aimd.next(limit, window, memory) + 1)
                .build();
        load(capped, 4);
        assertThat(capped.limit()).isEqualTo(6);
        AdaptiveBulkhead broken = builder()
                .initial(4)
                .algorithm((limit, window, memory) -> {
                    throw new UnsupportedOperationException("expected in the log");
                })
                .build();
        load(broken, 4);
        assertThat(broken.limit()).isEqualTo(4);
        assertThat(broken.inUse()).isZero();
    }

    @Test
    void badNumbersAreNamed() {
        assertThatThrownBy(() -> builder().initial(0)).hasMessage("initial = 0: allowed is 1 or more");
        assertThatThrownBy(() -> builder().min(0)).hasMessage("min = 0: allowed is 1 or more");
        assertThatThrownBy(() -> builder().max(-1)).hasMessage("max = -1: allowed is 1 or more");
        assertThatThrownBy(() -> builder().maxWaiters(-1)).hasMessage("maxWaiters = -1: allowed is 0 or more");
        assertThatThrownBy(() -> builder().min(5).max(4).build()).hasMessage("max = 4: allowed is min, 5, or more");
        assertThatThrownBy(() -> builder().min(21).build()).hasMessage("initial = 20: allowed is 21 to 1000");
        assertThatThrownBy(() -> Pipeline.of(AdaptiveBulkhead.of("x"), builder().build()))
                .hasMessageContaining("runtime");
        AdaptiveBulkhead twice = builder().build();
        assertThatThrownBy(() -> Pipeline.of(twice, twice)).hasMessageContaining("'a' stands twice");
    }
}
