package io.weir.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.RetryAfterHint;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** semantics.md §8: failures are typed; both forms tell the same. */
class ApiClientFailureTest {

    @Test
    void aSuccessHasStatusHeadersAndBody() throws Exception {
        try (TestService service = new TestService();
                ApiClient client = ApiClient.builder(service.url()).build()) {
            service.then(201, Map.of("X-Thing", "1", "Content-Type", "text/plain; charset=\"UTF-8\""), "grün");
            ApiResponse response = client.get("/thing").get(30, TimeUnit.SECONDS);
            assertThat(response.status()).isEqualTo(201);
            assertThat(response.header("x-thing")).contains("1");
            assertThat(response.headers().map()).containsKey("x-thing");
            assertThat(response.text()).isEqualTo("grün");
            assertThat(response.toString()).isEqualTo("ApiResponse(201, 5 bytes)");
            assertThat(client.blocking().get("/thing").text()).isEqualTo("grün");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "301, io.weir.http.ApiException",
        "400, io.weir.http.ApiException",
        "401, io.weir.http.AuthenticationException",
        "403, io.weir.http.ApiException",
        "404, io.weir.http.ResourceNotFoundException",
        "429, io.weir.http.TooManyRequestsException",
        "500, io.weir.http.ServerException",
        "503, io.weir.http.ServerException",
        "599, io.weir.http.ServerException"
    })
    void eachStatusIsAFailureOfItsOwnKind(int status, Class<? extends ApiException> kind) {
        try (TestService service = new TestService();
                ApiClient client = ApiClient.builder(service.url()).build()) {
            service.then(
                    status, Map.of("X-Why", "because"), "{\"title\": {\"detail\": 1}, \"detail\":\"a\\u0062c\\n\"}");
            Throwable failure = Eventually.failure(client.get("/a/b?page=7"));
            assertThat(failure).isExactlyInstanceOf(kind).hasMessage("GET /a/b: " + status + " (abc )");
            ApiException api = (ApiException) failure;
            assertThat(api.status()).isEqualTo(status);
            assertThat(api.headers().get("x-WHY")).containsExactly("because");
            assertThat(api.detail()).contains("abc ");
            assertThat(api.body()).isNotEmpty();
            assertThatThrownBy(() -> client.blocking().get("/a/b"))
                    .isExactlyInstanceOf(kind)
                    .hasMessage(failure.getMessage())
                    .satisfies(e -> assertThat(e.getStackTrace())
                            .anyMatch(frame ->
                                    frame.getClassName().equals(getClass().getName())));
        }
    }

    @Test
    void retryAfterIsReadOf429And503Only() {
        try (TestService service = new TestService();
                ApiClient client = ApiClient.builder(service.url()).build()) {
            for (int status : new int[] {429, 503, 500}) {
                service.then(status, Map.of("Retry-After", "17"), "");
                assertThat(((RetryAfterHint) Eventually.failure(client.get("/"))).retryAfter())
                        .isEqualTo(
                                status == 500
                                        ? java.util.Optional.empty()
                                        : java.util.Optional.of(Duration.ofSeconds(17)));
            }
        }
    }

