package io.weir.internal;

import io.weir.CallOptions;
import io.weir.Guard;
import io.weir.Pipeline;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.engine.time.Timer;
import io.weir.engine.time.TimerNode;
import io.weir.guard.Bulkhead;
import io.weir.guard.Timeout;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Two threads that race for the same calls: the caller starts, cancels and completes them; the other completes the stages in flight, fires
 * the timers that were armed (deadlines, timeouts, back-offs, grants), takes the bulkhead's only place now and then, and closes the limiter.
 * Half of the calls pass a timeout inside of the retry. A ledger stage stands in front of the call and one
 * behind the limiter; they see whatever is admitted twice, given back twice, or not.
 *
 * <p>A class of its own, so that {@link PipelineRaceTest} can run it with a damaged {@link PipelineCall} too.
 */
public final class PipelineRace {
    private static final int ROOM = 200_000;
    private static final IOException FAILURE = new IOException("scripted");

    private final SplittableRandom random;
    private final SplittableRandom otherRandom;
    private final long stuckNanos;
    private final AtomicReference<@Nullable CompletableFuture<Integer>> inFlight = new AtomicReference<>();
    private final ConcurrentLinkedQueue<TimerNode> armed = new ConcurrentLinkedQueue<>();
    private final Ledger outer = new Ledger("outer");
    private final Ledger inner = new Ledger("inner");
    private final WeirRuntime runtime = WeirRuntime.builder()
            .timer(new RacingTimer())
            .callbackExecutor(Runnable::run)
            .build();
    private final CircuitBreaker breaker = CircuitBreaker.builder("race")
            .failureThreshold(1 << 30)
            .runtime(runtime)
            .build();
    private final Bulkhead bulkhead = Bulkhead.builder("race")
            .maxConcurrent(1)
            .maxWaiters(4)
            .runtime(runtime)
            .build();
    private final Timeout timeout = Timeout.builder("race")
            .duration(Duration.ofNanos(15_000))
            .runtime(runtime)
            .build();
    /** Admissions by the limiter without a wait. */
    private final AtomicLong paid = new AtomicLong();

    private volatile @Nullable TokenBucketRateLimiter toClose;
    private volatile boolean over;
    private volatile @Nullable Throwable otherDied;

    private PipelineRace(long seed, long stuckMillis) {
        this.random = new SplittableRandom(seed);
        this.otherRandom = new SplittableRandom(~seed);
        this.stuckNanos = stuckMillis * 1_000_000;
    }

    /**
     * Races.
     *
     * @return what went wrong, or null
     */
    public static @Nullable String run(int calls, long seed, long stuckMillis) throws InterruptedException {
        return new PipelineRace(seed, stuckMillis).race(calls);
    }

    private @Nullable String race(int calls) throws InterruptedException {
        Thread other = new Thread(this::bringEvents, "race-events");
        other.setDaemon(true);
        other.start();
        try {
            int done = 0;
            while (done < calls) {
                int round = Math.min(20_000, calls - done);
                String wrong = round(round, done % 40_000 == 0);
                if (wrong != null) {
                    return wrong + " (after about " + done + " calls)";
                }
                done += round;
            }
        } finally {
            over = true;
            other.join(10_000);
        }
        return bulkhead.inUse() == 0 && bulkhead.waiters() == 0 ? null : "HELD AFTER ALL: " + bulkhead;
    }

    /** One limiter's life. A roomy one never makes anybody wait and so shows whether tokens are exact; a tight one makes most wait. */
    private @Nullable String round(int calls, boolean roomy) {
        TokenBucketRateLimiter limiter = TokenBucketRateLimiter.builder("race")
                .rate(roomy ? ROOM : 1_000_000)
                .period(roomy ? Duration.ofDays(20_000) : Duration.ofSeconds(1))
                .maxTokens(roomy ? ROOM : 2)
                .maxWaiters(64)
                .runtime(runtime)
                .build();
        Retry retry = Retry.of(
                "race",
                RetryConfig.builder()
                        .maxRetries(2)
                        .backoff(a -> Duration.ofNanos(a.number() * 1_000L))
                        .build(),
                runtime);
        Chain plain = chain(limiter, Pipeline.of(breaker, retry), Guard.none());
        Chain timed = chain(limiter, Pipeline.of(breaker, retry), timeout);
        long paidBefore = paid.get();
        for (int i = 0; i < calls; i++) {
            if (!roomy && i == calls - 50) {
                toClose = limiter;
            }
            String wrong = one(random.nextBoolean() ? timed : plain);
            if (wrong != null) {
                return wrong;
            }
        }
        if (otherDied != null) {
            return "the other thread died: " + otherDied;
        }
        if (roomy) {
            double spent = ROOM - limiter.availableTokens();
            long admitted = paid.get() - paidBefore;
            if (Math.abs(spent - admitted) > 0.5) {
                return "TOKENS: " + spent + " spent for " + admitted + " admissions";
            }
        }
        return null;
    }

    private Chain chain(TokenBucketRateLimiter limiter, Guard before, Guard limit) {
        List<Stage> stages = new ArrayList<>();
        stages.add(outer);
        stages.addAll(AbstractGuard.stagesOf(before));
        stages.addAll(AbstractGuard.stagesOf(limit));
        stages.add(new Paying(AbstractGuard.stagesOf(limiter).get(0)));
        stages.addAll(AbstractGuard.stagesOf(bulkhead));
        stages.add(inner);
        return new Chain("race", runtime, stages);
    }

