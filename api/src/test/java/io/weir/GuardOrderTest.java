package io.weir;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.breaker.CircuitBreaker;
import io.weir.guard.Bulkhead;
import io.weir.guard.Hedge;
import io.weir.guard.Timeout;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every order of breaker, retry, timeout, limiter and bulkhead, alone, two and three deep, in both forms, with the breaker closed and on
 * trial: whatever way a call ends, everything comes back once, and the breaker judges the service and nobody else. A hedge that is never
 * due and a guard of somebody else's that passes everything on split the chain, and must change nothing.
 */
class GuardOrderTest {
    private static final Duration LIMIT = Duration.ofSeconds(1);
    private static final CallOptions HALF_A_SECOND = CallOptions.within(Duration.ofMillis(500));
    private static final IOException FAILURE = new IOException("scripted");
    private static final int TOKENS = 100;

    private enum Kind {
        BREAKER,
        RETRY,
        TIMEOUT,
        LIMITER,
        BULKHEAD,
        HEDGE,
        FOREIGN;

        boolean splits() {
            return this == HEDGE || this == FOREIGN;
        }
    }

    private enum Form {
        ASYNC,
        BLOCKING
    }

    /** What a breaker makes of a call. */
    private enum Judgment {
        SUCCESS,
        FAILURE,
        CANCELLED,
        NONE
    }

    private static Stream<List<Kind>> orders() {
        List<List<Kind>> orders = new ArrayList<>();
        for (Kind a : Kind.values()) {
            if (a != Kind.FOREIGN) { // which alone has no runtime, and no virtual time
                orders.add(List.of(a));
            }
            for (Kind b : Kind.values()) {
                if (b != a) {
                    orders.add(List.of(a, b));
                    for (Kind c : Kind.values()) {
                        List<Kind> three = List.of(a, b, c);
                        boolean split = three.stream().anyMatch(Kind::splits);
                        boolean both = three.contains(Kind.HEDGE) && three.contains(Kind.FOREIGN);
                        if (c != a && c != b && (!split || three.contains(Kind.BREAKER) && !both)) {
                            orders.add(three);
                        }
                    }
                }
            }
        }
        return orders.stream();
    }

    /** A call's body in the blocking form. */
    private interface Body {
        int run(Rig rig) throws Exception;
    }

    private static void inAllForms(List<Kind> order, Consumer<Rig> scenario) {
        for (Form form : Form.values()) {
            for (boolean trial : new boolean[] {false, true}) {
                scenario.accept(new Rig(order, form, trial));
            }
        }
    }

    /** A guard of somebody else's. */
    private static final class PassingOn implements Guard {
        @Override
        public String name() {
            return "passing on";
        }

        @Override
        public <T extends @Nullable Object> CompletableFuture<T> execute(
                CallOptions options, AsyncCall<? extends T> call) {
            CompletionStage<? extends T> stage;
            try {
                stage = call.start();
            } catch (Exception e) {
                throw new AssertionError("the pipeline's own call throws nothing", e);
            }
            return stage.<T>thenApply(result -> result).toCompletableFuture(); // with the failures wrapped
        }

        @Override
        public <T extends @Nullable Object, E extends Exception> T call(
                CallOptions options, Call<? extends T, ? extends E> call) throws E {
            return call.call();
        }
    }

    /** Fresh guards in one order, and one call through them. */
    private static final class Rig {
        final VirtualTime time = new VirtualTime(Long.MAX_VALUE - 100);
        /** Threads of blocking attempts that have not ended. */
        final AtomicInteger elsewhere = new AtomicInteger();

