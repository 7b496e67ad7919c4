package io.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class CallContextTest {
    private final VirtualTime time = new VirtualTime();
    private final WeirRuntime runtime = time.runtimeBuilder().build();
    private final Retry retry =
            Retry.of("r", RetryConfig.builder().jitter(false).build(), runtime);
    private final List<String> seen = new ArrayList<>();

    @Test
    void aNullActionIsRefusedAndHidesNoOther() {
        CompletableFuture<Integer> future = retry.executeWith(CallOptions.NONE, context -> {
            context.onCancel(() -> seen.add("first"));
            assertThatThrownBy(() -> context.onCancel(null))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage("action");
            return new CompletableFuture<>();
        });
        future.cancel(true);
        assertThat(seen).containsExactly("first");
    }

    @Test
    void anAttemptThatHasEndedIsNotCutShortByACancelInTheBackOff() {
        AtomicReference<CallContext> first = new AtomicReference<>();
        CompletableFuture<Integer> future = retry.executeWith(CallOptions.NONE, context -> {
            first.set(context);
            context.onCancel(() -> seen.add("cancelled"));
            return CompletableFuture.failedFuture(new IOException());
        });
        future.cancel(true);
        assertThat(seen).isEmpty();
        assertThat(first.get().isCancelled()).isFalse();
    }

    @Test
    void aCutReachesTheContextWhileTheFunctionStillRuns() {
        AtomicReference<CompletableFuture<Integer>> self = new AtomicReference<>();
        CompletableFuture<Integer> stage = new CompletableFuture<>();
        CompletableFuture<Integer> future = retry.executeWith(CallOptions.NONE, context -> {
            if (context.attempt() == 1) {
                return CompletableFuture.failedFuture(new IOException());
            }
            context.onCancel(() -> seen.add("before"));
            self.get().cancel(true);
            seen.add("cancelled " + context.isCancelled());
            context.onCancel(() -> seen.add("after"));
            return stage;
        });
        self.set(future);
        time.advance(Duration.ofSeconds(1));
        assertThat(seen).containsExactly("before", "cancelled true", "after");
        assertThat(stage).isCancelled();
    }

    @Test
    void aCancelledCallWithoutADeadlineStillHasNone() {
        AtomicReference<CallContext> first = new AtomicReference<>();
        CompletableFuture<Integer> future = retry.executeWith(CallOptions.NONE, context -> {
            first.set(context);
            return new CompletableFuture<>();
        });
        future.cancel(true);
        assertThat(first.get().remaining()).isEmpty();
    }
}
