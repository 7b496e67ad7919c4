package io.weir.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.CallContext;
import io.weir.CallInterruptedException;
import io.weir.CallOptions;
import io.weir.CallTimeoutException;
import io.weir.Guard;
import io.weir.Pipeline;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HedgeBlockingTest {
    private static final Duration DELAY = Duration.ofMillis(50);
    private static final IOException FAILURE = new IOException("scripted");

    private final VirtualTime time = new VirtualTime();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger interruptsLeft = new AtomicInteger();
    private final Executor threads = task -> {
        running.incrementAndGet();
        new Thread(() -> {
                    task.run();
                    if (Thread.currentThread().isInterrupted()) {
                        interruptsLeft.incrementAndGet();
                    }
                    running.decrementAndGet();
                })
                .start();
    };
    private final WeirRuntime runtime = time.runtimeBuilder()
            .blockingExecutor(threads)
            .callbackExecutor(Runnable::run)
            .build();
    private final Hedge hedge =
            Hedge.builder("hedge").delay(DELAY).budget(10).runtime(runtime).build();
    private final CircuitBreaker inside = CircuitBreaker.builder("inside")
            .failureThreshold(100)
            .runtime(runtime)
            .build();
    private final CircuitBreaker outside = CircuitBreaker.builder("outside")
            .failureThreshold(100)
            .runtime(runtime)
            .build();
    private final CountDownLatch never = new CountDownLatch(1);

    private static void await(BooleanSupplier condition) {
        long since = System.nanoTime();
        while (!condition.getAsBoolean()) {
            Thread.yield();
            assertThat(System.nanoTime() - since).as("stuck").isLessThan(20_000_000_000L);
        }
    }

    /** Lets the delay pass, once so many timers are armed: that is done on the caller's thread, which may be later than an attempt. */
    private void slow(int timers) {
        await(() -> time.pendingTimers() >= timers);
        time.advance(DELAY);
    }

    private void allIsOver() {
        await(() -> running.get() == 0);
        assertThat(interruptsLeft).as("interrupts left").hasValue(0);
        assertThat(time.pendingTimers()).isZero();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void aQuickCallsResultIsTheCallersAndItsExceptionComesOutAsItIs() {
        assertThat(hedge.get(() -> 7)).isEqualTo(7);
        assertThatThrownBy(() -> hedge.call(() -> {
                    throw FAILURE;
                }))
                .isSameAs(FAILURE);
        assertThat(hedge.metrics().hedges()).isZero();
        allIsOver();
    }

    @Test
    void aHedgeWinsAndTheLoserIsInterruptedAndCancelledForABreakerInside() throws Exception {
        Guard guard = Pipeline.of(outside, hedge, inside);
        List<Integer> cancelled = new ArrayList<>();
        Integer result = guard.callWith(CallOptions.NONE, (CallContext context) -> {
            if (context.attempt() == 1) {
                context.onCancel(() -> cancelled.add(context.hedge()));
                slow(1); // as it were: the hedge starts
                try {
                    never.await();
                } catch (InterruptedException e) {
                    throw new IOException("hides that it was interrupted", e);
                }
            }
            return context.attempt();
        });
        assertThat(result).isEqualTo(2);
        allIsOver();
        assertThat(cancelled).containsExactly(0);
        assertThat(inside.metrics().cancelled()).isEqualTo(1);
        assertThat(inside.metrics().failures()).isZero();
        assertThat(outside.metrics().successes()).isEqualTo(1);
        assertThat(hedge.metrics().won()).isEqualTo(1);
    }

    @Test
    void theCallerDoesNotWaitForALoserThatIgnoresInterrupts() throws Exception {
        AtomicInteger number = new AtomicInteger();
        AtomicReference<@Nullable Boolean> stop = new AtomicReference<>();
        Integer result = hedge.call(() -> {
            int mine = number.incrementAndGet();
            if (mine == 1) {
                slow(1);
                while (stop.get() == null) {
                    Thread.onSpinWait();
                }
            }
            return mine;
        });
        assertThat(result).isEqualTo(2);
        assertThat(running.get()).isPositive();
        stop.set(true);
        allIsOver();
    }

    @Test
    void allAttemptsFailAndTheLastFailureComesOut() {
        AtomicInteger number = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        assertThatThrownBy(() -> hedge.call(() -> {
                    if (number.incrementAndGet() == 1) {
                        slow(1);
                        await(() -> failed.get() == 1 && running.get() == 1);
                        throw FAILURE;
                    }
                    failed.incrementAndGet();
                    throw new IllegalStateException("the hedge's");
                }))
                .isSameAs(FAILURE);
        allIsOver();
    }

    @Test
    void anInterruptOfTheCallerCutsTheAttempts() throws Exception {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicReference<Boolean> flag = new AtomicReference<>();
        CountDownLatch inFlight = new CountDownLatch(1);
        Thread caller = new Thread(() -> {
            try {
                Pipeline.of(outside, hedge, inside).call(() -> {
                    inFlight.countDown();
                    never.await();
                    return 1;
                });
            } catch (Throwable e) {
                thrown.set(e);
                flag.set(Thread.currentThread().isInterrupted());
            }
        });
        caller.start();
        inFlight.await();
        caller.interrupt();
        caller.join();
        allIsOver();
        assertThat(thrown.get()).isInstanceOf(CallInterruptedException.class);
        assertThat(flag.get()).isTrue();
        assertThat(inside.metrics().cancelled()).isEqualTo(1);
        assertThat(outside.metrics().cancelled()).isEqualTo(1);
    }

    @Test
    void aTimeoutOutsideIsAFailureOfTheAttemptsInFlight() {
        Timeout timeout = Timeout.builder("timeout")
                .duration(DELAY.multipliedBy(2))
                .runtime(runtime)
                .build();
        CountDownLatch both = new CountDownLatch(2);
        AtomicInteger number = new AtomicInteger();
        assertThatThrownBy(() -> Pipeline.of(outside, timeout, hedge, inside).call(() -> {
                    both.countDown();
                    if (number.incrementAndGet() == 1) {
                        slow(2);
                        both.await();
                        slow(1);
                    }
                    never.await();
                    return 1;
                }))
                .isInstanceOf(CallTimeoutException.class)
                .hasMessageContaining("timeout");
        allIsOver();
        assertThat(inside.metrics().failures()).isEqualTo(2);
        assertThat(outside.metrics().failures()).isEqualTo(1);
    }

    @Test
    void aTrialOutsideIsBegunByAnAttempt() {
        CircuitBreaker breaker = CircuitBreaker.builder("breaker")
                .failureThreshold(1)
                .recoveryTime(Duration.ofSeconds(1))
                .runtime(runtime)
                .build();
        breaker.onFailure(breaker.tryAcquire(), FAILURE);
        time.advance(Duration.ofSeconds(1));
        assertThat(Pipeline.of(breaker, hedge).get(() -> 7)).isEqualTo(7);
        assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.CLOSED);
        allIsOver();
    }

    @Test
    void anExecutorThatRefusesIsAGuardsWord() {
        WeirRuntime full = time.runtimeBuilder()
                .blockingExecutor(task -> {
                    throw new RejectedExecutionException("full");
                })
                .build();
        CircuitBreaker breaker = CircuitBreaker.builder("breaker").runtime(full).build();
        Hedge refused = Hedge.builder("hedge").delay(DELAY).runtime(full).build();
        assertThatThrownBy(() -> Pipeline.of(breaker, refused).get(() -> 7))
                .isInstanceOf(RejectedExecutionException.class);
        assertThat(breaker.metrics().failures()).isZero();
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void aFutureFromABlockingCallIsRefused() {
        assertThatThrownBy(() -> hedge.get(() -> new java.util.concurrent.CompletableFuture<>()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("execute");
        allIsOver();
    }

    @Test
    void theDefaultThreadsAreDaemonsWithNamesAndEndWithTheRuntime() {
        WeirRuntime own = WeirRuntime.builder().build();
        Hedge mine =
                Hedge.builder("hedge").delay(Duration.ofHours(1)).runtime(own).build();
        Thread thread = mine.get(Thread::currentThread);
        assertThat(thread.isDaemon()).isTrue();
        assertThat(thread.getName()).startsWith("weir-blocking-");
        assertThat(thread).isNotSameAs(Thread.currentThread());
        own.close();
        assertThatThrownBy(() -> mine.get(() -> 1)).isInstanceOf(RejectedExecutionException.class);
    }
}
