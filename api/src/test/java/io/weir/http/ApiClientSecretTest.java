package io.weir.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** semantics.md §8: keys never appear in toString, logs or exceptions; not even when the service says them. */
class ApiClientSecretTest {
    private static final String KEY = "s3cr3t-K3Y";

    private static ApiClient client(String url) {
        return ApiClient.builder(url)
                .auth(Auth.bearer(KEY))
                .defaultHeader("X-Other", KEY)
                .timeout(Duration.ofMillis(500))
                .build();
    }

    @Test
    void noStringShowsTheKey() {
        try (ApiClient client = client("http://localhost")) {
            assertThat(client.toString())
                    .isEqualTo("ApiClient(localhost, http://localhost, Auth(bearer, Authorization))");
            assertThat(client.blocking().toString()).doesNotContain(KEY);
        }
        assertThat(Auth.apiKey("X-Api-Key", KEY).toString()).isEqualTo("Auth(api-key, X-Api-Key)");
        assertThat(Auth.none().toString()).isEqualTo("Auth(none)");
    }

    @Test
    void aServiceThatRepeatsTheKeyDoesNotBringItIntoTheFailure() throws Exception {
        try (TestService service = new TestService();
                ApiClient client = client(service.url())) {
            for (int status : new int[] {400, 401, 404, 429, 500}) {
                service.then(status, Map.of("X-Echo", "key=" + KEY), "{\"detail\": \"wrong key " + KEY + "\"}");
                Throwable failure = Eventually.failure(client.get("/" + KEY + "?k=" + KEY));
                assertThat(failure.getMessage()).isEqualTo("GET /***: " + status + " (wrong key ***)");
                assertKeyIsNotIn(failure);
            }
            assertThat(service.seen.get(0).headers().get("Authorization")).containsExactly("Bearer " + KEY);
        }
    }

    @Test
    void neitherDoesAConnectionThatSaysGarbage() throws Exception {
        try (RawServer server = new RawServer((socket, target) -> {
                    RawServer.sends(KEY + " is what you sent\r\n\r\n").on(socket, target);
                    socket.close();
                });
                ApiClient client = client(server.url())) {
            Throwable failure = Eventually.failure(client.get("/"));
            assertThat(failure).isInstanceOf(ApiConnectionException.class);
            assertKeyIsNotIn(failure);
        }
    }

    private static void assertKeyIsNotIn(Throwable failure) throws Exception {
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        assertThat(trace.toString()).doesNotContain(KEY);
        assertThat(new String(serialized(failure), StandardCharsets.ISO_8859_1)).doesNotContain(KEY);
    }

    private static byte[] serialized(Object object) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        }
        return bytes.toByteArray();
    }

    @Test
    void whatIsRefusedIsNotShown() {
        List<Throwable> refused = List.of(
                catchThrowable(() -> Auth.bearer(KEY + "\r\nX: y")),
                catchThrowable(() -> Auth.apiKey("X-Key", KEY + " ")),
                catchThrowable(() -> ApiClient.builder("http://localhost").defaultHeader("X-Key", KEY + "\n")),
                catchThrowable(() -> ApiClient.builder("http://user:" + KEY + "@localhost")),
                catchThrowable(() -> ApiClient.builder("http://user:" + KEY + " @localhost")),
                catchThrowable(() -> ApiClient.builder("http://localhost?key=" + KEY)));
        assertThat(refused).allSatisfy(e -> {
            assertThat(e).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("not shown");
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace));
            assertThat(trace.toString()).doesNotContain(KEY);
        });
    }

    @Test
    void failuresSurviveSerialisation() throws Exception {
        TooManyRequestsException failure = new TooManyRequestsException(
                "m",
                Map.of("Retry-After", List.of("3")),
                "{\"detail\":\"d\"}".getBytes(StandardCharsets.UTF_8),
                Duration.ofSeconds(3));
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(serialized(failure)))) {
            TooManyRequestsException read = (TooManyRequestsException) in.readObject();
            assertThat(read.retryAfter()).contains(Duration.ofSeconds(3));
            assertThat(read.headers().get("retry-after")).containsExactly("3");
            assertThat(read.detail()).contains("d");
            assertThat(read.status()).isEqualTo(429);
        }
    }

    @Test
    void whatAFailureKeepsIsBounded() {
        ApiException failure =
                new ApiException("m", 500, Map.of("X", List.of("x".repeat(1_000_000))), new byte[1_000_000], null);
        assertThat(failure.body()).hasSize(ApiException.MAX_BODY_BYTES);
        assertThat(failure.headers()).isEmpty();
    }
}
