package io.weir.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.weir.CallOptions;
import io.weir.CallTimeoutException;
import io.weir.WeirRuntime;
import io.weir.guard.Bulkhead;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** F2 of {@link ForkedCall}, a cut that comes before its thread; and what it says of how it ended. */
class ForkedCallTest {
    private static final Failed CUT = new Failed(new CancellationException("cut"), Failed.Origin.CANCELLED);

    private final VirtualTime time = new VirtualTime();
    private final WeirRuntime runtime =
            time.runtimeBuilder().callbackExecutor(Runnable::run).build();
    private final Bulkhead bulkhead = Bulkhead.builder("line")
            .maxConcurrent(1)
            .maxWaiters(1)
            .runtime(runtime)
            .build();
    private final Chain inner = new Chain("inner", runtime, AbstractGuard.stagesOf(bulkhead));

    private ForkedCall forked() {
        return new ForkedCall(inner, new BlockingCall(inner, CallOptions.NONE, () -> "invoked", 0));
    }

    /** In the line nothing would end its wait: the interrupt was for a thread that wasn't there. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoIsCutBeforeHeHasAThreadDoesNotStandInLine(boolean cancelsRunning) {
        assertThat(bulkhead.tryAcquire()).isTrue();
        ForkedCall forked = forked();
        forked.cut(CUT, cancelsRunning);
        Object end = assertTimeoutPreemptively(Duration.ofSeconds(20), forked::run);
        assertThat(end).isSameAs(CUT);
        assertThat(bulkhead.waiters()).isZero();
    }

    /** Its retries' second try stands in line until its time is up; but the first was invoked, so a slow service has its part in it. */
    @Test
    @Timeout(20)
    void anAttemptThatTimedOutInALaterRetryIsAFailureOfTheCall() throws Exception {
        RetryConfig retries = RetryConfig.builder()
                .maxRetries(1)
                .baseDelay(Duration.ofMillis(1))
                .jitter(false)
                .attemptTimeout(Duration.ofMillis(100))
                .build();
        Chain retried = new Chain(
                "retried",
                runtime,
                Stream.of(Retry.of("retry", retries, runtime), bulkhead)
                        .flatMap(guard -> AbstractGuard.stagesOf(guard).stream())
                        .toList());
        AtomicInteger invoked = new AtomicInteger();
        CountDownLatch taken = new CountDownLatch(1);
        BlockingCall call = new BlockingCall(
                retried,
                CallOptions.NONE,
                () -> {
                    invoked.incrementAndGet();
                    bulkhead.execute(
                            () -> { // has the place as soon as this try gives it back, and for good
                                taken.countDown();
                                return new CompletableFuture<>();
                            });
                    throw new IOException("scripted");
                },
                0);
        FutureTask<Object> fork = new FutureTask<>(new ForkedCall(retried, call)::run);
        Thread thread = new Thread(fork);
        thread.start();
        taken.await();
        while (!fork.isDone()) {
            time.advance(Duration.ofMillis(1));
            Thread.onSpinWait();
        }
        assertThat(invoked).hasValue(1);
        assertThat(fork.get()).isInstanceOfSatisfying(Failed.class, failed -> {
            assertThat(failed.failure()).isInstanceOf(CallTimeoutException.class);
            assertThat(failed.isOfTheCall()).isTrue();
        });
    }

    @Test
    void aCutAfterTheEndInterruptsNobody() {
        ForkedCall forked = forked();
        assertThat(forked.run()).isEqualTo("invoked");
        forked.cut(CUT, true);
        forked.cut();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(bulkhead.inUse()).isZero();
    }
}
