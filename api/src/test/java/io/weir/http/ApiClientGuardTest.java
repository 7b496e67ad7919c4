package io.weir.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.CircuitBreakerOpenException;
import io.weir.Failures;
import io.weir.RateLimitExceededException;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import io.weir.testkit.VirtualTime;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** semantics.md §8: breaker, then retry, then limiter, then the request, each judging failures as HTTP has it. */
class ApiClientGuardTest {
    private static final RetryConfig QUICK =
            RetryConfig.builder().baseDelay(Duration.ofMillis(1)).build();

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 503})
    void whatMayGoWellTheNextTimeIsRetried(int status) throws Exception {
        try (TestService service = new TestService();
                ApiClient client = ApiClient.builder(service.url()).retry(QUICK).build()) {
            service.then(status).then(status).then(200, Map.of(), "at last");
            assertThat(client.get("/", String.class).get(30, TimeUnit.SECONDS)).isEqualTo("at last");
            assertThat(service.hits()).isEqualTo(3);
            service.then(status).then(200, Map.of(), "again");
            assertThat(client.blocking().get("/", String.class)).isEqualTo("again");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 404})
    void whatWillNotGoWellTheNextTimeIsNotRetried(int status) {
        try (TestService service = new TestService();
                ApiClient client = ApiClient.builder(service.url()).retry(QUICK).build()) {
            service.then(503).then(status).then(200);
            Throwable failure = Eventually.failure(client.get("/"));
            assertThat(((ApiException) failure).status()).isEqualTo(status);
            assertThat(failure.getSuppressed()).hasSize(1).allMatch(ServerException.class::isInstance);
            assertThat(service.hits()).isEqualTo(2);
        }
    }

    @Test
    void connectionFailuresAndTimeoutsAreRetried() throws Exception {
        for (boolean reset : new boolean[] {true, false}) {
            var first = new java.util.concurrent.atomic.AtomicInteger();
            try (RawServer server = new RawServer((socket, target) -> {
                        if (first.getAndIncrement() > 0) {
                            RawServer.sends("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                                    .on(socket, target);
                        } else if (reset) {
                            RawServer.reset(socket);
                        }
                    });
                    ApiClient client = ApiClient.builder(server.url())
                            .timeout(Duration.ofMillis(500))
                            .retry(QUICK)
                            .build()) {
                assertThat(client.get("/", String.class).get(30, TimeUnit.SECONDS))
                        .isEqualTo("ok");
                assertThat(first.get()).isGreaterThanOrEqualTo(2);
            }
        }
    }

    @Test
    void theConfigurationNarrowsWhatIsRetried() {
        try (TestService service = new TestService();
                ApiClient client = ApiClient.builder(service.url())
                        .retry(QUICK.toBuilder()
                                .excluding(TooManyRequestsException.class)
                                .build())
                        .build()) {
            service.then(503).then(429).then(200);
            assertThat(Eventually.failure(client.get("/"))).isInstanceOf(TooManyRequestsException.class);
            assertThat(service.hits()).isEqualTo(2);
        }
    }

    @Test
    void theLastFailureComesWithTheEarlierOnesSuppressed() {
        try (TestService service = new TestService();
                ApiClient client = ApiClient.builder(service.url())
                        .retry(QUICK.toBuilder().maxRetries(2).build())
                        .build()) {
            service.then(500).then(502).then(503);
            Throwable failure = Eventually.failure(client.get("/"));
            assertThat(((ApiException) failure).status()).isEqualTo(503);
            assertThat(failure.getSuppressed())
                    .extracting(e -> ((ApiException) e).status())
                    .containsExactly(500, 502);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "Thu, 01 Jan 2026 00:00:07 GMT"})
    void retryAfterIsWaitedForOnTheRuntimesClocks(String retryAfter) throws Exception {
        VirtualTime time = new VirtualTime();
        WeirRuntime runtime = time.runtimeBuilder().build();
        Retry retry = Retry.of("patient", RetryConfig.builder().jitter(false).build(), runtime);
        try (TestService service = new TestService();
                ApiClient client = ApiClient.builder(service.url()).retry(retry).build()) {
            service.then(429, Map.of("Retry-After", retryAfter), "").then(200, Map.of(), "welcome");
            CompletableFuture<String> future = client.get("/", String.class);
            Eventually.holds("the retry waits", () -> {
                time.runPending();
                return retry.metrics().retries() == 1 && time.pendingTimers() == 1;
            });
            time.advance(Duration.ofSeconds(7).minusNanos(1));
            assertThat(Eventually.isPending(future)).isTrue();
            assertThat(service.hits()).isEqualTo(1);
            time.advance(Duration.ofNanos(1));
            assertThat(Eventually.result(time, future)).isEqualTo("welcome");
            assertThat(service.hits()).isEqualTo(2);
        }
    }

    @Test
    void theBreakerOpensOnServerFailuresAndRefusesWithoutARequest() {
        CircuitBreaker breaker =
                CircuitBreaker.builder("api").failureThreshold(3).build();
        try (TestService service = new TestService();
                ApiClient client =
                        ApiClient.builder(service.url()).circuitBreaker(breaker).build()) {
            service.then(500);
            for (int i = 0; i < 3; i++) {
                assertThat(Eventually.failure(client.get("/"))).isInstanceOf(ServerException.class);
            }
            assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.OPEN);
            assertThat(Eventually.failure(client.get("/"))).isInstanceOf(CircuitBreakerOpenException.class);
            assertThatThrownBy(() -> client.blocking().get("/")).isInstanceOf(CircuitBreakerOpenException.class);
            assertThat(service.hits()).isEqualTo(3);
            assertThat(client.get("/", String.class)
                            .exceptionally(Failures.on(CircuitBreakerOpenException.class, e -> "cached"))
                            .join())
                    .isEqualTo("cached");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 404, 429})
    void anAnswerThatIsNoServerFailureSaysThatTheServiceWorks(int status) {
        CircuitBreaker breaker =
                CircuitBreaker.builder("api").failureThreshold(2).build();
        try (TestService service = new TestService();
                ApiClient client =
                        ApiClient.builder(service.url()).circuitBreaker(breaker).build()) {
            service.then(500).then(status).then(500).then(status);
            for (int i = 0; i < 6; i++) {
                assertThat(Eventually.failure(client.get("/"))).isInstanceOf(ApiException.class);
            }
            assertThatThrownBy(() -> client.blocking().get("/")).isInstanceOf(ApiException.class);
            assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.CLOSED);
            assertThat(breaker.metrics().failures()).isEqualTo(2);
            assertThat(breaker.metrics().successes()).isEqualTo(5);
        }
    }

    @Test
    void theBreakerSeesOneCallWhateverTheRetryDoes() {
        CircuitBreaker breaker = CircuitBreaker.of("api");
        try (TestService service = new TestService();
                ApiClient client = ApiClient.builder(service.url())
                        .circuitBreaker(breaker)
                        .retry(QUICK)
                        .build()) {
            service.then(500);
            assertThat(Eventually.failure(client.get("/"))).isInstanceOf(ServerException.class);
            assertThat(service.hits()).isEqualTo(4);
            assertThat(breaker.metrics().failures()).isEqualTo(1);
        }
    }

    @Test
    void eachAttemptPaysTheLimiterAndItsRefusalIsNobodysFailure() {
        CircuitBreaker breaker =
                CircuitBreaker.builder("api").failureThreshold(1).build();
        TokenBucketRateLimiter limiter = TokenBucketRateLimiter.builder("slow")
                .rate(3)
                .period(Duration.ofHours(1))
                .build();
        try (TestService service = new TestService();
                ApiClient client = ApiClient.builder(service.url())
                        .circuitBreaker(breaker)
                        .retry(QUICK)
                        .limiter(limiter.failFast())
                        .build()) {
            service.then(503).then(503).then(200);
            assertThat(client.blocking().get("/").status()).isEqualTo(200);
            assertThat(Eventually.failure(client.get("/"))).isInstanceOf(RateLimitExceededException.class);
            assertThat(service.hits()).isEqualTo(3);
            assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.CLOSED);
            assertThat(breaker.metrics().failures()).isZero();
        }
    }

    @Test
    void aGuardAroundTheClientJudgesByItsOwnConfiguration() throws Exception {
        CircuitBreaker breaker =
                CircuitBreaker.builder("api").failureThreshold(1).build();
        try (TestService service = new TestService();
                ApiClient client = ApiClient.builder(service.url()).build()) {
            var callExternal = breaker.decorate((String id) -> client.get("/services/" + id, String.class));
            assertThat(callExternal.apply("service-123").get(30, TimeUnit.SECONDS))
                    .isEqualTo("ok");
            assertThat(breaker.get(() -> client.blocking().get("/endpoint", String.class)))
                    .isEqualTo("ok");
            service.then(404);
            assertThat(Eventually.failure(callExternal.apply("none"))).isInstanceOf(ResourceNotFoundException.class);
            assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.OPEN);
        }
    }

    @Test
    void guardsOfDifferentRuntimesAreRefused() {
        WeirRuntime other = WeirRuntime.builder().build();
        ApiClient.Builder builder = ApiClient.builder("http://localhost")
                .circuitBreaker(CircuitBreaker.of("api"))
                .retry(Retry.of("r", RetryConfig.DEFAULT, other));
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("runtime");
    }
}