        final WeirRuntime runtime =
                time.runtimeBuilder().blockingExecutor(this::runElsewhere).build();
        final CircuitBreaker breaker;
        final Bulkhead bulkhead = Bulkhead.builder("bulkhead")
                .maxConcurrent(1)
                .maxWaiters(1)
                .runtime(runtime)
                .build();
        final TokenBucketRateLimiter limiter = TokenBucketRateLimiter.builder("limiter")
                .rate(TOKENS)
                .period(Duration.ofDays(20_000))
                .maxTokens(TOKENS)
                .runtime(runtime)
                .build();
        final AtomicInteger invoked = new AtomicInteger();
        final List<CompletableFuture<Integer>> stages = new ArrayList<>();
        final List<Kind> order;
        final Form form;
        final boolean trial;
        final Guard guard;

        @Nullable
        Throwable failure;

        Rig(List<Kind> order, Form form, boolean trial) {
            this.order = order;
            this.form = form;
            this.trial = trial;
            this.breaker = CircuitBreaker.builder("breaker")
                    .failureThreshold(trial ? 1 : 1_000)
                    .recoveryTime(Duration.ofHours(1))
                    .runtime(runtime)
                    .build();
            if (trial) {
                breaker.onFailure(breaker.tryAcquire(), FAILURE);
                time.advance(Duration.ofHours(1));
            }
            RetryConfig twice = RetryConfig.builder()
                    .maxRetries(1)
                    .backoff(attempt -> Duration.ZERO)
                    .build();
            this.guard = Pipeline.of(order.stream()
                    .map(kind -> switch (kind) {
                        case BREAKER -> breaker;
                        case RETRY -> Retry.of("retry", twice, runtime);
                        case TIMEOUT ->
                            Timeout.builder("timeout")
                                    .duration(LIMIT)
                                    .runtime(runtime)
                                    .build();
                        case LIMITER -> limiter;
                        case BULKHEAD -> bulkhead;
                        case HEDGE ->
                            Hedge.builder("hedge")
                                    .delay(Duration.ofDays(100))
                                    .runtime(runtime)
                                    .build();
                        case FOREIGN -> new PassingOn();
                    })
                    .toList());
        }

        private void runElsewhere(Runnable task) {
            elsewhere.incrementAndGet();
            new Thread(() -> {
                        try {
                            task.run();
                        } finally {
                            elsewhere.decrementAndGet();
                        }
                    })
                    .start();
        }

        boolean has(Kind kind) {
            return order.contains(kind);
        }

        /** Whether both are there, the one further out than the other. */
        boolean outside(Kind outer, Kind inner) {
            return has(outer) && has(inner) && order.indexOf(outer) < order.indexOf(inner);
        }

        /** Whether a second attempt passes this guard again. */
        boolean repeated(Kind kind) {
            return outside(Kind.RETRY, kind);
        }

        /** On trial, a first failure opens the breaker, and a retry outside of it is refused then. */
        int attempts(int wanted) {
            return trial && repeated(Kind.BREAKER) ? 1 : wanted;
        }

        // ---- running

        /** A call that ends at once. */
        Rig endsWith(Body body) {
            failure = form == Form.ASYNC
                    ? failureOf(guard.execute(() -> {
                        invoked.incrementAndGet();
                        try {
                            return CompletableFuture.completedFuture(body.run(this));
                        } catch (IOException failed) {
                            return CompletableFuture.failedFuture(failed);
                        }
                    }))
                    : failureOf(CallOptions.NONE, body);
            return this;
        }

        /** A call that hangs until it is cut short: by what the form does to it, once an attempt. */
        Rig hangs(CallOptions options, int times, Consumer<CompletableFuture<Integer>> async, Body blocking) {
            if (form == Form.BLOCKING) {
                failure = failureOf(options, blocking);
                return this;
            }
            CompletableFuture<Integer> future = guard.execute(options, this::hang);
            for (int i = 0; i < times; i++) {
                assertThat(future).as(toString()).isNotDone();
                async.accept(future);
            }
            assertThat(future).as(toString()).isDone();
            failure = failureOf(future);
            assertThat(stages).as("the stages in flight, " + this).allMatch(CompletableFuture::isCancelled);
            return this;
        }

