package io.weir.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.CallTimeoutException;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** semantics.md §8: a request that isn't idempotent is sent again only where it had no effect, or when the caller says so. */
class ApiClientResendTest {
    private static final RetryConfig ONCE =
            RetryConfig.builder().maxRetries(1).baseDelay(Duration.ofMillis(1)).build();

    private static int hits(int status, UnaryOperator<ApiRequest.Builder> how, String method) {
        try (TestService service = new TestService();
                ApiClient client = ApiClient.builder(service.url()).retry(ONCE).build()) {
            service.then(status);
            assertThatThrownBy(() -> client.blocking()
                            .send(how.apply(ApiRequest.of(method, "/")).build()))
                    .isInstanceOf(ApiException.class);
            return service.hits();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET,500,2",
        "HEAD,502,2",
        "PUT,500,2",
        "DELETE,504,2",
        "OPTIONS,500,2",
        "POST,500,1",
        "PATCH,502,1",
        "POST,504,1",
        "POST,503,2",
        "PATCH,429,2",
        "POST,400,1",
        "PUT,409,1"
    })
    void theMethodDecidesWhatIsSentAgain(String method, int status, int hits) {
        assertThat(hits(status, request -> request, method)).isEqualTo(hits);
    }

    @Test
    void theCallerMaySayThatARequestIsIdempotentOrIsNot() {
        assertThat(hits(500, request -> request.idempotent(true), "POST")).isEqualTo(2);
        assertThat(hits(500, request -> request.header("idempotency-key", "k"), "POST"))
                .isEqualTo(2);
        assertThat(hits(500, request -> request.idempotent(false), "PUT")).isEqualTo(1);
        assertThat(hits(503, request -> request.idempotent(false), "PUT")).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 503})
    void aStreamIsNeverSentAgain(int status) {
        assertThat(hits(
                        status,
                        request -> request.stream("text/plain", new ByteArrayInputStream(new byte[9]))
                                .idempotent(true),
                        "PUT"))
                .isEqualTo(1);
    }

    @Test
    void aStreamThatWasSentIsRefusedTheSecondTime() {
        try (TestService service = new TestService();
                ApiClient client = ApiClient.builder(service.url()).build()) {
            ApiRequest request = ApiRequest.of("PUT", "/").stream("text/plain", new ByteArrayInputStream(new byte[9]))
                    .build();
            assertThat(client.blocking().send(request).status()).isEqualTo(200);
            assertThatThrownBy(() -> client.blocking().send(request)).isInstanceOf(ApiException.class);
            assertThat(service.seen).extracting(seen -> seen.body().length()).doesNotContain(0);
        }
    }

    @Test
    void aRefusedConnectionIsTriedAgainByAnyMethodAndABrokenOneOnlyByIdempotentOnes() throws Exception {
        Retry retry = Retry.of("r", ONCE);
        try (ApiClient client = ApiClient.builder("http://127.0.0.1:" + closedPort())
                .retry(retry)
                .build()) {
            assertThatThrownBy(() ->
                            client.blocking().send(ApiRequest.of("POST", "/").build()))
                    .isInstanceOfSatisfying(
                            ApiConnectionException.class,
                            e -> assertThat(e.isRefused()).isTrue());
            assertThat(retry.metrics().retries()).isEqualTo(1);
        }
        for (String method : new String[] {"POST", "PUT"}) {
            AtomicInteger hits = new AtomicInteger();
            try (RawServer resets = new RawServer((socket, target) -> {
                        hits.incrementAndGet();
                        RawServer.reset(socket);
                    });
                    ApiClient client =
                            ApiClient.builder(resets.url()).retry(ONCE).build()) {
                assertThatThrownBy(() -> client.blocking()
                                .send(ApiRequest.of(method, "/").text("x").build()))
                        .isInstanceOfSatisfying(
                                ApiConnectionException.class,
                                e -> assertThat(e.isRefused()).isFalse());
                assertThat(hits.get()).isEqualTo(method.equals("POST") ? 1 : 2);
            }
        }
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void aTimeoutIsNoReasonToSendAgainWhatMayHaveHadItsEffect() throws Exception {
        for (boolean ofTheRetry : new boolean[] {false, true}) {
            Duration brief = Duration.ofMillis(100);
            RetryConfig config =
                    ofTheRetry ? ONCE.toBuilder().attemptTimeout(brief).build() : ONCE;
            Retry retry = Retry.of("r", config);
            try (RawServer stalls = new RawServer((socket, target) -> {});
                    ApiClient client = ApiClient.builder(stalls.url())
                            .timeout(ofTheRetry ? Duration.ofMinutes(5) : brief)
                            .retry(retry)
                            .build()) {
                Class<? extends Throwable> expected =
                        ofTheRetry ? CallTimeoutException.class : ApiTimeoutException.class;
                assertThatThrownBy(() -> client.blocking().send(text("POST"))).isInstanceOf(expected);
                assertThat(retry.metrics().retries()).isZero();
                assertThatThrownBy(() -> client.blocking().send(text("PUT"))).isInstanceOf(expected);
                assertThat(retry.metrics().retries()).isEqualTo(1);
            }
        }
    }

    private static ApiRequest text(String method) {
        return ApiRequest.of(method, "/").text("x").build();
    }

    @Test
    void aResultIsRetriedOnlyIfTheRequestMayBeSentAgain() {
        RetryConfig onResult = ONCE.toBuilder()
                .retryOnResult(ApiResponse.class, response -> response.status() == 202)
                .build();
        try (TestService service = new TestService();
                ApiClient client =
                        ApiClient.builder(service.url()).retry(onResult).build()) {
            service.then(202);
            assertThat(client.blocking().get("/").status()).isEqualTo(202);
            assertThat(service.hits()).isEqualTo(2);
            client.blocking().send(ApiRequest.of("POST", "/").build());
            assertThat(service.hits()).isEqualTo(3);
        }
    }
}
