package io.weir.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.weir.CallInterruptedException;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.breaker.CircuitBreakerMetrics;
import io.weir.guard.Bulkhead;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cancelling, interrupting and closing: what is under way is let go of, and nothing is left. */
class ApiClientLifecycleTest {
    /** Longer than any test waits: what lets go of a connection here is not the timeout. */
    private static final Duration NEVER = Duration.ofMinutes(5);

    private static final String STALLED_HEAD = "";
    private static final String STALLED_BODY = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nno more";

    @ParameterizedTest
    @ValueSource(strings = {STALLED_HEAD, STALLED_BODY})
    void cancellingTheFutureAbortsTheExchange(String sent) throws Exception {
        CircuitBreaker breaker = CircuitBreaker.of("api");
        try (RawServer server = new RawServer(RawServer.sends(sent));
                ApiClient client = ApiClient.builder(server.url())
                        .timeout(NEVER)
                        .circuitBreaker(breaker)
                        .retry(RetryConfig.DEFAULT)
                        .build()) {
            CompletableFuture<ApiResponse> future = client.get("/");
            assertThat(server.answered.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
            assertThat(future.cancel(true)).isTrue();
            assertThat(server.abandoned.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
            assertThat(Eventually.failure(future)).isInstanceOf(CancellationException.class);
            Eventually.holds("the breaker has heard", () -> breaker.metrics().cancelled() == 1);
            assertThat(breaker.metrics().failures()).isZero();
            assertThat(client.pendingCalls()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {STALLED_HEAD, STALLED_BODY})
    void interruptingABlockingCallAbortsTheExchange(String sent) throws Exception {
        CircuitBreaker breaker = CircuitBreaker.of("api");
        try (RawServer server = new RawServer(RawServer.sends(sent));
                ApiClient client = ApiClient.builder(server.url())
                        .timeout(NEVER)
                        .circuitBreaker(breaker)
                        .build()) {
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            AtomicReference<Boolean> flag = new AtomicReference<>();
            Thread caller = new Thread(() -> {
                thrown.set(catchThrowable(() -> client.blocking().get("/")));
                flag.set(Thread.interrupted());
            });
            caller.start();
            assertThat(server.answered.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
            caller.interrupt();
            caller.join(30_000);
            assertThat(thrown.get()).isInstanceOf(CallInterruptedException.class);
            assertThat(flag.get()).isTrue();
            assertThat(server.abandoned.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
            CircuitBreakerMetrics metrics = breaker.metrics();
            assertThat(metrics.cancelled()).isEqualTo(1);
            assertThat(metrics.failures() + metrics.successes()).isZero();
            assertThat(client.pendingCalls()).isZero();
        }
    }

    @Test
    void aClosedClientRefusesAndTheBreakerHearsNothingOfIt() throws Exception {
        CircuitBreaker breaker =
                CircuitBreaker.builder("api").failureThreshold(1).build();
        try (TestService service = new TestService()) {
            ApiClient client = ApiClient.builder(service.url())
                    .name("mine")
                    .circuitBreaker(breaker)
                    .retry(RetryConfig.DEFAULT)
                    .build();
            assertThat(client.blocking().get("/").status()).isEqualTo(200);
            client.close();
            client.close();
            assertThat(Eventually.failure(client.get("/")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the client 'mine' is closed");
            assertThatThrownBy(() -> client.blocking().get("/")).isInstanceOf(IllegalStateException.class);
            assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.CLOSED);
            assertThat(breaker.metrics().failures()).isZero();
            assertThat(client.toString()).contains("mine", "closed");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {STALLED_HEAD, STALLED_BODY})
    void closeFailsTheCallsThatAreUnderWay(String sent) throws Exception {
        CircuitBreaker breaker =
                CircuitBreaker.builder("api").failureThreshold(1).build();
        try (RawServer server = new RawServer(RawServer.sends(sent))) {
            ApiClient client = ApiClient.builder(server.url())
                    .timeout(NEVER)
                    .circuitBreaker(breaker)
                    .retry(RetryConfig.DEFAULT)
                    .build();
            CompletableFuture<ApiResponse> async = client.get("/");
            CompletableFuture<Throwable> blocking = new CompletableFuture<>();
            Thread caller = new Thread(() ->
                    blocking.complete(catchThrowable(() -> client.blocking().get("/"))));
            caller.start();
            assertThat(server.answered.tryAcquire(2, 30, TimeUnit.SECONDS)).isTrue();
            client.close();
            assertThat(Eventually.failure(async)).isInstanceOf(IllegalStateException.class);
            assertThat(blocking.get(30, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
            assertThat(server.abandoned.tryAcquire(2, 30, TimeUnit.SECONDS)).isTrue();
            assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.CLOSED);
            Eventually.holds("nothing is pending", () -> client.pendingCalls() == 0);
        }
    }

    @Test
    void closeFailsACallThatWaitsForItsRetry() {
        Retry retry = Retry.of(
                "patient",
                RetryConfig.builder()
                        .baseDelay(Duration.ofHours(1))
                        .maxDelay(Duration.ofHours(1))
                        .build());
        try (TestService service = new TestService()) {
            service.then(503);
            ApiClient client = ApiClient.builder(service.url()).retry(retry).build();
            CompletableFuture<ApiResponse> call = client.get("/");
            Eventually.holds("the retry waits", () -> retry.metrics().retries() == 1);
            client.close();
            assertThat(Eventually.failure(call)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aClientThatWasHandedInIsNotClosed() throws Exception {
        HttpClient own = HttpClient.newHttpClient();
        try (TestService service = new TestService()) {
            for (int i = 0; i < 2; i++) {
                try (ApiClient client =
                        ApiClient.builder(service.url()).httpClient(own).build()) {
                    assertThat(client.get("/", String.class).get(30, TimeUnit.SECONDS))
                            .isEqualTo("ok");
                }
            }
        }
    }

    @Test
    void noThreadIsStartedBeforeTheFirstCall() {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        try (ApiClient client = ApiClient.builder("http://localhost:1").build()) {
            assertThat(httpThreadsSince(before)).isEmpty();
            assertThat(client.name()).isEqualTo("localhost:1");
        }
    }

    @Test
    void dependentsRunOnTheRuntimesCallbackExecutor() throws Exception {
        try (RawServer slow = new RawServer(RawServer.sends(STALLED_HEAD));
                ApiClient client = ApiClient.builder(slow.url())
                        .timeout(Duration.ofMillis(300))
                        .build()) {
            String name = client.get("/")
                    .handle((response, failure) -> Thread.currentThread().getName())
                    .get(30, TimeUnit.SECONDS);
            assertThat(name).startsWith("weir-callback-");
        }
    }

    /**
     * Only those calls that are to end by a timeout have a short one: a service that is slow because the machine is busy would end others by
     * it too.
     */
    @Test
    void callsWithEveryKindOfEndLeaveNothing() throws Exception {
        int calls = Integer.getInteger("weir.http.calls", 1_000);
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        WeirRuntime runtime = WeirRuntime.builder().build();
        AtomicReference<ApiClient> client = new AtomicReference<>();
        Bulkhead bulkhead =
                Bulkhead.builder("b").maxConcurrent(1_000).runtime(runtime).build();
        try (RawServer server = new RawServer(ApiClientLifecycleTest::misbehave)) {
            client.set(ApiClient.builder(server.url())
                    .runtime(runtime)
                    .timeout(NEVER)
                    .bulkhead(bulkhead)
                    .retry(RetryConfig.builder()
                            .maxRetries(1)
                            .baseDelay(Duration.ofMillis(1))
                            .build())
                    .build());
            Map<String, Integer> ends = new TreeMap<>();
            List<Map.Entry<String, CompletableFuture<ApiResponse>>> batch = new ArrayList<>();
            for (int i = 0; i < calls; i++) {
                End end = End.values()[i % End.values().length];
                ApiRequest.Builder request = ApiRequest.of("GET", "/" + end);
                if (end == End.SLOW_HEAD || end == End.SLOW_BODY) {
                    request.timeout(Duration.ofMillis(20));
                }
                CompletableFuture<ApiResponse> call = client.get().send(request.build());
                if (end == End.CANCELLED_HEAD || end == End.CANCELLED_BODY) {
                    call.cancel(true);
                }
                batch.add(Map.entry(end.name(), call));
                if (batch.size() == 100 || i == calls - 1) {
                    for (Map.Entry<String, CompletableFuture<ApiResponse>> each : batch) {
                        ends.merge(each.getKey() + " " + outcome(each.getValue()), 1, Integer::sum);
                    }
                    batch.clear();
                }
            }
            int each = calls / End.values().length;
            assertThat(ends)
                    .isEqualTo(new TreeMap<>(Map.of(
                            "OK ApiResponse", each,
                            "OOPS ServerException", each,
                            "RESET ApiConnectionException", each,
                            "GARBAGE ApiConnectionException", each,
                            "TRUNCATED ApiConnectionException", each,
                            "SLOW_HEAD ApiTimeoutException", each,
                            "SLOW_BODY ApiTimeoutException", each,
                            "CANCELLED_HEAD CancellationException", each,
                            "CANCELLED_BODY CancellationException", each,
                            "MISSING ResourceNotFoundException", each)));
            Eventually.holds("nothing is pending", () -> client.get().pendingCalls() == 0);
            Eventually.holds("no place is taken", () -> bulkhead.inUse() == 0);
            client.get().close();
            client.set(null);
            runtime.close();
            // Not those that answered garbage: the JDK 17 leaves a connection open whose status line it can't read, and
            // hands out no handle.
            Eventually.holds("every connection is let go of, and every thread", () -> {
                System.gc(); // before Java 21 the selector ends when nobody refers to its client any more
                return server.openConnections("/" + End.GARBAGE) == 0
                        && httpThreadsSince(before).isEmpty();
            });
        }
    }

    private enum End {
        OK,
        OOPS,
        RESET,
        GARBAGE,
        TRUNCATED,
        SLOW_HEAD,
        SLOW_BODY,
        CANCELLED_HEAD,
        CANCELLED_BODY,
        MISSING
    }

    private static void misbehave(Socket socket, String target) throws IOException {
        switch (End.valueOf(target.substring(1))) {
            case OK ->
                RawServer.sends("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                        .on(socket, target);
            case OOPS ->
                RawServer.sends("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")
                        .on(socket, target);
            case MISSING ->
                RawServer.sends("HTTP/1.1 404 Gone\r\nContent-Length: 0\r\n\r\n")
                        .on(socket, target);
            case RESET -> RawServer.reset(socket);
            case GARBAGE -> RawServer.sends("garbage\r\n\r\n").on(socket, target);
            case TRUNCATED -> {
                RawServer.sends(STALLED_BODY).on(socket, target);
                socket.close();
            }
            case SLOW_BODY, CANCELLED_BODY -> RawServer.sends(STALLED_BODY).on(socket, target);
            case SLOW_HEAD, CANCELLED_HEAD -> {
                // stalls
            }
        }
    }

    private static String outcome(CompletableFuture<ApiResponse> call) throws Exception {
        try {
            return call.get(30, TimeUnit.SECONDS).getClass().getSimpleName();
        } catch (ExecutionException e) {
            return e.getCause().getClass().getSimpleName();
        } catch (CancellationException e) {
            return "CancellationException";
        }
    }

    private static Set<String> httpThreadsSince(Set<Thread> before) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread) && thread.isAlive())
                .map(Thread::getName)
                .filter(name -> name.startsWith("weir-") || name.startsWith("HttpClient-"))
                .collect(Collectors.toSet());
    }
}
