package io.weir.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.CircuitBreakerOpenException;
import io.weir.Failures;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.breaker.CircuitBreakerMetrics;
import io.weir.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A service that is killed and restarted while many call it over real sockets. The breaker's time is virtual, and stands still unless it is moved:
 * what the breaker promises for a time is then checked to the call, however slow the machine is.
 */
class ApiClientKilledServiceTest {
    private static final int CALLERS = 8;
    private static final int CYCLES = Integer.getInteger("weir.http.kills", 5);
    private static final RawServer.Behaviour WELL = RawServer.sends("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

    private final VirtualTime time = new VirtualTime();
    private final ExecutorService callbacks = Executors.newFixedThreadPool(2, task -> {
        Thread thread = new Thread(task, "test-callbacks");
        thread.setDaemon(true);
        return thread;
    });
    private final WeirRuntime runtime =
            time.runtimeBuilder().callbackExecutor(callbacks).build();
    private final CircuitBreaker breaker = CircuitBreaker.builder("api")
            .failureThreshold(3)
            .recoveryTime(Duration.ofSeconds(5))
            .runtime(runtime)
            .build();

    private final LongAdder started = new LongAdder();
    private final LongAdder succeeded = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder cancelled = new LongAdder();
    private volatile @Nullable Throwable lastStrange;

    @Test
    void eachCallOfManyCallersEndsOnceAndTheBreakerKeepsItsPromises() throws Exception {
        RawServer server = new RawServer(WELL);
        int port = server.port();
        ApiClient client = ApiClient.builder(server.url())
                .runtime(runtime)
                .circuitBreaker(breaker)
                .timeout(Duration.ofHours(1)) // of virtual time: never
                .build();
        try {
            for (int cycle = 0; cycle < CYCLES; cycle++) {
                AtomicBoolean over = new AtomicBoolean();
                List<Thread> callers = callers(client, over);
                long before = succeeded.sum();
                Eventually.holds("the service is called", () -> succeeded.sum() >= before + 50);
                server.close(); // with calls in flight
                Eventually.holds("the breaker has opened", () -> breaker.state() == CircuitBreaker.State.OPEN);
                over.set(true);
                join(callers);
                everyCallHasEndedOnce(client);

                server = new RawServer(WELL, port);
                long failedBefore = failed.sum();
                time.advance(Duration.ofSeconds(5).minusNanos(1));
                together(client);
                assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.OPEN);
                assertThat(server.requests.availablePermits())
                        .as("requests within the recovery time")
                        .isZero();
                time.advance(Duration.ofNanos(1));
                assertThat(client.blocking().get("/").status()).isEqualTo(200);
                assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.CLOSED);
                started.increment();
                succeeded.increment();
                together(client);
                everyCallHasEndedOnce(client);
                assertThat(failed.sum())
                        .as("failures of a service that is back")
                        .isEqualTo(failedBefore);
            }
        } finally {
            client.close();
            callbacks.shutdown();
            server.close();
        }
    }

    /** Half of them wait for each answer; the others call ahead, and cancel every fourth call. */
    private List<Thread> callers(ApiClient client, AtomicBoolean over) {
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            boolean blocking = i % 2 == 0;
            callers.add(thread(() -> {
                for (int n = 0; !over.get(); n++) {
                    if (blocking) {
                        one(client);
                    } else {
                        ahead(client, n);
                    }
                }
            }));
        }
        return callers;
    }

    private void ahead(ApiClient client, int n) {
        List<CompletableFuture<ApiResponse>> calls = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            started.increment();
            calls.add(client.get("/"));
        }
        if (n % 2 == 0) {
            calls.get(n / 2 % 4).cancel(true);
        }
        for (CompletableFuture<ApiResponse> call : calls) {
            try {
                call.get(60, TimeUnit.SECONDS);
                succeeded.increment();
            } catch (Exception e) {
                if (call.isCancelled()) {
                    cancelled.increment();
                } else {
                    ended(Failures.unwrap(e));
                }
            }
        }
    }

    private void one(ApiClient client) {
        started.increment();
        try {
            client.blocking().get("/");
            succeeded.increment();
        } catch (Exception e) {
            ended(e);
        }
    }

    private void ended(Throwable failure) {
        if (failure instanceof CircuitBreakerOpenException) {
            rejected.increment();
        } else if (failure instanceof ApiConnectionException) {
            failed.increment();
        } else {
            lastStrange = failure;
        }
    }

    /** Twice as many calls at once as there are callers. */
    private void together(ApiClient client) throws Exception {
        CyclicBarrier start = new CyclicBarrier(CALLERS);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            threads.add(thread(() -> {
                try {
                    start.await(60, TimeUnit.SECONDS);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
                one(client);
                one(client);
            }));
        }
        join(threads);
    }

    /** The callers' counts and the breaker's agree to the call: nothing is lost, and nothing counted twice. */
    private void everyCallHasEndedOnce(ApiClient client) {
        Eventually.holds("nothing is pending", () -> client.pendingCalls() == 0);
        CircuitBreakerMetrics metrics = breaker.metrics();
        String all = started + " started, " + succeeded + " succeeded, " + failed + " failed, " + rejected
                + " rejected, " + cancelled + " cancelled; " + metrics;
        assertThat(lastStrange).as(all).isNull();
        assertThat(succeeded.sum() + failed.sum() + rejected.sum() + cancelled.sum())
                .as(all)
                .isEqualTo(started.sum());
        assertThat(metrics.rejected()).as(all).isEqualTo(rejected.sum());
        assertThat(metrics.successes()).as(all).isLessThanOrEqualTo(succeeded.sum());
        assertThat(metrics.failures()).as(all).isLessThanOrEqualTo(failed.sum());
        assertThat(metrics.cancelled()).as(all).isLessThanOrEqualTo(cancelled.sum());
        // What was in flight when the breaker opened is late, and counted nowhere else.
        assertThat(metrics.successes() + metrics.failures() + metrics.cancelled() + metrics.rejected() + metrics.late())
                .as(all)
                .isEqualTo(started.sum());
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "test-caller");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void join(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join(60_000);
            assertThat(thread.isAlive()).as("a caller hangs").isFalse();
        }
    }
}
