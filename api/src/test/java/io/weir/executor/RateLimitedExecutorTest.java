package io.weir.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.CallInterruptedException;
import io.weir.CallOptions;
import io.weir.Deadline;
import io.weir.DeadlinePassedException;
import io.weir.Pipeline;
import io.weir.RateLimitExceededException;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.guard.Timeout;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import io.weir.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RateLimitedExecutorTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final long S = 1_000_000_000L;

    private final VirtualTime time = new VirtualTime();
    private final WeirRuntime runtime = time.runtimeBuilder().build();
    private final List<Integer> begun = new ArrayList<>();
    private final List<Long> starts = new ArrayList<>();
    private final List<CompletableFuture<Integer>> running = new ArrayList<>();

    private RateLimitedExecutor.Builder builder() {
        return RateLimitedExecutor.builder("x").runtime(runtime);
    }

    private RateLimitedExecutor executor(double rate, int concurrency) {
        return builder().rate(rate).maxConcurrency(concurrency).build();
    }

    private CompletableFuture<Integer> begin(int number) {
        CompletableFuture<Integer> own = new CompletableFuture<>();
        begun.add(number);
        starts.add(time.nanoTime());
        running.add(own);
        return own;
    }

    private CompletableFuture<Integer> submit(RateLimitedExecutor executor, int number) {
        return submit(executor, CallOptions.NONE, number);
    }

    private CompletableFuture<Integer> submit(RateLimitedExecutor executor, CallOptions options, int number) {
        return executor.execute(options, () -> begin(number));
    }

    private void assertBound(double maxTokens, double ratePerSecond) {
        for (int from = 0; from < starts.size(); from++) {
            for (int to = from; to < starts.size(); to++) {
                double window = (starts.get(to) - starts.get(from)) / (double) S;
                assertThat(to - from + 1.0)
                        .as("starts from %d to %d ns", starts.get(from), starts.get(to))
                        .isLessThanOrEqualTo(maxTokens + ratePerSecond * window + 1e-6);
            }
        }
    }

    // ---- the contract's counterexample

    @Test
    void callsThatHangForTenSecondsAndRecoverStartNoFasterThanTheLimit() {
        RateLimitedExecutor executor = executor(10, 5);
        for (int i = 0; i < 205; i++) {
            int number = i;
            boolean hangs = i < 5;
            executor.execute(() -> {
                CompletableFuture<Integer> own = begin(number);
                if (!hangs) {
                    own.complete(number);
                }
                return own;
            });
        }
        for (int i = 0; i < 100; i++) {
            time.advance(Duration.ofMillis(100));
        }
        assertThat(begun).as("all slots hang").hasSize(5);
        for (int i = 0; i < 5; i++) {
            running.get(i).complete(i);
        }
        time.advance(Duration.ofMillis(100));
        assertThat(begun).as("a burst, and one more; in the original 105").hasSizeLessThanOrEqualTo(16);
        time.advance(Duration.ofSeconds(30));
        assertThat(begun)
                .containsExactlyElementsOf(IntStream.range(0, 205).boxed().toList());
        assertBound(10, 10);
        assertThat(executor.inFlight()).isZero();
    }

    @Test
    void aSlowEndpointIsInNobodysWay() {
        RateLimitedExecutor executor =
                builder().endpointRateLimiting(true).rate(100).maxConcurrency(2).build();
        executor.updateRateLimit("slow", u -> u.rate(0.01).maxTokens(1).resetTokens());
        for (int i = 0; i < 10; i++) {
            int number = i;
            executor.execute("slow", () -> begin(number));
        }
        assertThat(executor.inFlight()).isEqualTo(1);
        running.get(0).complete(0);
        time.runPending();
        assertThat(executor.inFlight())
                .as("nobody holds a slot while it waits for tokens")
                .isZero();
        assertThat(executor.waiting()).isEqualTo(9);
        for (int i = 100; i < 150; i++) {
            int number = i;
            CompletableFuture<Integer> call = executor.execute("fast", () -> {
                begin(number).complete(number);
                return running.get(running.size() - 1);
            });
            assertThat(call).isCompletedWithValue(number);
        }
    }

    // ---- turns

    @Test
    void callsStartInTheirOrderWhateverTheyWaitFor() {
        RateLimitedExecutor executor = executor(2, 1);
        for (int i = 0; i < 6; i++) {
            submit(executor, i);
        }
        for (int i = 0; i < 6; i++) {
            time.advance(Duration.ofMillis(300));
            assertThat(executor.inFlight()).isLessThanOrEqualTo(1);
            for (CompletableFuture<Integer> each : List.copyOf(running)) {
                each.complete(1);
            }
            time.runPending();
        }
        time.advance(SECOND);
        assertThat(begun).startsWith(0, 1, 2, 3, 4);
        assertBound(2, 2);
    }

    @Test
    void withoutAMaximumOnlyTheRateCountsAndWithoutARateTheDefault() {
        RateLimitedExecutor executor = builder().build();
        for (int i = 0; i < 100; i++) {
            submit(executor, i);
        }
        assertThat(begun).hasSize(10);
        time.advance(SECOND);
        assertThat(begun).hasSize(20);
        begun.clear();
        RateLimitedExecutor slower =
                builder().defaultRate(3).period(Duration.ofMinutes(1)).build();
        for (int i = 0; i < 10; i++) {
            submit(slower, i);
        }
        assertThat(begun).hasSize(3);
    }

    @Test
    void aCallPaysItsTokensAndOneOfNoneWaitsForASlotOnly() {
        RateLimitedExecutor executor = executor(4, 2);
        submit(executor, CallOptions.tokens(4), 0);
        submit(executor, CallOptions.tokens(2), 1);
        assertThat(begun).containsExactly(0);
        submit(executor, CallOptions.tokens(0), 2);
        submit(executor, CallOptions.tokens(0), 3);
        assertThat(begun).as("passes who waits for tokens").containsExactly(0, 2);
        assertThat(executor.waiting()).isEqualTo(2);
        running.get(0).complete(0);
        time.runPending();
        assertThat(begun).containsExactly(0, 2, 3);
        time.advance(SECOND);
        assertThat(begun).as("no slot").hasSize(3);
        running.get(1).complete(0);
        time.runPending();
        assertThat(begun).containsExactly(0, 2, 3, 1);
        assertThat(executor.metrics().started()).isEqualTo(4);
        assertThat(executor.metrics().inFlight()).isEqualTo(2);
        assertThat(executor.metrics().waiting()).isZero();
    }

    @Test
    void moreTokensThanThereCanEverBeAreTheCallersMistake() {
        RateLimitedExecutor executor = executor(4, 1);
        assertThatThrownBy(() -> submit(executor, CallOptions.tokens(5), 0).join())
                .hasCauseInstanceOf(IllegalArgumentException.class);
        submit(executor, 1);
        assertThatThrownBy(() -> submit(executor, CallOptions.tokens(5), 0).join())
                .as("all slots taken")
                .hasCauseInstanceOf(IllegalArgumentException.class);
        assertThat(executor.inFlight()).isEqualTo(1);
        assertThat(executor.waiting()).isZero();
    }

    @Test
    void aFullLineRefuses() {
        RateLimitedExecutor executor = builder().rate(1).maxWaiters(1).build();
        submit(executor, 0);
        submit(executor, 1);
        assertThatThrownBy(() -> submit(executor, 2).join()).hasCauseInstanceOf(RateLimitExceededException.class);
        assertThatThrownBy(() -> executor.get(() -> 1)).isInstanceOf(RateLimitExceededException.class);
        assertThat(executor.waiting()).isEqualTo(1);
    }

    // ---- leaving the line

    @Test
    void aCallThatIsCancelledWhileItWaitsForTokensTakesNone() {
        RateLimitedExecutor executor = executor(1, 1);
        submit(executor, 0).cancel(true);
        CompletableFuture<Integer> second = submit(executor, 1);
        submit(executor, 2);
        second.cancel(true);
        time.advance(SECOND);
        assertThat(begun).containsExactly(0, 2);
        assertThat(executor.inFlight()).isEqualTo(1);
    }

    @Test
    void aCallThatIsCancelledWhileItWaitsForASlotTakesNeitherSlotNorTokens() {
        RateLimitedExecutor executor = executor(2, 1);
        submit(executor, 0);
        CompletableFuture<Integer> second = submit(executor, 1);
        time.advance(SECOND);
        second.cancel(true);
        running.get(0).complete(0);
        time.runPending();
        assertThat(executor.inFlight()).isZero();
        submit(executor, 2).cancel(true);
        submit(executor, 3).cancel(true);
        assertThat(begun).as("both tokens are there").containsExactly(0, 2, 3);
    }

    @Test
    void aCallThatIsCancelledAsItIsGrantedGivesBoth() {
        RateLimitedExecutor executor = executor(1, 1);
        submit(executor, 0);
        CompletableFuture<Integer> second = submit(executor, 1);
        submit(executor, 2);
        time.advance(SECOND);
        running.get(0).complete(0); // grants the second, whose start is a task that has not run yet
        second.cancel(true);
        time.runPending();
        assertThat(begun).as("the token goes to the next").containsExactly(0, 2);
        assertThat(executor.inFlight()).isEqualTo(1);
        assertThat(executor.waiting()).isZero();
    }

    @Test
    void aDeadlineEndsTheWaitOrRefusesItAtOnceIfTheTokensWouldBeTooLate() {
        RateLimitedExecutor executor = executor(1, 1);
        submit(executor, 0);
        assertThatThrownBy(() -> submit(executor, CallOptions.within(SECOND.dividedBy(2)), 1)
                        .join())
                .hasCauseInstanceOf(RateLimitExceededException.class);
        CompletableFuture<Integer> late = submit(executor, CallOptions.within(SECOND.multipliedBy(2)), 2);
        time.advance(SECOND);
        assertThat(late).isNotDone();
        time.advance(SECOND);
        assertThatThrownBy(late::join).as("for want of a slot").hasCauseInstanceOf(DeadlinePassedException.class);
        assertThat(executor.waiting()).isZero();
        assertThatThrownBy(() -> executor.call(CallOptions.until(Deadline.after(Duration.ZERO, runtime)), () -> 1))
                .isInstanceOf(DeadlinePassedException.class);
        running.get(0).complete(0);
        time.runPending();
        assertThat(executor.inFlight()).isZero();
        assertThat(begun).containsExactly(0);
    }

    // ---- rates

    @Test
    void aHigherRateLetsThoseGoWhoWait() {
        RateLimitedExecutor executor = executor(1, 10);
        for (int i = 0; i < 4; i++) {
            submit(executor, i);
        }
        executor.updateRate(u -> u.rate(10));
        time.advance(Duration.ofMillis(200));
        assertThat(begun).containsExactly(0, 1, 2);
        assertThatThrownBy(() -> executor.updateRateLimit("y", u -> u.rate(5)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("endpointRateLimiting(true)");
        assertThatThrownBy(() -> executor.updateFromHeaders(Map.of()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("adaptiveRateLimiting(true)");
    }

    @Test
    void aLowerMaximumFailsWhoAsksForMore() {
        RateLimitedExecutor executor = executor(4, 1);
        submit(executor, 0);
        CompletableFuture<Integer> large = submit(executor, CallOptions.tokens(4), 1);
        executor.updateRate(u -> u.maxTokens(2));
        time.runPending();
        assertThatThrownBy(large::join).hasCauseInstanceOf(IllegalArgumentException.class);
        assertThat(executor.waiting()).isZero();
    }

    @Test
    void anEndpointsRateCanBeChangedAndDropped() {
        RateLimitedExecutor executor =
                builder().endpointRateLimiting(true).defaultRate(1).build();
        executor.updateRateLimit("y", u -> u.rate(3).maxTokens(3).resetTokens());
        for (int i = 0; i < 5; i++) {
            int number = i;
            executor.execute("y", () -> begin(number));
            executor.execute("z", () -> begin(10 + number));
        }
        assertThat(begun).containsExactlyInAnyOrder(0, 1, 2, 10);
        executor.removeRateLimit("y");
        time.advance(SECOND);
        assertThat(begun).hasSize(6);
        assertThatThrownBy(() -> executor.updateRate(u -> u.rate(5)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("updateRateLimit");
    }

    @Test
    void callsWithoutAKeyShareALimit() {
        RateLimitedExecutor executor =
                builder().endpointRateLimiting(true).rate(2).build();
        for (int i = 0; i < 3; i++) {
            submit(executor, i);
            submit(executor, CallOptions.key("y"), 10 + i);
        }
        assertThat(begun).containsExactly(0, 10, 1, 11);
        time.advance(SECOND);
        assertThat(begun).hasSize(6);
    }

    private record Response(Map<String, String> headers) {}

    @Test
    void anAdaptiveLimitHearsTheHeadersOfResultsByItself() {
        RateLimitedExecutor executor = builder()
                .rate(100)
                .adaptiveRateLimiting(true)
                .maxConcurrency(1)
                .responseHeaders(Response.class, Response::headers)
                .build();
        CompletableFuture<Response> answer = new CompletableFuture<>();
        executor.execute(() -> answer);
        submit(executor, 1);
        answer.complete(new Response(Map.of("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "30")));
        time.runPending();
        assertThat(begun).as("the next in line knows already").isEmpty();
        assertThat(executor.inFlight()).isZero();
        time.advance(Duration.ofSeconds(32));
        assertThat(begun).containsExactly(1);
    }

    @Test
    void headersThatThrowHarmNobody() {
        RateLimitedExecutor executor = builder()
                .adaptiveRateLimiting(true)
                .responseHeaders(Integer.class, number -> {
                    throw new UnsupportedOperationException("expected in the log");
                })
                .build();
        assertThat(executor.execute(() -> CompletableFuture.completedFuture(1))).isCompletedWithValue(1);
        assertThat(executor.<Integer>get(() -> 2)).isEqualTo(2);
        assertThat(executor.inFlight()).isZero();
    }

    @Test
    void anAdaptiveLimitFollowsTheHeaders() {
        RateLimitedExecutor executor = builder()
                .rate(100)
                .adaptiveRateLimiting(true)
                .maxConcurrency(50)
                .build();
        assertThat(executor.isAdaptive()).isTrue();
        executor.updateFromHeaders(200, Map.of("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "30"));
        submit(executor, 0);
        time.advance(Duration.ofSeconds(29));
        assertThat(begun).isEmpty();
        assertThat(executor.inFlight()).isZero();
        time.advance(Duration.ofSeconds(3));
        assertThat(begun).containsExactly(0);
        assertThatThrownBy(() -> executor.updateRate(u -> u.rate(5)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("adaptive");
        running.get(0).complete(0);
        time.runPending();
        assertThat(executor.shutdown()).isCompletedWithValue(true);
        assertThat(time.pendingTimers()).as("no climb goes on").isZero();
        assertThatThrownBy(() -> executor.updateFromHeaders(Map.of())).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void badConfigurationIsRefusedByName() {
        assertThatThrownBy(() -> builder().rate(-1)).hasMessageContaining("rate = -1.0");
        assertThatThrownBy(() -> builder().rate(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder().maxConcurrency(0)).hasMessageContaining("maxConcurrency = 0");
        assertThatThrownBy(() -> builder().maxWaiters(-1)).hasMessageContaining("maxWaiters = -1");
        assertThatThrownBy(() -> builder().safetyFactor(2)).hasMessageContaining("safetyFactor = 2.0");
        assertThatThrownBy(() -> builder().period(Duration.ZERO).build()).hasMessageContaining("period");
        assertThatThrownBy(() -> builder()
                        .rate(100)
                        .defaultRate(5)
                        .endpointRateLimiting(true)
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("defaultRate = 5.0");
        builder().rate(5).defaultRate(5).endpointRateLimiting(true).build();
    }

    // ---- blocking

    @Test
    void aBlockingCallHoldsASlotAndPaysOfTheSame() {
        RateLimitedExecutor executor = executor(2, 1);
        assertThat(executor.<Integer>get(() -> {
                    assertThat(executor.inFlight()).isEqualTo(1);
                    return 5;
                }))
                .isEqualTo(5);
        submit(executor, 0).cancel(true);
        submit(executor, 1);
        assertThat(begun).as("the blocking call has paid too").containsExactly(0);
    }

    @Test
    void anInterruptEndsTheWaitForTokensAndForASlot() throws Exception {
        for (boolean slotIsMissing : new boolean[] {false, true}) {
            RateLimitedExecutor executor = executor(1, 1);
            CompletableFuture<Integer> first = submit(executor, 0);
            if (slotIsMissing) {
                time.advance(SECOND);
            } else {
                running.get(running.size() - 1).complete(1);
                assertThat(first).isDone();
            }
            CompletableFuture<Throwable> seen = new CompletableFuture<>();
            Thread caller = new Thread(() -> {
                try {
                    executor.run(() -> seen.complete(new AssertionError("ran")));
                } catch (CallInterruptedException e) {
                    seen.complete(Thread.currentThread().isInterrupted() ? e : new AssertionError("no flag"));
                } catch (Throwable e) {
                    seen.complete(e);
                }
            });
            caller.start();
            while (executor.waiting() == 0) {
                Thread.onSpinWait();
            }
            caller.interrupt();
            assertThat(seen.join()).isInstanceOf(CallInterruptedException.class);
            caller.join();
            assertThat(executor.waiting()).isZero();
            running.get(running.size() - 1).complete(1);
            time.advance(SECOND);
            assertThat(executor.inFlight()).isZero();
        }
    }

    @Test
    void aBlockingCallThatWaitsGoesOnWhenBothAreThere() throws Exception {
        RateLimitedExecutor executor = executor(1, 1);
        submit(executor, 0);
        CompletableFuture<Integer> seen = new CompletableFuture<>();
        Thread caller = new Thread(() -> seen.complete(executor.get(() -> 7)));
        caller.start();
        while (executor.waiting() == 0) {
            Thread.onSpinWait();
        }
        time.advance(SECOND);
        assertThat(seen).isNotDone();
        running.get(0).complete(0);
        assertThat(seen.join()).isEqualTo(7);
        caller.join();
        assertThat(executor.inFlight()).isZero();
    }

    // ---- shutdown

    @Test
    void shutdownLetsThoseGoWhoWaitForTokensAndForSlots() {
        RateLimitedExecutor executor = executor(2, 1);
        for (int i = 0; i < 4; i++) {
            int number = i;
            executor.execute(() -> {
                begin(number);
                return CompletableFuture.completedFuture(number);
            });
        }
        CompletableFuture<Boolean> ended = executor.shutdown();
        assertThatThrownBy(() -> submit(executor, 9).join())
                .hasCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'x' is shut down");
        assertThat(ended).isNotDone();
        time.advance(SECOND);
        assertThat(begun).containsExactly(0, 1, 2, 3);
        assertThat(ended).isCompletedWithValue(true);
        assertThat(time.pendingTimers()).isZero();
        executor.close();
    }

    @Test
    void shutdownCancelsWhoStillWaitsAfterTheTimeout() {
        RateLimitedExecutor executor =
                builder().endpointRateLimiting(true).rate(1).maxConcurrency(2).build();
        List<CompletableFuture<Integer>> calls = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            for (String endpoint : List.of("y", "z", "free")) {
                CallOptions options = CallOptions.key(endpoint).andTokens(endpoint.equals("free") ? 0 : 1);
                calls.add(submit(executor, options, i));
            }
        }
        assertThat(executor.inFlight()).isEqualTo(2);
        assertThat(executor.waiting()).isEqualTo(7);
        CompletableFuture<Boolean> ended = executor.shutdown(SECOND.dividedBy(2));
        time.advance(SECOND);
        for (CompletableFuture<Integer> call : calls) {
            assertThat(call).isCancelled();
        }
        assertThat(running).hasSize(2).allMatch(CompletableFuture::isCancelled);
        assertThat(ended).isCompletedWithValue(false);
        assertThat(executor.inFlight()).isZero();
        assertThat(executor.waiting()).isZero();
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void aShutdownEndsABlockingCallThatWaits() throws Exception {
        RateLimitedExecutor executor = executor(1, 1);
        submit(executor, 0);
        CompletableFuture<Throwable> seen = new CompletableFuture<>();
        CountDownLatch over = new CountDownLatch(1);
        Thread caller = new Thread(() -> {
            try {
                executor.get(() -> 7);
            } catch (Throwable e) {
                seen.complete(e);
            }
            over.countDown();
        });
        caller.start();
        while (executor.waiting() == 0) {
            Thread.onSpinWait();
        }
        executor.shutdown(Duration.ZERO);
        over.await();
        assertThat(seen.join())
                .isInstanceOf(java.util.concurrent.CancellationException.class)
                .hasMessageContaining("'x' was shut down");
    }

    @Test
    void refusedCallsOfEachKindAreNotWaitedForByAShutdown() {
        for (boolean perEndpoint : new boolean[] {false, true}) {
            RateLimitedExecutor executor = builder()
                    .endpointRateLimiting(perEndpoint)
                    .rate(1)
                    .maxConcurrency(1)
                    .maxWaiters(1)
                    .build();
            submit(executor, 0);
            CallOptions near = CallOptions.within(SECOND.dividedBy(2));
            List<CompletableFuture<Integer>> refused = List.of(
                    submit(executor, CallOptions.tokens(2), 1),
                    submit(executor, near.andTokens(2), 2),
                    submit(executor, near, 3),
                    submit(executor, CallOptions.until(Deadline.after(Duration.ZERO, runtime)), 4));
            submit(executor, 5).cancel(true);
            assertThatThrownBy(() -> executor.call(near.andTokens(2), () -> 1))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> executor.call(near, () -> 1)).isInstanceOf(RateLimitExceededException.class);
            assertThat(refused).allMatch(CompletableFuture::isCompletedExceptionally);
            CompletableFuture<Boolean> ended = executor.shutdown();
            running.get(running.size() - 1).complete(0);
            time.runPending();
            assertThat(ended).isCompletedWithValue(true);
        }
    }

    // ---- in a pipeline

    @Test
    void eachAttemptOfARetryOutsidePaysAndWaitsAnew() {
        RateLimitedExecutor executor = executor(1, 1);
        CircuitBreaker breaker = CircuitBreaker.builder("b").runtime(runtime).build();
        Retry retry = Retry.of(
                "r",
                RetryConfig.builder()
                        .maxRetries(3)
                        .baseDelay(Duration.ofMillis(1))
                        .maxDelay(Duration.ofMillis(1))
                        .build(),
                runtime);
        Timeout timeout = Timeout.builder("t")
                .duration(Duration.ofSeconds(10))
                .runtime(runtime)
                .build();
        CompletableFuture<Integer> call = Pipeline.of(timeout, breaker, retry, executor)
                .execute(() -> {
                    begin(0);
                    return starts.size() < 3
                            ? CompletableFuture.failedFuture(new IllegalStateException("again"))
                            : CompletableFuture.completedFuture(3);
                });
        time.advance(Duration.ofSeconds(5));
        assertThat(call).isCompletedWithValue(3);
        assertThat(starts).containsExactly(0L, S, 2 * S);
        assertThat(executor.inFlight()).isZero();
        assertThat(breaker.metrics().successes()).isEqualTo(1);
    }

    @Test
    void aRetryInsideHasPaidOnceAndKeepsItsSlot() {
        RateLimitedExecutor executor = executor(1, 1);
        Retry retry = Retry.of("r", RetryConfig.builder().jitter(false).build(), runtime);
        CompletableFuture<Integer> call = Pipeline.of(executor, retry).execute(() -> {
            begin(0);
            return starts.size() < 2
                    ? CompletableFuture.failedFuture(new IllegalStateException("again"))
                    : CompletableFuture.completedFuture(3);
        });
        assertThat(executor.inFlight()).isEqualTo(1);
        time.advance(SECOND);
        assertThat(call).isCompletedWithValue(3);
        assertThat(executor.inFlight()).isZero();
        assertThat(executor.metrics().started()).isEqualTo(1);
    }

    @Test
    void whatItRefusesIsNoFailureForABreakerOutside() {
        RateLimitedExecutor executor = builder().rate(1).maxWaiters(0).build();
        CircuitBreaker breaker =
                CircuitBreaker.builder("b").failureThreshold(1).runtime(runtime).build();
        for (int i = 0; i < 3; i++) {
            Pipeline.of(breaker, executor).execute(() -> begin(0));
        }
        assertThat(breaker.metrics().failures()).isZero();
        assertThat(begun).hasSize(1);
    }

    @Test
    void aTimeoutOutsideEndsAWaitInLine() {
        RateLimitedExecutor executor = executor(1, 1);
        Timeout timeout = Timeout.builder("t")
                .duration(SECOND.multipliedBy(2))
                .runtime(runtime)
                .build();
        submit(executor, 0);
        CompletableFuture<Integer> late = Pipeline.of(timeout, executor).execute(() -> begin(1));
        time.advance(SECOND.multipliedBy(2));
        assertThat(late).isCompletedExceptionally();
        assertThat(executor.waiting()).isZero();
        assertThatThrownBy(() -> Pipeline.of(executor, executor)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void mapKeepsTheOrderAndTheLimit() {
        RateLimitedExecutor executor = executor(5, 3);
        CompletableFuture<List<Integer>> all =
                executor.map(IntStream.range(0, 20).boxed().toList(), number -> {
                    begin(number);
                    return CompletableFuture.completedFuture(number * 2);
                });
        time.advance(Duration.ofSeconds(5));
        assertThat(all.join())
                .containsExactlyElementsOf(
                        IntStream.range(0, 20).map(i -> 2 * i).boxed().toList());
        assertBound(5, 5);
    }
}