        private CompletableFuture<Integer> hang() {
            invoked.incrementAndGet();
            CompletableFuture<Integer> stage = new CompletableFuture<>();
            stages.add(stage);
            return stage;
        }

        /** A call that stands in the bulkhead's line until something happens. */
        Rig waits(CallOptions options, Consumer<Object> happens) {
            assertThat(bulkhead.tryAcquire()).isTrue();
            if (form == Form.ASYNC) {
                CompletableFuture<Integer> future = guard.execute(options, this::hang);
                assertThat(bulkhead.waiters()).as(toString()).isEqualTo(1);
                happens.accept(future);
                time.runPending();
                failure = failureOf(future);
            } else {
                AtomicReference<Throwable> thrown = new AtomicReference<>();
                Thread caller = new Thread(() -> thrown.set(failureOf(options, rig -> 1)));
                caller.start();
                boolean limited = outside(Kind.TIMEOUT, Kind.BULKHEAD) || options.hasDeadline();
                await(() -> bulkhead.waiters() == 1 && (!limited || time.pendingTimers() > 0));
                happens.accept(caller);
                await(() -> {
                    time.runPending(); // a timer that was armed a little too late
                    return !caller.isAlive();
                });
                failure = thrown.get();
            }
            bulkhead.release();
            return this;
        }

        private void await(BooleanSupplier condition) {
            long since = System.nanoTime();
            while (!condition.getAsBoolean()) {
                Thread.yield();
                assertThat(System.nanoTime() - since).as("stuck: " + this).isLessThan(20_000_000_000L);
            }
        }

        private @Nullable Throwable failureOf(CallOptions options, Body body) {
            try {
                guard.call(options, () -> {
                    invoked.incrementAndGet();
                    return body.run(this);
                });
                return null;
            } catch (Throwable e) {
                return e;
            }
        }

        private static @Nullable Throwable failureOf(CompletableFuture<Integer> future) {
            assertThat(future).isDone();
            return future.handle((result, e) -> e).join();
        }

        // ---- what must be so then

        Rig failsWith(Class<? extends Throwable> type) {
            assertThat(failure).as(toString()).isInstanceOf(type);
            return this;
        }

        Rig succeeds() {
            assertThat(failure).as(toString()).isNull();
            return this;
        }

        Rig invoked(int times) {
            assertThat(invoked).as("invocations, " + this).hasValue(times);
            return this;
        }

        /** Nothing is held, nothing waits, and the limiter was paid so often. */
        Rig conserved(int paid) {
            await(() -> elsewhere.get() == 0); // a blocking caller doesn't wait for the attempts that it leaves
            assertThat(bulkhead.inUse()).as("places held, " + this).isZero();
            assertThat(bulkhead.waiters()).as("in line, " + this).isZero();
            assertThat(time.pendingTimers()).as("timers, " + this).isZero();
            assertThat(TOKENS - limiter.availableTokens())
                    .as("tokens spent, " + this)
                    .isBetween(paid - 0.01, paid + 0.01);
            assertThat(Thread.currentThread().isInterrupted())
                    .as("interrupt left, " + this)
                    .isFalse();
            return this;
        }

        void judged(Judgment judgment, int times) {
            if (!has(Kind.BREAKER)) {
                return;
            }
            var metrics = breaker.metrics();
            if (!trial) {
                assertThat(List.of(metrics.successes(), metrics.failures(), metrics.cancelled(), metrics.excluded()))
                        .as("successes, failures, cancelled, excluded: " + this)
                        .isEqualTo(List.of(
                                judgment == Judgment.SUCCESS ? (long) times : 0L,
                                judgment == Judgment.FAILURE ? (long) times : 0L,
                                judgment == Judgment.CANCELLED ? (long) times : 0L,
                                0L));
                return;
            }
            switch (judgment) {
                case SUCCESS -> assertThat(breaker.state()).as(toString()).isEqualTo(CircuitBreaker.State.CLOSED);
                case FAILURE -> assertThat(breaker.state()).as(toString()).isEqualTo(CircuitBreaker.State.OPEN);
                case CANCELLED, NONE ->
                    assertThat(CircuitBreaker.isRefused(breaker.tryAcquire()))
                            .as("the trial's slot is taken still, " + this)
                            .isFalse();
            }
        }

