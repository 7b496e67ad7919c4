package io.weir.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.weir.CallOptions;
import io.weir.Guard;
import io.weir.Pipeline;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.engine.time.Timer;
import io.weir.engine.time.TimerNode;
import io.weir.guard.Bulkhead;
import io.weir.guard.Hedge;
import io.weir.guard.Timeout;
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
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * H1 to H4 of {@link HedgeRun}, F1 and F2 of {@link ForkedCall}: two threads race for hedged calls. The caller starts, cancels and completes them; the
 * other ends attempts in flight, well or badly, and fires timers (hedges, back-offs, timeouts). What each attempt took comes back, exactly once; no
 * timer is left; no call hangs.
 */
class HedgeRaceTest {
    private static final int CALLS = Integer.getInteger("weir.hedgerace.calls", 40_000);
    private static final int BLOCKING_CALLS = CALLS / 40;
    private static final long STUCK_NANOS = 20_000_000_000L;
    private static final IOException FAILURE = new IOException("scripted");

    private final long seed = Long.getLong("weir.seed", 20_260_103);
    private final SplittableRandom random = new SplittableRandom(seed);
    private final ConcurrentLinkedQueue<CompletableFuture<Integer>> inFlight = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<TimerNode> armed = new ConcurrentLinkedQueue<>();
    private final Ledger outer = new Ledger("outer");
    private final Ledger inner = new Ledger("inner");
    private final WeirRuntime runtime = WeirRuntime.builder()
            .clock(HedgeRaceTest::slowNanoTime)
            .timer(new RacingTimer())
            .callbackExecutor(Runnable::run)
            .build();
    private final Bulkhead bulkhead = Bulkhead.builder("race")
            .maxConcurrent(2)
            .maxWaiters(2)
            .runtime(runtime)
            .build();
    private final CircuitBreaker breaker = CircuitBreaker.builder("race")
            .failureThreshold(1 << 30)
            .runtime(runtime)
            .build();
    private final Hedge hedge = Hedge.builder("race")
            .delay(Duration.ofNanos(2_000))
            .maxHedges(2)
            .budget(10)
            .runtime(runtime)
            .build();
    private final LongAdder started = new LongAdder();
    private volatile boolean over;
    /** The call has ended: nobody ends its attempts any more, or fires its timers, so what it has left behind stays and is seen. */
    private volatile boolean ended;

    private final ConcurrentLinkedQueue<TimerNode> all = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Throwable otherDied;

    /** Hands its nodes to the other thread, which fires them when due. */
    private final class RacingTimer implements Timer {
        @Override
        public void arm(TimerNode node) {
            all.add(node);
            armed.add(node);
        }

        @Override
        public boolean cancel(TimerNode node) {
            return node.tryCancel();
        }

        @Override
        public void close() {}
    }

    /** Counts what is admitted and given back; each token once. */
    private static final class Ledger extends Stage {
        private static final int ROOM = 1 << 16;
        private final String name;
        private final AtomicLong admitted = new AtomicLong();
        private final AtomicLong held = new AtomicLong();
        private final java.util.concurrent.atomic.AtomicIntegerArray out =
                new java.util.concurrent.atomic.AtomicIntegerArray(ROOM);
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
            held.incrementAndGet();
            long token = admitted.incrementAndGet();
            if (out.getAndIncrement((int) token & ROOM - 1) != 0) {
                wrong = "token " + token + " is out already";
            }
            return token;
        }

        @Override
        public @Nullable Again onEnd(
                long token,
                long start,
                @Nullable Object result,
                @Nullable Failed failed,
                @Nullable Again before,
                CallInfo call) {
            held.decrementAndGet();
            if (out.getAndDecrement((int) token & ROOM - 1) != 1) {
                wrong = "token " + token + " was given back twice";
            }
            return null;
        }

