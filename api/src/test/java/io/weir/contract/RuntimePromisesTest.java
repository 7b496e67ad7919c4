package io.weir.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.WeirRuntime;
import io.weir.guard.Bulkhead;
import io.weir.ratelimit.TokenBucketRateLimiter;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

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
        CompletableFuture<Boolean> seen = limiter.acquire()
                .thenApply(granted -> Thread.currentThread().isDaemon()
                        && Thread.currentThread().getName().startsWith("weir-callback-"));
        assertThat(seen.get(10, TimeUnit.SECONDS)).isTrue();
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
}