        @Override
        public String toString() {
            return form + " " + order + (trial ? ", breaker on trial" : "") + ", failed with " + failure;
        }
    }

    @ParameterizedTest
    @MethodSource("orders")
    void aSuccess(List<Kind> order) {
        inAllForms(
                order,
                rig -> rig.endsWith(r -> 7)
                        .succeeds()
                        .invoked(1)
                        .conserved(rig.has(Kind.LIMITER) ? 1 : 0)
                        .judged(Judgment.SUCCESS, 1));
    }

    @ParameterizedTest
    @MethodSource("orders")
    void aFailure(List<Kind> order) {
        inAllForms(order, rig -> {
            int attempts = rig.attempts(rig.has(Kind.RETRY) ? 2 : 1);
            rig.endsWith(r -> {
                        throw FAILURE;
                    })
                    .failsWith(
                            attempts == 1 && rig.trial && rig.repeated(Kind.BREAKER)
                                    ? CircuitBreakerOpenException.class
                                    : IOException.class)
                    .invoked(attempts)
                    .conserved(paid(rig, attempts, 2))
                    .judged(Judgment.FAILURE, rig.repeated(Kind.BREAKER) ? 2 : 1);
        });
    }

    /** How often the limiter was paid in two attempts, of which a breaker on trial lets the second through only as far as itself. */
    private static int paid(Rig rig, int invoked, int tried) {
        if (!rig.has(Kind.LIMITER)) {
            return 0;
        }
        if (!rig.repeated(Kind.LIMITER)) {
            return 1;
        }
        return rig.outside(Kind.LIMITER, Kind.BREAKER) ? tried : invoked;
    }

    @ParameterizedTest
    @MethodSource("orders")
    void anErrorIsAFailureAndNotRetried(List<Kind> order) {
        inAllForms(
                order,
                rig -> rig.endsWith(r -> {
                            throw new AssertionError("scripted");
                        })
                        .failsWith(AssertionError.class)
                        .invoked(1)
                        .conserved(rig.has(Kind.LIMITER) ? 1 : 0)
                        .judged(Judgment.FAILURE, 1));
    }

    @ParameterizedTest
    @MethodSource("orders")
    void aNullStageOrAFutureFromABlockingCall(List<Kind> order) {
        for (boolean trial : new boolean[] {false, true}) {
            Rig rig = new Rig(order, Form.ASYNC, trial);
            rig.failure = Rig.failureOf(rig.guard.execute(() -> null));
            rig.failsWith(
                            rig.has(Kind.RETRY) && rig.attempts(2) == 1
                                    ? CircuitBreakerOpenException.class
                                    : NullPointerException.class)
                    .conserved(paid(rig, rig.attempts(rig.has(Kind.RETRY) ? 2 : 1), 2))
                    .judged(Judgment.FAILURE, rig.repeated(Kind.BREAKER) ? 2 : 1);

            Rig blocking = new Rig(order, Form.BLOCKING, trial);
            try {
                blocking.guard.get(() -> CompletableFuture.completedFuture(1));
            } catch (IllegalStateException e) {
                blocking.failure = e;
            }
            blocking.failsWith(IllegalStateException.class)
                    .conserved(blocking.has(Kind.LIMITER) ? 1 : 0)
                    .judged(Judgment.NONE, 0);
        }
    }