        @Override
        public String toString() {
            return name + "(admitted " + admitted + ", held " + held + ", " + wrong + ")";
        }
    }

    private Chain chain(Guard... inside) {
        List<Stage> stages = new ArrayList<>();
        stages.add(outer);
        stages.addAll(AbstractGuard.stagesOf(Pipeline.of(inside)));
        stages.addAll(AbstractGuard.stagesOf(bulkhead));
        stages.add(inner);
        return new Chain("race", runtime, stages);
    }

    private List<Chain> chains() {
        Timeout timeout = Timeout.builder("race")
                .duration(Duration.ofNanos(20_000))
                .runtime(runtime)
                .build();
        Retry retry = Retry.of(
                "race",
                RetryConfig.builder()
                        .maxRetries(1)
                        .backoff(a -> Duration.ofNanos(1_000))
                        .build(),
                runtime);
        return List.of(
                chain(hedge, breaker),
                chain(retry, hedge, breaker),
                chain(timeout, hedge, breaker, retry),
                chain(breaker, hedge, timeout));
    }

    private void bringEvents() {
        SplittableRandom mine = new SplittableRandom(~seed);
        try {
            while (!over) {
                CompletableFuture<Integer> stage = inFlight.poll();
                if (stage != null && !ended) {
                    if (mine.nextInt(4) != 0) {
                        inFlight.add(stage); // long enough for a hedge to be due
                    } else {
                        pause(mine);
                        end(stage, mine);
                    }
                }
                TimerNode node = armed.poll();
                if (node != null && !ended) {
                    pause(mine);
                    if (node.deadlineNanos() - System.nanoTime() > 0) {
                        armed.add(node);
                    } else {
                        node.tryFire();
                    }
                }
                if (stage == null && node == null) {
                    Thread.yield();
                }
            }
        } catch (Throwable e) {
            otherDied = e;
        }
    }

    /** Stops its reader for a moment now and then: also one that has said it sends a hedge, and has none yet. */
    private static long slowNanoTime() {
        long time = System.nanoTime();
        for (int i = (time & 0x30) == 0 ? 300 : 0; i > 0; i--) {
            Thread.onSpinWait();
        }
        return time;
    }

    private static void end(CompletableFuture<Integer> stage, SplittableRandom random) {
        if (random.nextInt(3) == 0) {
            stage.completeExceptionally(FAILURE);
        } else {
            stage.complete(1);
        }
    }

    private boolean isAllBack() {
        return outer.held.get() == 0
                && inner.held.get() == 0
                && bulkhead.inUse() == 0
                && all.stream().noneMatch(TimerNode::isArmed);
    }

    private static void pause(SplittableRandom random) {
        for (int i = random.nextInt(100); i > 0; i--) {
            Thread.onSpinWait();
        }
    }

    private Thread events() {
        Thread other = new Thread(this::bringEvents, "race-events");
        other.setDaemon(true);
        other.start();
        return other;
    }

    private CompletableFuture<Integer> call(int kind) {
        started.increment();
        CompletableFuture<Integer> stage = new CompletableFuture<>();
        if (kind == 0) {
            stage.completeExceptionally(FAILURE);
        } else if (kind == 1) {
            stage.complete(1);
        } else {
            inFlight.add(stage);
        }
        return stage;
    }

    @Test
    void attemptsTimersAndCancelsRaceAndEverythingComesBackOnce() throws Exception {
        List<Chain> chains = chains();
        Thread other = events();
        for (int i = 0; i < CALLS; i++) {
            int kind = random.nextInt(12);
            all.clear();
            ended = false;
            CompletableFuture<Integer> future =
                    chains.get(random.nextInt(chains.size())).execute(CallOptions.NONE, () -> call(kind));
            pause(random);
            boolean byUser =
                    random.nextInt(3) == 0 && (random.nextBoolean() ? future.cancel(true) : future.complete(-1));
            String where = "seed " + seed + ", call " + i + ", ";
            long since = System.nanoTime();
            while (!future.isDone() || !isAllBack()) {
                ended = future.isDone();
                CompletableFuture<Integer> stage = ended || random.nextInt(4) != 0 ? null : inFlight.poll();
                if (stage != null) {
                    end(stage, random); // so that an end races with the hedges that the other sends
                    continue;
                }
                if (random.nextInt(64) != 0) {
                    Thread.onSpinWait();
                    continue;
                }
                if (System.nanoTime() - since > STUCK_NANOS) {
                    fail(where + "stuck: %s, %s, %s, %s, %s", future, outer, inner, bulkhead, otherDied);
                }
                Thread.yield();
            }
            assertThat(outer.wrong).as(where + outer).isNull();
            assertThat(inner.wrong).as(where + inner).isNull();
            assertThat(byUser || future.isCompletedExceptionally() || future.join() == 1)
                    .as(where + future)
                    .isTrue();
        }
        over = true;
        other.join(20_000);
        assertThat(otherDied).isNull();
        assertThat(hedge.metrics().hedges()).as("the race is one").isPositive();
        assertThat(hedge.metrics().won()).isPositive();
        assertThat(bulkhead.waiters()).isZero();
        assertThat(outer.admitted.get()).isEqualTo(CALLS);
    }

    @Test
    void blockingAttemptsRaceAndNoInterruptIsLeft() throws Exception {
        List<Chain> chains = chains();
        Thread other = events();
        AtomicLong running = new AtomicLong();
        for (int i = 0; i < BLOCKING_CALLS; i++) {
            int kind = random.nextInt(12);
            all.clear();
            ended = false;
            Chain chain = chains.get(random.nextInt(chains.size()));
            try {
                int result = chain.<Integer>call(CallOptions.NONE, () -> {
                    running.incrementAndGet();
                    try {
                        assertThat(Thread.currentThread().isInterrupted())
                                .as("an interrupt before the call")
                                .isFalse();
                        return call(kind).get();
                    } catch (java.util.concurrent.ExecutionException e) {
                        throw FAILURE;
                    } finally {
                        running.decrementAndGet();
                    }
                });
                assertThat(result).isEqualTo(1);
            } catch (AssertionError e) {
                throw e;
            } catch (Exception e) {
                // as it may
            }
            ended = true;
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            String where = "seed " + seed + ", call " + i + ", ";
            long since = System.nanoTime();
            while (running.get() != 0 || !isAllBack()) {
                assertThat(System.nanoTime() - since)
                        .as(where + "stuck: %s, %s, %s, %s", outer, inner, bulkhead, otherDied)
                        .isLessThan(STUCK_NANOS);
                Thread.yield();
            }
            assertThat(outer.wrong).as(where + outer).isNull();
            assertThat(inner.wrong).as(where + inner).isNull();
        }
        over = true;
        other.join(20_000);
        assertThat(otherDied).isNull();
        assertThat(hedge.metrics().hedges()).isPositive();
    }
}
