package io.weir.guide;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.weir.Failures;
import io.weir.breaker.CircuitBreaker;
import io.weir.http.ApiClient;
import io.weir.http.ApiRequest;
import io.weir.http.ApiResponse;
import io.weir.http.Auth;
import io.weir.http.Endpoint;
import io.weir.http.EndpointConfig;
import io.weir.http.JsonCodec;
import io.weir.http.ResourceNotFoundException;
import io.weir.http.TypeRef;
import io.weir.ratelimit.AdaptiveRateLimiter;
import io.weir.retry.RetryConfig;
import java.io.IOException;
import java.lang.reflect.Type;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The guide's samples of the HTTP client, here because they read and write JSON. */
class HttpGuideTest {
    record Order(long id, String status) {}

    private static final String TOKEN = "t0ken";
    private final ConcurrentLinkedQueue<String> seen = new ConcurrentLinkedQueue<>();
    private HttpServer server = unstarted();

    private static HttpServer unstarted() {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @BeforeEach
    void start() {
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            seen.add(exchange.getRequestMethod() + " " + path);
            byte[] body = (path.equals("/orders")
                            ? "[{\"id\":7,\"status\":\"paid\"}]"
                            : "{\"id\":7,\"status\":\"paid\"}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("X-RateLimit-Remaining", "50");
            exchange.sendResponseHeaders(path.endsWith("/404") ? 404 : 200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void aClient() {
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        // guide:client
        try (var client = ApiClient.builder(url)
                .auth(Auth.bearer(TOKEN))
                .timeout(ofSeconds(5)) // each attempt; 10 s by default
                .circuitBreaker(CircuitBreaker.of("orders"))
                .retry(RetryConfig.builder().baseDelay(ofMillis(200)).build())
                .limiter(AdaptiveRateLimiter.builder("orders").initialRate(20).build()) // follows the answers' headers
                .build()) {
            CompletableFuture<Order> order = client.get("/orders/7", Order.class);
            CompletableFuture<List<Order>> all = client.get("/orders", new TypeRef<List<Order>>() {});
            CompletableFuture<Order> maybe = client.get("/orders/404", Order.class)
                    .exceptionally(Failures.on(ResourceNotFoundException.class, e -> new Order(0, "none")));
            // a POST is sent again only if you say that it may be
            CompletableFuture<ApiResponse> paid = client.send(ApiRequest.of("POST", "/payments")
                    .body(Map.of("order", 7))
                    .header("Idempotency-Key", "7f9c")
                    .build());
            Order here = client.blocking().get("/orders/7", Order.class); // on this thread
            // guide:hide
            assertThat(List.of(order.join(), all.join().get(0), here)).containsOnly(new Order(7, "paid"));
            assertThat(maybe.join().status()).isEqualTo("none");
            assertThat(paid.join().status()).isEqualTo(200);
            // guide:show
        }
        // guide:end
    }

    @Test
    void anEndpoint() {
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        // guide:endpoint
        var config = EndpointConfig.builder("chat")
                .baseUrl(url)
                .path("/v1/{model}/chat")
                .pathParameter("model", "small") // the default; a call may name another
                .auth(Auth.apiKey("X-Api-Key", TOKEN))
                .build();
        try (var chat = Endpoint.builder(config).retry(RetryConfig.DEFAULT).build()) {
            var answer = chat.call(Map.of("q", "hello"), Order.class);
            var other = chat.call(Map.of("q", "hello"), Map.of("model", "large"));
            // guide:hide
            assertThat(answer.join().id()).isEqualTo(7);
            assertThat(other.join().status()).isEqualTo(200);
            // guide:show
        }
        // guide:end
        assertThat(seen).contains("POST /v1/small/chat", "POST /v1/large/chat");
    }

    // guide:codec
    static final class LinesCodec implements JsonCodec {
        @Override
        public @Nullable Object read(byte[] json, Type type) throws IOException {
            return new String(json, StandardCharsets.UTF_8).lines().toList();
        }

        @Override
        public byte[] write(@Nullable Object value) throws IOException {
            return String.valueOf(value).getBytes(StandardCharsets.UTF_8);
        }
    }
    // guide:end

    @Test
    void aCodec() {
        try (var client = ApiClient.builder(
                        "http://127.0.0.1:" + server.getAddress().getPort())
                .codec(new LinesCodec())
                .build()) {
            assertThat(client.blocking().get("/orders", new TypeRef<List<String>>() {}))
                    .hasSize(1);
        }
    }
}