    @ParameterizedTest
    @MethodSource("orders")
    void aTimeoutInFlightIsAFailureOfTheService(List<Kind> order) {
        if (!order.contains(Kind.TIMEOUT)) {
            return;
        }
        inAllForms(order, rig -> {
            int wanted = rig.repeated(Kind.TIMEOUT) ? 2 : 1;
            int attempts = rig.attempts(wanted);
            rig.hangs(CallOptions.NONE, attempts, future -> rig.time.advance(LIMIT), r -> {
                        r.time.advance(LIMIT);
                        if (Thread.interrupted()) {
                            throw new InterruptedException();
                        }
                        return 1;
                    })
                    .failsWith(attempts < wanted ? CircuitBreakerOpenException.class : CallTimeoutException.class)
                    .invoked(attempts)
                    .conserved(wanted == 1 ? (rig.has(Kind.LIMITER) ? 1 : 0) : paid(rig, attempts, 2))
                    .judged(Judgment.FAILURE, wanted == 2 && rig.repeated(Kind.BREAKER) ? 2 : 1);
        });
    }

    @ParameterizedTest
    @MethodSource("orders")
    void aDeadlineInFlightIsAFailureOfTheService(List<Kind> order) {
        inAllForms(
                order,
                rig -> rig.hangs(HALF_A_SECOND, 1, future -> rig.time.advance(Duration.ofMillis(500)), r -> {
                            r.time.advance(Duration.ofMillis(500));
                            if (Thread.interrupted()) {
                                throw new IOException("interrupted");
                            }
                            return 1;
                        })
                        .failsWith(CallTimeoutException.class)
                        .invoked(1)
                        .conserved(rig.has(Kind.LIMITER) ? 1 : 0)
                        .judged(Judgment.FAILURE, 1));
    }

    @ParameterizedTest
    @MethodSource("orders")
    void aCancelInFlightIsNobodysFailure(List<Kind> order) {
        inAllForms(
                order,
                rig -> rig.hangs(CallOptions.NONE, 1, future -> future.cancel(true), r -> {
                            throw new InterruptedException();
                        })
                        .failsWith(rig.form == Form.ASYNC ? CancellationException.class : InterruptedException.class)
                        .invoked(1)
                        .conserved(rig.has(Kind.LIMITER) ? 1 : 0)
                        .judged(Judgment.CANCELLED, 1));
    }

    // ---- in the bulkhead's line: the service was never asked, whatever happens

    private static int paidBeforeTheLine(Rig rig) {
        return rig.outside(Kind.LIMITER, Kind.BULKHEAD) ? 1 : 0;
    }

    /** A breaker further in than the line was never asked, and judges nothing either. */
    private static void judgedInLine(Rig rig, Judgment judgment) {
        boolean asked = rig.outside(Kind.BREAKER, Kind.BULKHEAD);
        rig.judged(asked || !rig.trial ? (asked ? judgment : Judgment.NONE) : Judgment.NONE, asked ? 1 : 0);
    }

    @ParameterizedTest
    @MethodSource("orders")
    void aTimeoutInLineIsARejection(List<Kind> order) {
        if (!order.contains(Kind.TIMEOUT) || order.indexOf(Kind.TIMEOUT) >= order.indexOf(Kind.BULKHEAD)) {
            return;
        }
        inAllForms(order, rig -> {
            rig.waits(CallOptions.NONE, caller -> rig.time.advance(LIMIT))
                    .failsWith(CallTimeoutException.class)
                    .invoked(0)
                    .conserved(paidBeforeTheLine(rig));
            judgedInLine(rig, Judgment.NONE);
        });
    }

    @ParameterizedTest
    @MethodSource("orders")
    void aDeadlineInLineIsARejection(List<Kind> order) {
        if (!order.contains(Kind.BULKHEAD)) {
            return;
        }
        inAllForms(order, rig -> {
            rig.waits(HALF_A_SECOND, caller -> rig.time.advance(Duration.ofMillis(500)))
                    .failsWith(DeadlinePassedException.class)
                    .invoked(0)
                    .conserved(paidBeforeTheLine(rig));
            judgedInLine(rig, Judgment.NONE);
        });
    }

