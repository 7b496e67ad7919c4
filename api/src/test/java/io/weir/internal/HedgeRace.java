package io.weir.internal;

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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Two threads race for hedged calls. The caller starts, cancels and completes them; the other ends attempts in flight, well or badly, and fires timers
 * (hedges, back-offs, timeouts). What each attempt took comes back, exactly once; no timer is left; no call hangs; no interrupt is left on a thread.
 *
 * <p>A class of its own, so that {@link HedgeRaceTest} can run it with damaged classes too.
 */
public final class HedgeRace {
    private static final IOException FAILURE = new IOException("scripted");

    private final long seed;
    private final long stuckNanos;
    private final SplittableRandom random;
    private final ConcurrentLinkedQueue<CompletableFuture<Integer>> inFlight = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<TimerNode> armed = new ConcurrentLinkedQueue<>();
    private final Ledger outer = new Ledger("outer");
    private final Ledger inner = new Ledger("inner");
    private final WeirRuntime runtime = WeirRuntime.builder()
            .clock(HedgeRace::slowNanoTime)
            .timer(new RacingTimer())
            .callbackExecutor(Runnable::run)
            .blockingExecutor(new Workers())
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
    /** Blocking attempts. */
    private final AtomicLong running = new AtomicLong();

    private volatile boolean over;
    /** The call has ended: nobody ends its attempts any more, or fires its timers, so what it has left behind stays and is seen. */
    private volatile boolean ended;

    private final ConcurrentLinkedQueue<TimerNode> all = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Throwable otherDied;

    private volatile @Nullable String strayInterrupt;

    private HedgeRace(long seed, long stuckMillis) {
        this.seed = seed;
        this.stuckNanos = stuckMillis * 1_000_000;
        this.random = new SplittableRandom(seed);
    }

    /**
     * Races, in the asynchronous form.
     *
     * @return what went wrong, or null
     */
    public static @Nullable String run(int calls, long seed, long stuckMillis) throws InterruptedException {
        return new HedgeRace(seed, stuckMillis).race(HedgeRace::async, calls);
    }

    /**
     * Races, in the blocking form.
     *
     * @return what went wrong, or null
     */
    public static @Nullable String runBlocking(int calls, long seed, long stuckMillis) throws InterruptedException {
        return new HedgeRace(seed, stuckMillis).race(HedgeRace::blocking, calls);
    }

    /** Makes one call. */
    private interface One {
        @Nullable
        String call(HedgeRace race, Chain chain, int kind);
    }

    private @Nullable String race(One one, int calls) throws InterruptedException {
        List<Chain> chains = chains();
        Thread other = new Thread(this::bringEvents, "race-events");
        other.setDaemon(true);
        other.start();
        String wrong = null;
        int done = 0;
        while (wrong == null && done++ < calls) {
            all.clear();
            ended = false;
            wrong = one.call(this, chains.get(random.nextInt(chains.size())), random.nextInt(12));
            if (wrong == null && (outer.wrong != null || inner.wrong != null || strayInterrupt != null)) {
                wrong = "WRONG: " + strayInterrupt;
            }
        }
        over = true;
        other.join(20_000);
        if (wrong == null && otherDied == null) {
            wrong = bulkhead.waiters() != 0
                    ? "LEFT IN LINE"
                    : outer.admitted.get() != calls
                            ? "REPEATED FROM OUTSIDE"
                            : hedge.metrics().hedges() == 0 || hedge.metrics().won() == 0 ? "NO RACE" : null;
        }
        return wrong == null && otherDied == null
                ? null
                : wrong + " (seed " + seed + ", call " + done + ", " + outer + ", " + inner + ", " + bulkhead
                        + ", the other thread: " + otherDied + ")";
    }

    /** Threads of which none may be interrupted when it has done its work. Never ended, as they are few; daemons. */
    private final class Workers implements Executor {
        private final LinkedTransferQueue<Runnable> tasks = new LinkedTransferQueue<>();

        @Override
        public void execute(Runnable task) {
            if (!tasks.tryTransfer(task)) {
                Thread worker = new Thread(() -> work(task), "race-worker");
                worker.setDaemon(true);
                worker.start();
            }
        }

        private void work(Runnable first) {
            Runnable task = first;
            while (task != null && !over) {
                task.run();
                try {
                    if (Thread.currentThread().isInterrupted()) {
                        strayInterrupt = "an interrupt is left";
                    }
                    task = tasks.poll(1, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    strayInterrupt = "an interrupt has come after the task";
                    return;
                }
            }
        }
    }

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
        private final AtomicIntegerArray out = new AtomicIntegerArray(ROOM);
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
                    if (mine.nextInt(12) != 0) {
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
        pause(random, 100);
    }

    private static void pause(SplittableRandom random, int most) {
        for (int i = random.nextInt(most); i > 0; i--) {
            Thread.onSpinWait();
        }
    }

    private CompletableFuture<Integer> call(int kind) {
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

    private @Nullable String async(Chain chain, int kind) {
        CompletableFuture<Integer> future = chain.execute(CallOptions.NONE, () -> call(kind));
        pause(random);
        if (random.nextInt(4) == 0) {
            pause(random, 2_000); // the first attempt is left alone until it is hedged
        }
        boolean byUser = random.nextInt(3) == 0 && (random.nextBoolean() ? future.cancel(true) : future.complete(-1));
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
            if (System.nanoTime() - since > stuckNanos) {
                return "STUCK: " + future;
            }
            Thread.yield();
        }
        return byUser || future.isCompletedExceptionally() || future.join() == 1 ? null : "RESULT: " + future;
    }

    private @Nullable String blocking(Chain chain, int kind) {
        try {
            int result = chain.<Integer>call(CallOptions.NONE, () -> block(kind));
            if (result != 1) {
                return "RESULT: " + result;
            }
        } catch (Exception e) {
            // as it may
        }
        ended = true;
        if (Thread.interrupted()) {
            return "STRAY INTERRUPT of the caller";
        }
        long since = System.nanoTime();
        while (running.get() != 0 || !isAllBack()) {
            if (System.nanoTime() - since > stuckNanos) {
                return "STUCK: " + running + " attempts";
            }
            Thread.yield();
        }
        return null;
    }

    private int block(int kind) throws Exception {
        running.incrementAndGet();
        try {
            return call(kind).get();
        } catch (ExecutionException e) {
            throw FAILURE;
        } finally {
            running.decrementAndGet();
        }
    }
}
