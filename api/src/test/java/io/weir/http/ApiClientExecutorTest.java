package io.weir.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.CallOptions;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.executor.AsyncExecutor;
import io.weir.executor.RateLimitedExecutor;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.RetryConfig;
import io.weir.testkit.VirtualTime;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** semantics.md §8: breaker, then retry, then limiter and concurrency as in §6, then the request. */
class ApiClientExecutorTest {
    private static final RetryConfig QUICK =
            RetryConfig.builder().baseDelay(Duration.ofMillis(1)).build();

    private final TestService service = new TestService();

    @AfterEach
    void stop() {
        service.close();
    }

    private ApiClient.Builder client() {
        return ApiClient.builder(service.url());
    }

    /** Few tokens, and no more of them while a test lasts. */
    private static RateLimitedExecutor.Builder tokens(int tokens) {
        return RateLimitedExecutor.builder("x").rate(tokens).period(Duration.ofHours(1));
    }

    @Test
    void theExecutorBoundsTheRequestsInFlightAndTheRestWait() throws Exception {
        AsyncExecutor executor = AsyncExecutor.of("x", 1);
        Semaphore arrived = new Semaphore(0);
        try (RawServer stalls = new RawServer((socket, target) -> arrived.release());
                ApiClient client = ApiClient.builder(stalls.url())
                        .timeout(Duration.ofHours(1))
                        .executor(executor)
                        .build()) {
            CompletableFuture<ApiResponse> first = client.get("/1");
            CompletableFuture<ApiResponse> second = client.get("/2");
            assertThat(arrived.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
            assertThat(executor.inFlight()).isEqualTo(1);
            assertThat(executor.waiting()).isEqualTo(1);
            first.cancel(true);
            assertThat(arrived.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
            second.cancel(true);
        }
        assertThat(executor.shutdown().get(30, TimeUnit.SECONDS))
                .as("nothing is left")
                .isTrue();
    }

    @Test
    void eachAttemptPaysAndGivesItsSlotBack() throws Exception {
        RateLimitedExecutor executor = tokens(10).maxConcurrency(1).build();
        CircuitBreaker breaker = CircuitBreaker.builder("b").build();
        try (ApiClient client =
                client().circuitBreaker(breaker).retry(QUICK).executor(executor).build()) {
            service.then(503).then(503).then(200, Map.of(), "at last");
            assertThat(client.get("/", String.class).get(30, TimeUnit.SECONDS)).isEqualTo("at last");
            assertThat(executor.metrics().started()).isEqualTo(3);
            assertThat(breaker.metrics().successes()).isEqualTo(1);
            client.blocking()
                    .send(ApiRequest.of("GET", "/")
                            .options(CallOptions.tokens(7))
                            .build());
            CompletableFuture<ApiResponse> waits = client.get("/");
            assertThat(executor.waiting()).as("10 tokens are paid").isEqualTo(1);
            waits.cancel(true);
            assertThat(executor.inFlight()).isZero();
        }
    }

    @Test
    void closingTheClientFailsWhoWaitsAndLeavesTheExecutorAlone() {
        RateLimitedExecutor executor = tokens(1).build();
        ApiClient client = client().executor(executor).build();
        client.blocking().get("/");
        CompletableFuture<ApiResponse> waits = client.get("/");
        client.close();
        assertThat(Eventually.failure(waits)).isInstanceOf(IllegalStateException.class);
        assertThat(executor.isShutdown()).isFalse();
        assertThat(executor.waiting()).isZero();
    }

    @Test
    void aRequestAfterTheExecutorsShutdownSaysSoAndIsNotRetried() {
        RateLimitedExecutor executor = tokens(5).build();
        CircuitBreaker breaker = CircuitBreaker.builder("b").failureThreshold(1).build();
        try (ApiClient client =
                client().circuitBreaker(breaker).retry(QUICK).executor(executor).build()) {
            executor.close();
            assertThat(Eventually.failure(client.get("/")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("'x' is shut down");
            assertThat(breaker.metrics().failures()).isZero();
            assertThat(service.hits()).isZero();
        }
    }

    @Test
    void everyResponsesHeadersFeedAnAdaptiveExecutor() {
        RateLimitedExecutor executor = RateLimitedExecutor.builder("x")
                .rate(1_000)
                .adaptiveRateLimiting(true)
                .build();
        try (ApiClient client = client().executor(executor).build()) {
            service.then(404, Map.of("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "3600"), "");
            assertThatThrownBy(() -> client.blocking().get("/")).isInstanceOf(ResourceNotFoundException.class);
            CompletableFuture<ApiResponse> waits = client.get("/");
            assertThat(executor.waiting()).as("for the reset").isEqualTo(1);
            waits.cancel(true);
            assertThat(service.hits()).isEqualTo(1);
        }
        executor.close();
    }

    @Test
    void anExecutorOfOneLimitForAllHearsNothing() {
        RateLimitedExecutor executor = tokens(5).build();
        try (ApiClient client = client().executor(executor).build()) {
            service.then(200, Map.of("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "3600"), "fine");
            assertThat(client.blocking().get("/").text()).isEqualTo("fine");
            assertThat(client.blocking().get("/").status()).isEqualTo(200);
        }
    }

    @Test
    void twoLimitsAreOneTooMany() {
        TokenBucketRateLimiter limiter = TokenBucketRateLimiter.of("l", 1);
        assertThatThrownBy(() -> client().limiter(limiter)
                        .executor(RateLimitedExecutor.of("x", 1, 1))
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'l'")
                .hasMessageContaining("'x'");
        client().limiter(limiter).executor(AsyncExecutor.of("x", 1)).build().close();
        client().limiter(limiter)
                .executor(RateLimitedExecutor.of("x", 1, 1))
                .executor(AsyncExecutor.of("y", 1))
                .build()
                .close();
    }

    @Test
    void theExecutorsRuntimeIsTheClients() {
        WeirRuntime runtime = new VirtualTime().runtimeBuilder().build();
        RateLimitedExecutor executor =
                RateLimitedExecutor.builder("x").runtime(runtime).build();
        assertThatThrownBy(() -> client().executor(executor)
                        .limiter(AsyncExecutor.of("y", 1))
                        .build())
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> client().executor(executor)
                        .circuitBreaker(CircuitBreaker.of("b"))
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("runtime");
    }

    @Test
    void anEndpointPaysUnderItsOwnNameUnlessTheOptionsHaveAnother() {
        RateLimitedExecutor executor = tokens(1).endpointRateLimiting(true).build();
        EndpointConfig config = EndpointConfig.builder("chat")
                .baseUrl(service.url())
                .path("/chat")
                .build();
        EndpointConfig other = EndpointConfig.builder("list")
                .baseUrl(service.url())
                .path("/list")
                .build();
        try (Endpoint chat = Endpoint.builder(config)
                        .codec(new PlainCodec())
                        .executor(executor)
                        .build();
                Endpoint list = Endpoint.builder(other)
                        .codec(new PlainCodec())
                        .executor(executor)
                        .build()) {
            chat.callBlocking(null);
            list.callBlocking(null);
            chat.callBlocking(null, Map.of(), CallOptions.key("tenant"));
            CompletableFuture<ApiResponse> waits = chat.call(null);
            assertThat(executor.waiting()).isEqualTo(1);
            waits.cancel(true);
            assertThat(service.hits()).isEqualTo(3);
        }
    }
}
