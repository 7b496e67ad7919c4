package io.weir.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.WeirRuntime;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Executors, clocks and calls that don't behave. */
class HedgeMisuseTest {
    private static final Duration DELAY = Duration.ofMillis(50);

    private final VirtualTime time = new VirtualTime();

    private WeirRuntime runtime(Executor blocking) {
        return time.runtimeBuilder()
                .blockingExecutor(blocking)
                .callbackExecutor(Runnable::run)
                .build();
    }

    private static Hedge hedge(WeirRuntime runtime) {
        return Hedge.builder("hedge").delay(DELAY).budget(10).runtime(runtime).build();
    }

    @Test
    void anExecutorThatRefusesWhatItHasTakenMakesNoCallAfterTheEnd() {
        List<Runnable> taken = new ArrayList<>();
        Hedge hedge = hedge(runtime(task -> {
            taken.add(task);
            throw new RejectedExecutionException("full");
        }));
        AtomicInteger calls = new AtomicInteger();
        assertThatThrownBy(() -> hedge.run(calls::incrementAndGet)).isInstanceOf(RejectedExecutionException.class);
        taken.forEach(Runnable::run);
        assertThat(calls).as("the caller was told that it failed").hasValue(0);
    }

    @Test
    void anExecutorThatThrowsAfterItHasRunTheTaskEndsTheAttemptOnce() {
        Hedge hedge = hedge(runtime(task -> {
            task.run();
            throw new IllegalStateException("the executor's own");
        }));
        assertThat(hedge.<Integer>get(() -> 7)).isEqualTo(7);
        assertThatThrownBy(() -> hedge.<Integer, IOException>call(() -> {
                    throw new IOException("the call's");
                }))
                .hasMessage("the call's");
    }

    @Test
    void anExecutorThatRunsTheCallOnTheCallersThreadIsACallWithoutHedges() {
        Hedge hedge = hedge(runtime(Runnable::run));
        assertThat(hedge.<Thread>get(Thread::currentThread)).isSameAs(Thread.currentThread());
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(time.pendingTimers()).isZero();
    }

    /** The event of a hedge carries its time. */
    private static final class BrokenClock extends Clock {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            throw new IllegalStateException("no time");
        }
    }

    @Test
    void aWallClockThatThrowsLeavesNoCallHanging() {
        WeirRuntime runtime = time.runtimeBuilder()
                .wallClock(new BrokenClock())
                .callbackExecutor(Runnable::run)
                .listener(event -> {})
                .build();
        Hedge hedge = hedge(runtime);
        List<CompletableFuture<Integer>> stages = new ArrayList<>();
        CompletableFuture<Integer> end = hedge.execute(() -> {
            CompletableFuture<Integer> stage = new CompletableFuture<>();
            stages.add(stage);
            return stage;
        });
        try {
            time.advance(DELAY);
        } catch (IllegalStateException clocks) {
            // comes out on the thread of the timer
        }
        stages.forEach(stage -> stage.completeExceptionally(new IOException("gone")));
        assertThat(end).isCompletedExceptionally();
    }

    @Test
    void attemptsThatShareAStageEndTogether() {
        Hedge hedge = hedge(runtime(Runnable::run));
        CompletableFuture<Integer> shared = new CompletableFuture<>();
        CompletableFuture<Integer> end = hedge.execute(() -> shared);
        time.advance(DELAY);
        assertThat(hedge.metrics().hedges()).isEqualTo(1);
        shared.complete(7);
        assertThat(end).isCompletedWithValue(7);
        CompletableFuture<Integer> failing = new CompletableFuture<>();
        CompletableFuture<Integer> failed = hedge.execute(() -> failing);
        time.advance(DELAY);
        failing.completeExceptionally(new IOException("gone"));
        assertThat(failed).isCompletedExceptionally();
        assertThat(time.pendingTimers()).isZero();
    }
}
