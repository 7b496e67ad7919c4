package io.weir.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.WeirRuntime;
import io.weir.executor.AsyncExecutor;
import io.weir.testkit.VirtualTime;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ExecutorPromisesTest {
    private final VirtualTime time = new VirtualTime();
    private final WeirRuntime runtime = time.runtimeBuilder().build();

    @Test
    @Timeout(30)
    void closeWaitsThirtySecondsAndCancelsWhatIsLeft() throws Exception {
        var executor = AsyncExecutor.builder("e").runtime(runtime).build();
        var running = new CompletableFuture<Integer>();
        var call = executor.execute(() -> running);
        Thread closer = new Thread(executor::close, "closer");
        closer.start();
        while (time.pendingTimers() == 0) {
            Thread.onSpinWait();
        }
        assertThat(executor.isShutdown()).isTrue();
        time.advance(Duration.ofSeconds(30).minusNanos(1));
        assertThat(running).isNotDone();
        assertThat(closer.isAlive()).isTrue();
        time.advance(Duration.ofNanos(1));
        assertThat(running).isCancelled();
        assertThat(call).isCompletedExceptionally();
        while (closer.isAlive()) {
            time.runPending();
            closer.join(1);
        }
        executor.close(); // once more does no harm
    }
}