    @ParameterizedTest
    @MethodSource("orders")
    void aCancelInLineIsNobodysFailure(List<Kind> order) {
        if (!order.contains(Kind.BULKHEAD)) {
            return;
        }
        inAllForms(order, rig -> {
            rig.waits(CallOptions.NONE, caller -> {
                        if (caller instanceof Thread thread) {
                            thread.interrupt();
                        } else {
                            ((CompletableFuture<?>) caller).cancel(true);
                        }
                    })
                    .failsWith(rig.form == Form.ASYNC ? CancellationException.class : CallInterruptedException.class)
                    .invoked(0)
                    .conserved(paidBeforeTheLine(rig));
            judgedInLine(rig, Judgment.CANCELLED);
        });
    }

    @ParameterizedTest
    @MethodSource("orders")
    void aCloseWhileInLineIsTheGuardsWord(List<Kind> order) {
        if (!order.contains(Kind.BULKHEAD)) {
            return;
        }
        inAllForms(order, rig -> {
            rig.waits(CallOptions.NONE, caller -> rig.bulkhead.close())
                    .failsWith(IllegalStateException.class)
                    .invoked(0)
                    .conserved(paidBeforeTheLine(rig));
            judgedInLine(rig, Judgment.NONE);
        });
    }

    /** The first attempt failed, the second only waited here: that is one failure, whether the breaker let in both or each. */
    @ParameterizedTest
    @MethodSource("orders")
    void aDeadlineInLineForALaterAttemptIsNoSecondFailure(List<Kind> order) {
        for (Form form : Form.values()) {
            Rig rig = new Rig(order, form, false);
            if (!rig.repeated(Kind.BULKHEAD)) {
                return;
            }
            AtomicReference<CompletableFuture<?>> other = new AtomicReference<>();
            Body failing = r -> {
                other.set(r.bulkhead.acquire()); // gets this attempt's place
                throw FAILURE;
            };
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread caller = new Thread(() -> thrown.set(rig.failureOf(HALF_A_SECOND, failing)));
            CompletableFuture<Integer> future = new CompletableFuture<>();
            if (form == Form.ASYNC) {
                future = rig.guard.execute(HALF_A_SECOND, () -> {
                    rig.invoked.incrementAndGet();
                    return CompletableFuture.completedFuture(failing.run(rig));
                });
            } else {
                caller.start();
            }
            rig.await(() -> {
                rig.time.runPending();
                return other.get() != null
                        && other.get().isDone()
                        && rig.bulkhead.waiters() == 1
                        && rig.time.pendingTimers() > 0;
            });
            rig.time.advance(Duration.ofMillis(500));
            rig.await(() -> !caller.isAlive());
            rig.failure = form == Form.ASYNC ? Rig.failureOf(future) : thrown.get();
            rig.bulkhead.release();
            int paid = !rig.has(Kind.LIMITER) ? 0 : paidBeforeTheLine(rig) == 1 && rig.repeated(Kind.LIMITER) ? 2 : 1;
            rig.failsWith(CallTimeoutException.class).invoked(1).conserved(paid).judged(Judgment.FAILURE, 1);
        }
    }

    @ParameterizedTest
    @MethodSource("orders")
    void aRefusalByTheLimiterIsNoFailure(List<Kind> order) {
        if (!order.contains(Kind.LIMITER)) {
            return;
        }
        inAllForms(order, rig -> {
            rig.limiter.tryAcquire(TOKENS);
            rig.hangs(HALF_A_SECOND, 0, future -> {}, r -> 1)
                    .failsWith(RateLimitExceededException.class)
                    .invoked(0)
                    .conserved(TOKENS);
            boolean asked = rig.outside(Kind.BREAKER, Kind.LIMITER);
            rig.judged(Judgment.NONE, asked ? 1 : 0);
        });
    }
}