    @Test
    void aRefusedConnectionIsAConnectionFailure() throws IOException {
        int port;
        try (ServerSocket taken = new ServerSocket(0)) {
            port = taken.getLocalPort();
        }
        try (ApiClient client = ApiClient.builder("http://127.0.0.1:" + port).build()) {
            assertThat(Eventually.failure(client.get("/")))
                    .isInstanceOf(ApiConnectionException.class)
                    .hasCauseInstanceOf(IOException.class);
            assertThatThrownBy(() -> client.blocking().get("/")).isInstanceOf(ApiConnectionException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this", "nonsense\r\n\r\n"})
    void aBrokenConnectionIsAConnectionFailure(String sent) throws IOException {
        try (RawServer server = new RawServer((socket, target) -> {
                    RawServer.sends(sent).on(socket, target);
                    if (sent.isEmpty()) {
                        RawServer.reset(socket);
                    } else {
                        socket.close();
                    }
                });
                ApiClient client = ApiClient.builder(server.url()).build()) {
            assertThat(Eventually.failure(client.get("/"))).isInstanceOf(ApiConnectionException.class);
            assertThatThrownBy(() -> client.blocking().get("/")).isInstanceOf(ApiConnectionException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nno more than this",
                "HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nno more than this"
            })
    void aStallIsATimeoutAndTheConnectionIsLetGo(String sent) throws Exception {
        try (RawServer server = new RawServer(RawServer.sends(sent));
                ApiClient client = ApiClient.builder(server.url())
                        .timeout(Duration.ofMillis(200))
                        .build()) {
            Throwable failure = Eventually.failure(client.get("/slow"));
            assertThat(failure).isInstanceOf(ApiTimeoutException.class).hasMessageContaining("/slow");
            assertThat(((ApiTimeoutException) failure).after()).isEqualTo(Duration.ofMillis(200));
            assertThatThrownBy(() -> client.blocking().get("/slow")).isInstanceOf(ApiTimeoutException.class);
            assertThat(server.abandoned.tryAcquire(2, 30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void anEndlessErrorBodyIsCutOffAndTheConnectionLetGo() throws Exception {
        try (RawServer server = new RawServer((socket, target) -> {
                    RawServer.sends("HTTP/1.1 500 Oops\r\n\r\n").on(socket, target);
                    while (true) {
                        socket.getOutputStream().write(new byte[8192]);
                    }
                });
                ApiClient client = ApiClient.builder(server.url()).build()) {
            Throwable failure = Eventually.failure(client.get("/"));
            assertThat(failure).isInstanceOf(ServerException.class);
            assertThat(((ServerException) failure).body()).hasSize(ApiException.MAX_BODY_BYTES);
            assertThat(server.abandoned.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void typesWithoutCodecAreTextBytesNothingAndTheResponse() throws Exception {
        try (TestService service = new TestService();
                ApiClient client = ApiClient.builder(service.url()).build()) {
            assertThat(client.get("/", String.class).get(30, TimeUnit.SECONDS)).isEqualTo("ok");
            assertThat(client.blocking().get("/", byte[].class)).containsExactly('o', 'k');
            assertThat(client.blocking().get("/", Void.class)).isNull();
            assertThat(client.blocking().get("/", ApiResponse.class).status()).isEqualTo(200);
            assertThatThrownBy(() -> client.get("/", Integer.class))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("JsonCodec")
                    .hasMessageContaining("java.lang.Integer");
            assertThatThrownBy(() -> client.get("/", new TypeRef<List<String>>() {}))
                    .hasMessageContaining("java.util.List<java.lang.String>");
        }
    }

    @Test
    void aBodyThatTheCodecCannotReadIsAnApiExceptionWithTheStatus() throws Exception {
        JsonCodec codec = new JsonCodec() {
            @Override
            public Object read(byte[] json, java.lang.reflect.Type type) throws IOException {
                if (json[0] != '[') {
                    throw new IOException("no array");
                }
                return List.of("read");
            }

            @Override
            public byte[] write(Object value) {
                throw new AssertionError();
            }
        };
        try (TestService service = new TestService();
                ApiClient client = ApiClient.builder(service.url()).codec(codec).build()) {
            service.then(200, Map.of(), "[]").then(200, Map.of(), "{}");
            List<String> list = client.get("/", new TypeRef<List<String>>() {}).get(30, TimeUnit.SECONDS);
            assertThat(list).containsExactly("read");
            assertThat(Eventually.failure(client.get("/", new TypeRef<List<String>>() {})))
                    .isExactlyInstanceOf(ApiException.class)
                    .hasRootCauseMessage("no array")
                    .satisfies(e -> assertThat(((ApiException) e).status()).isEqualTo(200));
        }
    }

    @Test
    void headersAndQueryArriveAsTheyWereGiven() throws Exception {
        try (TestService service = new TestService();
                ApiClient client = ApiClient.builder(service.url() + "/base/")
                        .defaultHeader("X-Default", "old")
                        .defaultHeader("x-default", "new")
                        .auth(Auth.apiKey("X-Api-Key", "k3y"))
                        .build()) {
            client.get("find?a=1", new java.util.TreeMap<>(Map.of("q", "a b&c=ü", "r", List.of(1, 2))))
                    .get(30, TimeUnit.SECONDS);
            TestService.Seen seen = service.seen.get(0);
            assertThat(seen.target()).isEqualTo("/base/find?a=1&q=a%20b%26c%3D%C3%BC&r=1&r=2");
            assertThat(seen.headers().get("X-default")).containsExactly("new");
            assertThat(seen.headers().get("X-api-key")).containsExactly("k3y");
            assertThat(seen.headers()).doesNotContainKey("Upgrade");
        }
    }
}
