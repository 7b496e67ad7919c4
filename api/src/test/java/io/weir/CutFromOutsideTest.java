package io.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.breaker.CircuitBreaker;
import io.weir.testkit.VirtualTime;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Every way to complete the future from outside cuts the call short, and completes it. */
class CutFromOutsideTest {
    private final VirtualTime time = new VirtualTime();
    private final WeirRuntime runtime = time.runtimeBuilder().build();
    private final CircuitBreaker breaker =
            CircuitBreaker.builder("b").runtime(runtime).build();

    @Test
    void aNullFailureIsRefusedAndCutsNothingShort() {
        CompletableFuture<Integer> stage = new CompletableFuture<>();
        CompletableFuture<Integer> future = breaker.execute(() -> stage);
        assertThatThrownBy(() -> future.completeExceptionally(null)).isInstanceOf(NullPointerException.class);
        assertThat(stage).isNotDone();
        stage.complete(1);
        assertThat(future.join()).isEqualTo(1);
    }

    @Test
    void aStageWhoseCancelThrowsAnErrorKeepsNobodyFromCancelling() {
        CompletableFuture<Integer> stage = new CompletableFuture<>() {
            @Override
            public boolean cancel(boolean mayInterruptIfRunning) {
                throw new AssertionError("not this one");
            }
        };
        CompletableFuture<Integer> future = breaker.execute(() -> stage);
        assertThat(future.cancel(true)).isTrue();
        assertThat(future).isCancelled();
        assertThat(breaker.metrics().cancelled()).isEqualTo(1);
    }

    @Test
    void completingAsynchronouslyCutsTheCallShortToo() {
        CompletableFuture<Integer> stage = new CompletableFuture<>();
        CompletableFuture<Integer> future = breaker.execute(() -> stage);
        assertThat(future.completeAsync(() -> 9, Runnable::run)).isSameAs(future);
        assertThat(future.join()).isEqualTo(9);
        assertThat(stage).isCancelled();

        CompletableFuture<Integer> other = new CompletableFuture<>();
        CompletableFuture<Integer> failing = breaker.execute(() -> other);
        IllegalStateException failure = new IllegalStateException();
        failing.completeAsync(
                () -> {
                    throw failure;
                },
                Runnable::run);
        assertThatThrownBy(failing::join).hasCause(failure);
        assertThat(other).isCancelled();
    }

    @Test
    void obtrudingCutsTheCallShortToo() {
        CompletableFuture<Integer> stage = new CompletableFuture<>();
        CompletableFuture<Integer> future = breaker.execute(() -> stage);
        future.obtrudeValue(9);
        assertThat(future.join()).isEqualTo(9);
        assertThat(stage).isCancelled();
    }
}
