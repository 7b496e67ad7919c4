package io.weir.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.BulkheadFullException;
import io.weir.CallOptions;
import io.weir.CallTimeoutException;
import io.weir.Guard;
import io.weir.Pipeline;
import io.weir.WeirRuntime;
import io.weir.guard.Bulkhead;
import io.weir.testkit.ScriptedCall;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The limits of time of a retry itself, and what it makes of those who only waited. */
class RetryTimeoutTest {
    private final VirtualTime time = new VirtualTime();
    private final WeirRuntime runtime = time.runtimeBuilder().build();

    private static RetryConfig.Builder config(long backoffMillis) {
        return RetryConfig.builder().backoff(attempt -> Duration.ofMillis(backoffMillis));
    }

    private Retry retry(RetryConfig.Builder config) {
        return Retry.of("r", config.build(), runtime);
    }

    private void advance(long millis) {
        time.advance(Duration.ofMillis(millis));
    }

    private static Throwable failureOf(CompletableFuture<?> future) {
        assertThat(future).isDone();
        return future.handle((result, e) -> e).join();
    }

    @Test
    void anAttemptThatTakesTooLongIsCutShortAndTheNextOneBegins() {
        ScriptedCall<Integer> call = ScriptedCall.<Integer>create().thenHang().thenReturn(7);
        CompletableFuture<Integer> future =
                retry(config(50).attemptTimeout(Duration.ofMillis(100))).execute(call);
        advance(100);
        assertThat(call.invocations()).isEqualTo(1);
        advance(50);
        assertThat(future.join()).isEqualTo(7);
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void theLastTimeoutIsTheCallersAndNamesTheRetry() {
        ScriptedCall<Integer> call = ScriptedCall.<Integer>create().thenHang();
        CompletableFuture<Integer> future = retry(config(0).maxRetries(2).attemptTimeout(Duration.ofMillis(100)))
                .execute(call);
        advance(300);
        assertThat(call.invocations()).isEqualTo(3);
        assertThat(failureOf(future)).isInstanceOfSatisfying(CallTimeoutException.class, e -> {
            assertThat(e.guard()).isEqualTo("r");
            assertThat(e.after()).isEqualTo(Duration.ofMillis(100));
        });
    }

    @Test
    void theBlockingAttemptIsCutShortToo() {
        AtomicInteger attempts = new AtomicInteger();
        Retry retry = retry(config(0).attemptTimeout(Duration.ofMillis(100)));
        assertThat(retry.<Integer>get(() -> {
                    if (attempts.incrementAndGet() < 3) {
                        advance(100);
                    }
                    return attempts.get();
                }))
                .isEqualTo(3);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void anExcludedTimeoutIsNotRetried() {
        ScriptedCall<Integer> call = ScriptedCall.<Integer>create().thenHang();
        retry(config(0).attemptTimeout(Duration.ofMillis(100)).excluding(CallTimeoutException.class))
                .execute(call);
        advance(1_000);
        assertThat(call.invocations()).isEqualTo(1);
    }

    @Test
    void theOverallTimeoutCutsTheAttemptInFlight() {
        ScriptedCall<Integer> call =
                ScriptedCall.<Integer>create().thenFail(new IOException("1")).thenHang();
        CompletableFuture<Integer> future =
                retry(config(50).overallTimeout(Duration.ofMillis(120))).execute(call);
        advance(119);
        assertThat(call.invocations()).isEqualTo(2);
        assertThat(future).isNotDone();
        advance(1);
        assertThat(failureOf(future)).isInstanceOf(CallTimeoutException.class);
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void noWaitIsBegunThatWouldLastBeyondIt() {
        IOException last = new IOException("1");
        ScriptedCall<Integer> call = ScriptedCall.<Integer>create().thenFail(last);
        CompletableFuture<Integer> future =
                retry(config(200).overallTimeout(Duration.ofMillis(120))).execute(call);
        assertThat(failureOf(future)).isSameAs(last);
        assertThat(call.invocations()).isEqualTo(1);
    }

    @Test
    void theCallsOwnDeadlineStillHoldsIfItIsEarlier() {
        ScriptedCall<Integer> call = ScriptedCall.<Integer>create().thenHang();
        CompletableFuture<Integer> future = retry(config(0).attemptTimeout(Duration.ofSeconds(1)))
                .execute(CallOptions.within(Duration.ofMillis(10)), call);
        advance(10);
        assertThat(failureOf(future)).isInstanceOf(CallTimeoutException.class);
        assertThat(call.invocations()).isEqualTo(1);
    }

    @Test
    void anAttemptThatOnlyWaitedIsARejection() {
        Bulkhead bulkhead = Bulkhead.builder("k")
                .maxConcurrent(1)
                .maxWaiters(5)
                .runtime(runtime)
                .build();
        assertThat(bulkhead.tryAcquire()).isTrue();
        ScriptedCall<Integer> call = ScriptedCall.<Integer>create().thenReturn(1);
        Guard plain = Pipeline.of(retry(config(50).attemptTimeout(Duration.ofMillis(100))), bulkhead);
        CompletableFuture<Integer> once = plain.execute(call);
        advance(100);
        assertThat(failureOf(once)).isInstanceOf(CallTimeoutException.class);
        Guard stubborn = Pipeline.of(
                retry(config(50).attemptTimeout(Duration.ofMillis(100)).retryRejections(true)), bulkhead);
        CompletableFuture<Integer> again = stubborn.execute(call);
        advance(120);
        bulkhead.release();
        advance(30);
        assertThat(again.join()).isEqualTo(1);
        assertThat(bulkhead.inUse()).isZero();
    }

    @Test
    void anExclusionWinsOverRetryingRejections() {
        Bulkhead bulkhead =
                Bulkhead.builder("k").maxConcurrent(1).runtime(runtime).build();
        assertThat(bulkhead.tryAcquire()).isTrue();
        Guard guard =
                Pipeline.of(retry(config(50).retryRejections(true).excluding(BulkheadFullException.class)), bulkhead);
        assertThat(failureOf(guard.execute(CompletableFuture::new))).isInstanceOf(BulkheadFullException.class);
    }

    @Test
    void theyAreValuesOfTheConfiguration() {
        RetryConfig.Builder both =
                RetryConfig.builder().attemptTimeout(Duration.ofSeconds(1)).overallTimeout(Duration.ofSeconds(9));
        assertThat(both.build()).isEqualTo(both.build().toBuilder().build()).isNotEqualTo(RetryConfig.DEFAULT);
        assertThat(both.build().attemptTimeout()).contains(Duration.ofSeconds(1));
        assertThat(both.build().overallTimeout()).contains(Duration.ofSeconds(9));
        assertThat(both.build()).hasToString(both.build().toString()).asString().contains("attemptTimeout=PT1S");
        assertThatThrownBy(() -> RetryConfig.builder().attemptTimeout(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("attemptTimeout = PT0S: allowed is a positive duration");
        assertThatThrownBy(() -> RetryConfig.builder().overallTimeout(Duration.ofNanos(-1)))
                .hasMessage("overallTimeout = PT-0.000000001S: allowed is a positive duration");
    }
}