    private @Nullable String one(Chain chain) {
        CallOptions options = random.nextInt(4) == 0 ? CallOptions.within(Duration.ofNanos(20_000)) : CallOptions.NONE;
        int kind = random.nextInt(8);
        long started = outer.admitted.get();
        CompletableFuture<Integer> future = chain.execute(options, () -> {
            CompletableFuture<Integer> stage = new CompletableFuture<>();
            if (kind == 0) {
                stage.completeExceptionally(FAILURE);
            } else if (kind == 1) {
                stage.complete(1);
            } else {
                inFlight.set(stage);
            }
            return stage;
        });
        boolean byUser = false;
        int patience = random.nextInt(200);
        for (int i = 0; i < patience; i++) {
            Thread.onSpinWait();
        }
        if (random.nextInt(3) == 0) {
            byUser = random.nextBoolean() ? future.cancel(true) : future.complete(-1);
        }
        if (!byUser) {
            long since = System.nanoTime();
            while (!future.isDone()) {
                Thread.onSpinWait();
                if (System.nanoTime() - since > stuckNanos) {
                    return "STUCK: " + future + ", outer " + outer + ", inner " + inner;
                }
            }
            // I4: all was given back before the future completed
            if (outer.held.get() != 0 || inner.held.get() != 0) {
                return "HELD AFTER THE END: outer " + outer + ", inner " + inner;
            }
        } else {
            long since = System.nanoTime();
            while (outer.held.get() != 0 || inner.held.get() != 0) {
                Thread.onSpinWait();
                if (System.nanoTime() - since > stuckNanos) {
                    return "NEVER GIVEN BACK: outer " + outer + ", inner " + inner;
                }
            }
        }
        inFlight.set(null);
        if (outer.admitted.get() != started + 1 || outer.wrong != null || inner.wrong != null) {
            return "LEDGER: outer " + outer + ", inner " + inner;
        }
        return null;
    }

    private void bringEvents() {
        try {
            while (!over) {
                CompletableFuture<Integer> stage = inFlight.get();
                if (stage != null && inFlight.compareAndSet(stage, null)) {
                    pause();
                    if (otherRandom.nextInt(3) == 0) {
                        stage.completeExceptionally(FAILURE);
                    } else {
                        stage.complete(1);
                    }
                }
                TimerNode node = armed.poll();
                if (node != null) {
                    pause();
                    while (node.isArmed() && node.deadlineNanos() - System.nanoTime() > 0) {
                        Thread.onSpinWait();
                    }
                    node.tryFire();
                }
                if (otherRandom.nextInt(16) == 0 && bulkhead.tryAcquire()) {
                    pause();
                    bulkhead.release();
                }
                TokenBucketRateLimiter closing = toClose;
                if (closing != null) {
                    toClose = null;
                    closing.close();
                }
            }
        } catch (Throwable e) {
            otherDied = e;
        }
    }

    private void pause() {
        for (int i = otherRandom.nextInt(100); i > 0; i--) {
            Thread.onSpinWait();
        }
    }

    /** Hands its nodes to the other thread, which fires them at once when due. */
    private final class RacingTimer implements Timer {
        @Override
        public void arm(TimerNode node) {
            armed.add(node);
        }

        @Override
        public boolean cancel(TimerNode node) {
            return node.tryCancel();
        }

        @Override
        public void close() {}
    }

    /** The limiter, with its admissions counted. */
    private final class Paying extends Stage {
        private final Stage limiter;

        Paying(Stage limiter) {
            this.limiter = limiter;
        }

        @Override
        public String name() {
            return limiter.name();
        }

        @Override
        public boolean needsClock() {
            return limiter.needsClock();
        }

        @Override
        public long admit(CallOptions options, long now) {
            long token = limiter.admit(options, now);
            if (token >= 0) {
                paid.incrementAndGet();
            }
            return token;
        }

        @Override
        public RuntimeException refusal(CallOptions options) {
            return limiter.refusal(options);
        }

        @Override
        public Wait newWait(CallOptions options) {
            return limiter.newWait(options);
        }

        @Override
        public @Nullable Again onEnd(
                long token,
                long start,
                @Nullable Object result,
                @Nullable Failed failed,
                @Nullable Again before,
                CallInfo call) {
            return limiter.onEnd(token, start, result, failed, before, call);
        }
    }

    /** Counts what is admitted and given back. */
    private static final class Ledger extends Stage {
        private final String name;
        private final AtomicLong admitted = new AtomicLong();
        private final AtomicLong held = new AtomicLong();
        private volatile @Nullable String wrong;

        Ledger(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public long admit(CallOptions options, long now) {
            if (held.incrementAndGet() != 1) {
                wrong = "admitted while held";
            }
            return admitted.incrementAndGet();
        }

        @Override
        public @Nullable Again onEnd(
                long token,
                long start,
                @Nullable Object result,
                @Nullable Failed failed,
                @Nullable Again before,
                CallInfo call) {
            if (token != admitted.get()) {
                wrong = "given back token " + token;
            }
            if (held.decrementAndGet() != 0) {
                wrong = "given back twice";
            }
            return null;
        }

        @Override
        public String toString() {
            return name + "(admitted " + admitted + ", held " + held + ", " + wrong + ")";
        }
    }
}
