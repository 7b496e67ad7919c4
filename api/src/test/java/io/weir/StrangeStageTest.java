package io.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.breaker.CircuitBreaker;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** Futures that users' libraries have made their own. */
class StrangeStageTest {
    private final VirtualTime time = new VirtualTime();
    private final WeirRuntime runtime = time.runtimeBuilder().build();
    private final CircuitBreaker breaker =
            CircuitBreaker.builder("b").runtime(runtime).build();

    private static final class Unaskable extends CompletableFuture<Integer> {
        @Override
        public boolean isDone() {
            throw new IllegalStateException("don't ask");
        }
    }

    private static final class Unjoinable extends CompletableFuture<Integer> {
        @Override
        public Integer join() {
            throw new IllegalStateException("don't wait");
        }
    }

    @Test
    void aFutureThatDoesNotLetItselfBeAskedIsListenedTo() {
        Unaskable own = new Unaskable();
        CompletableFuture<Integer> future = breaker.execute(() -> own);
        own.complete(1);
        assertThat(future.join()).isEqualTo(1);
        assertThat(breaker.executeWith(CallOptions.NONE, context -> own).join()).isEqualTo(1);
        assertThat(breaker.metrics().successes()).isEqualTo(2);
    }

    @Test
    void aFutureThatDoesNotLetItselfBeJoinedIsListenedTo() {
        Unjoinable own = new Unjoinable();
        own.complete(1);
        assertThat(breaker.execute(() -> own).getNow(0)).isEqualTo(1);
        assertThat(breaker.executeWith(CallOptions.NONE, context -> own).getNow(0))
                .isEqualTo(1);
        assertThat(breaker.metrics().successes()).isEqualTo(2);
    }

    /** Calls back twice, and throws on top. */
    private static final class Rude extends CompletableFuture<Integer> {
        @Override
        public CompletableFuture<Integer> whenComplete(BiConsumer<? super Integer, ? super Throwable> action) {
            action.accept(1, null);
            action.accept(2, null);
            throw new IllegalStateException("and now this");
        }
    }

    @Test
    void aStageThatThrowsWhenListenedToIsAFailureOfTheCall() {
        assertThatThrownBy(breaker.execute(Rude::new)::join).hasCauseInstanceOf(IllegalStateException.class);
        assertThat(breaker.metrics().failures()).isEqualTo(1);
    }

    /** Keeps its callback for the test to call. */
    private static final class Recording extends CompletableFuture<Integer> {
        private final BiConsumer<?, ?>[] callbacks;
        private final int index;

        Recording(BiConsumer<?, ?>[] callbacks, int index) {
            this.callbacks = callbacks;
            this.index = index;
        }

        @Override
        public CompletableFuture<Integer> whenComplete(BiConsumer<? super Integer, ? super Throwable> action) {
            callbacks[index] = action;
            return this;
        }
    }

    @Test
    void aLateCallbackOfAnEarlierAttemptIsNotHeard() {
        Retry retry = Retry.of(
                "r", RetryConfig.builder().backoff(attempt -> Duration.ZERO).build(), runtime);
        BiConsumer<?, ?>[] callbacks = new BiConsumer<?, ?>[2];
        CompletableFuture<Integer> future =
                retry.executeWith(CallOptions.NONE, context -> new Recording(callbacks, context.attempt() - 1));
        tell(callbacks[0], null, new IOException());
        tell(callbacks[0], 7, null);
        assertThat(future).isNotDone();
        tell(callbacks[1], 8, null);
        tell(callbacks[1], 9, null);
        assertThat(future.join()).isEqualTo(8);
    }

    @SuppressWarnings("unchecked")
    private static void tell(BiConsumer<?, ?> callback, Integer result, Throwable failure) {
        ((BiConsumer<Object, Object>) callback).accept(result, failure);
    }
}
