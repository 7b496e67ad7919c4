package io.weir.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.BulkheadFullException;
import io.weir.CallOptions;
import io.weir.Guard;
import io.weir.Pipeline;
import io.weir.WeirRuntime;
import io.weir.testkit.VirtualTime;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class BulkheadTest {
    private final VirtualTime time = new VirtualTime();
    private final WeirRuntime runtime = time.runtimeBuilder().build();
    private final Bulkhead refusing =
            Bulkhead.builder("r").maxConcurrent(1).runtime(runtime).build();
    private final Bulkhead waiting = Bulkhead.builder("w")
            .maxConcurrent(1)
            .maxWaiters(2)
            .maxWait(Duration.ofSeconds(1))
            .runtime(runtime)
            .build();
    private final CompletableFuture<Integer> first = new CompletableFuture<>();

    @Test
    void aFullOneRefusesAtOnceAndSaysWho() {
        CompletableFuture<Integer> running = refusing.execute(() -> first);
        CompletableFuture<Integer> refused = refusing.execute(() -> new CompletableFuture<>());
        assertThatThrownBy(refused::join).cause().isInstanceOfSatisfying(BulkheadFullException.class, e -> {
            assertThat(e.guard()).isEqualTo("r");
            assertThat(e.retryAfter()).isEmpty();
            assertThat(e).hasMessageContaining("'r'").hasMessageContaining("at most 1");
        });
        assertThatThrownBy(() -> refusing.get(() -> 1)).isInstanceOf(BulkheadFullException.class);
        first.complete(1);
        assertThat(running.join()).isEqualTo(1);
        assertThat(refusing.<Integer>get(() -> 2)).isEqualTo(2);
    }

    @Test
    void thoseInLineAreServedInOrderWhenAPlaceComesBack() {
        waiting.execute(() -> first);
        CompletableFuture<Integer> own = new CompletableFuture<>();
        CompletableFuture<Integer> second = waiting.execute(() -> own);
        CompletableFuture<Integer> third = waiting.execute(() -> CompletableFuture.completedFuture(3));
        assertThat(waiting.waiters()).isEqualTo(2);
        first.complete(1);
        time.runPending();
        assertThat(third).isNotDone();
        own.complete(2);
        time.runPending();
        assertThat(second.join()).isEqualTo(2);
        assertThat(third.join()).isEqualTo(3);
        assertThat(waiting.inUse()).isZero();
    }

    @Test
    void aWaitEndsAtMaxWaitAndAFullLineRefuses() {
        assertThat(waiting.tryAcquire()).isTrue();
        CompletableFuture<Integer> a = waiting.execute(() -> first);
        CompletableFuture<Integer> b = waiting.execute(() -> first);
        assertThat(waiting.execute(() -> first)).isCompletedExceptionally();
        time.advance(Duration.ofSeconds(1));
        assertThatThrownBy(a::join).hasCauseInstanceOf(BulkheadFullException.class);
        assertThatThrownBy(b::join).hasCauseInstanceOf(BulkheadFullException.class);
        waiting.release();
        assertThat(waiting.inUse()).isZero();
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void aCancelThatMeetsItsGrantGivesThePlaceBack() {
        assertThat(waiting.tryAcquire()).isTrue();
        CompletableFuture<Integer> call = waiting.execute(() -> first);
        CompletableFuture<?> byHand = waiting.acquire();
        waiting.release(); // grants to the call, which has not heard yet
        call.cancel(true);
        time.runPending();
        assertThat(byHand).isCompleted();
        CompletableFuture<?> another = waiting.acquire();
        waiting.release();
        another.cancel(true);
        time.runPending();
        assertThat(waiting.inUse()).isZero();
    }

    @Test
    void acquireByHandFailsWhenFullClosedOrTooLate() {
        assertThat(refusing.acquire()).isCompleted();
        assertThatThrownBy(() -> refusing.acquire().join()).hasCauseInstanceOf(BulkheadFullException.class);
        assertThatThrownBy(refusing::acquireBlocking).isInstanceOf(BulkheadFullException.class);
        assertThat(waiting.tryAcquire()).isTrue();
        CompletableFuture<?> late = waiting.acquire(Duration.ofMillis(10));
        CompletableFuture<?> closed = waiting.acquire(Duration.ofSeconds(10));
        time.advance(Duration.ofMillis(10));
        assertThatThrownBy(late::join).hasCauseInstanceOf(BulkheadFullException.class);
        waiting.close();
        time.runPending();
        assertThatThrownBy(closed::join).hasCauseInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> waiting.acquire().join()).hasCauseInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> waiting.get(() -> 1)).isInstanceOf(IllegalStateException.class);
        waiting.release();
    }

    @Test
    void aThreadInLineIsServedOrInterrupted() throws Exception {
        assertThat(waiting.tryAcquire()).isTrue();
        AtomicReference<Object> served = new AtomicReference<>();
        Thread caller = new Thread(() -> served.set(waiting.<Integer>get(() -> 5)));
        caller.start();
        while (waiting.waiters() == 0) {
            Thread.onSpinWait();
        }
        waiting.release();
        caller.join(TimeUnit.SECONDS.toMillis(20));
        assertThat(served).hasValue(5);
        Thread.currentThread().interrupt();
        assertThatThrownBy(waiting::acquireBlocking).isInstanceOf(InterruptedException.class);
        assertThat(waiting.inUse()).isZero();
    }

    @Test
    void resizingUpServesThoseInLineAndDownTakesNothingAway() {
        waiting.execute(() -> first);
        CompletableFuture<Integer> second = waiting.execute(() -> CompletableFuture.completedFuture(2));
        waiting.resize(2);
        time.runPending();
        assertThat(second.join()).isEqualTo(2);
        assertThat(waiting.tryAcquire()).isTrue();
        waiting.resize(1);
        assertThat(waiting.inUse()).isEqualTo(2);
        waiting.release();
        assertThat(waiting.tryAcquire()).isFalse();
        first.complete(1);
        assertThat(waiting.tryAcquire()).isTrue();
    }

    @Test
    void aDeadlineInLineIsKeptAndTheLineHasOneTimerLess() {
        assertThat(waiting.tryAcquire()).isTrue();
        CompletableFuture<Integer> call = waiting.execute(CallOptions.within(Duration.ofMillis(5)), () -> first);
        time.advance(Duration.ofMillis(5));
        assertThat(call).isCompletedExceptionally();
        assertThat(waiting.waiters()).isZero();
    }

    @Test
    void twiceInOnePipelineItIsRefused() {
        Guard inner = Pipeline.of(
                Timeout.builder("t")
                        .duration(Duration.ofSeconds(1))
                        .runtime(runtime)
                        .build(),
                refusing);
        assertThatThrownBy(() -> Pipeline.of(refusing, inner))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'r' stands twice");
        assertThat(Pipeline.of(refusing, waiting).guards()).hasSize(2);
    }

    @Test
    void badNumbersAreNamed() {
        assertThatThrownBy(() -> Bulkhead.builder("x").maxConcurrent(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("maxConcurrent = 0: allowed is 1 or more");
        assertThatThrownBy(() -> Bulkhead.builder("x").maxWaiters(-1))
                .hasMessage("maxWaiters = -1: allowed is 0 or more");
        assertThatThrownBy(() -> Bulkhead.builder("x").maxWait(Duration.ZERO))
                .hasMessage("maxWait = PT0S: allowed is a positive duration");
        assertThatThrownBy(() -> refusing.resize(0)).hasMessage("maxConcurrent = 0: allowed is 1 or more");
        assertThat(Bulkhead.builder("d").build().maxConcurrent()).isEqualTo(25);
    }
}
