package io.weir.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.WeirRuntime;
import io.weir.executor.AsyncExecutor;
import io.weir.executor.WorkQueue;
import io.weir.guard.Bulkhead;
import io.weir.ratelimit.EndpointRateLimiter;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which threads there are, and which run a user's code. In real time, of some milliseconds. */
class RuntimePromisesTest {

    private static Set<Thread> weirThreads() {
        Set<Thread> threads = new HashSet<>();
        for (Thread each : Thread.getAllStackTraces().keySet()) {
            if (each.getName().startsWith("weir-")) {
                threads.add(each);
            }
        }
        return threads;
    }

    @Test
    void threadsAreStartedWhenNeededAreNamedDaemonsAndEndWithTheRuntime() throws Exception {
        Set<Thread> before = weirThreads();
        WeirRuntime runtime = WeirRuntime.builder().build();
        var limiter = TokenBucketRateLimiter.builder("l")
                .rate(100)
                .initialTokens(0)
                .runtime(runtime)
                .build();
        Set<Thread> idle = weirThreads();
        idle.removeAll(before);
        assertThat(idle).as("nobody waits yet").isEmpty();
        Thread by = Thread.currentThread();
        while (by == Thread.currentThread()) { // as long as the grant comes before the dependent is there
            by = limiter.acquire().thenApply(granted -> Thread.currentThread()).get(10, TimeUnit.SECONDS);
        }
        assertThat(by.isDaemon()).isTrue();
        assertThat(by.getName()).startsWith("weir-callback-");
        Set<Thread> started = weirThreads();
        started.removeAll(before);
        assertThat(started).isNotEmpty().allMatch(Thread::isDaemon);
        runtime.close();
        for (Thread each : started) {
            each.join(10_000);
            assertThat(each.isAlive()).as(each.getName()).isFalse();
        }
    }

    @Test
    void whatEndsByAnotherCallerOrATimerRunsOnTheRuntimesExecutor() throws Exception {
        var executor = Executors.newSingleThreadExecutor(task -> new Thread(task, "mine"));
        try (var runtime = WeirRuntime.builder().callbackExecutor(executor).build()) {
            Bulkhead bulkhead = Bulkhead.builder("b")
                    .maxConcurrent(1)
                    .maxWaiters(2)
                    .runtime(runtime)
                    .build();
            assertThat(bulkhead.tryAcquire()).isTrue();
            var byAnother = bulkhead.acquire()
                    .thenApply(granted -> Thread.currentThread().getName());
            bulkhead.release();
            assertThat(byAnother.get(10, TimeUnit.SECONDS)).isEqualTo("mine");
            var byTimer = bulkhead.acquire(Duration.ofMillis(5))
                    .handle((granted, failure) -> Thread.currentThread().getName());
            assertThat(byTimer.get(10, TimeUnit.SECONDS)).isEqualTo("mine");
            var byBucket = TokenBucketRateLimiter.builder("l")
                    .rate(100)
                    .initialTokens(0)
                    .runtime(runtime)
                    .build()
                    .acquire()
                    .thenApply(granted -> Thread.currentThread().getName());
            assertThat(byBucket.get(10, TimeUnit.SECONDS)).isEqualTo("mine");
        } finally {
            executor.shutdown();
        }
    }

    @Test
    @Timeout(30)
    void noAsynchronousFormBlocksItsCaller() {
        var time = new VirtualTime();
        var runtime = time.runtimeBuilder().build();
        var limiter = TokenBucketRateLimiter.builder("l")
                .rate(1)
                .initialTokens(0)
                .runtime(runtime)
                .build();
        var keyed = EndpointRateLimiter.builder("k")
                .override("acme", u -> u.rate(1))
                .runtime(runtime)
                .build();
        keyed.tryAcquire("acme", keyed.availableTokens("acme"));
        var bulkhead = Bulkhead.builder("b")
                .maxConcurrent(1)
                .maxWaiters(1)
                .runtime(runtime)
                .build();
        bulkhead.tryAcquire();
        var executor =
                AsyncExecutor.builder("e").maxConcurrency(1).runtime(runtime).build();
        executor.execute(CompletableFuture::new);
        var queue = WorkQueue.<Integer>builder("q").capacity(1).runtime(runtime).build();
        queue.startWorkers(1, item -> new CompletableFuture<>());
        queue.put(1);
        time.runPending();
        queue.put(2);
        var retry = Retry.of("r", RetryConfig.DEFAULT, runtime);
        List<CompletableFuture<?>> waits = List.of(
                limiter.acquire(),
                limiter.execute(() -> CompletableFuture.completedFuture(1)),
                keyed.execute("acme", () -> CompletableFuture.completedFuture(1)),
                bulkhead.execute(() -> CompletableFuture.completedFuture(1)),
                executor.execute(() -> CompletableFuture.completedFuture(1)),
                executor.shutdown(),
                queue.put(3),
                queue.join(),
                queue.stop(),
                retry.execute(() -> CompletableFuture.failedFuture(new IOException())));
        assertThat(waits).as("this thread came here, and all of it waits").noneMatch(CompletableFuture::isDone);
    }
}
