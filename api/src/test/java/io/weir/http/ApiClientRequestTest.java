package io.weir.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.BulkheadFullException;
import io.weir.CallOptions;
import io.weir.CallTimeoutException;
import io.weir.guard.Bulkhead;
import io.weir.ratelimit.AdaptiveRateLimiter;
import io.weir.ratelimit.TokenBucketRateLimiter;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** semantics.md §8: what is sent, with which body and headers, in which time, and who hears of it. */
class ApiClientRequestTest {
    private static final Duration NEVER = Duration.ofMinutes(5);

    private final TestService service = new TestService();

    @AfterEach
    void stop() {
        service.close();
    }

    private ApiClient.Builder builder() {
        return ApiClient.builder(service.url()).timeout(NEVER).codec(new PlainCodec());
    }

    private TestService.Seen last() {
        return service.seen.get(service.seen.size() - 1);
    }

    @Test
    void everyVerbSendsItsMethodAndItsBody() throws Exception {
        service.then(200, Map.of(), "7");
        try (ApiClient client = builder().build()) {
            List<CompletableFuture<ApiResponse>> calls = List.of(
                    client.get("/a"),
                    client.get("/a", Map.of("q", "x y&z")),
                    client.post("/a", 1),
                    client.put("/a", 2),
                    client.patch("/a", 3),
                    client.delete("/a"),
                    client.request("OPTIONS", "/a"));
            for (CompletableFuture<ApiResponse> call : calls) {
                assertThat(call.get(30, TimeUnit.SECONDS).text()).isEqualTo("7");
            }
            assertThat(service.seen)
                    .extracting(seen -> seen.line() + " " + seen.body())
                    .containsExactlyInAnyOrder(
                            "GET /a ",
                            "GET /a?q=x%20y%26z ",
                            "POST /a json 1",
                            "PUT /a json 2",
                            "PATCH /a json 3",
                            "DELETE /a ",
                            "OPTIONS /a ");
            service.seen.clear();
            BlockingApiClient blocking = client.blocking();
            assertThat(blocking.post("/a", 1, Integer.class)).isEqualTo(7);
            assertThat(blocking.put("/a", 2, Integer.class)).isEqualTo(7);
            assertThat(blocking.patch("/a", 3, Integer.class)).isEqualTo(7);
            assertThat(blocking.delete("/a", Integer.class)).isEqualTo(7);
            assertThat(blocking.request("HEAD", "/a").status()).isEqualTo(200);
            assertThat(service.seen)
                    .extracting(TestService.Seen::line)
                    .containsExactly("POST /a", "PUT /a", "PATCH /a", "DELETE /a", "HEAD /a");
        }
    }

    @Test
    void theAnswerIsReadAsTheTypeThatIsAskedFor() throws Exception {
        service.then(200, Map.of(), "7");
        try (ApiClient client = builder().build()) {
            assertThat(client.post("/a", 1, Integer.class).get(30, TimeUnit.SECONDS))
                    .isEqualTo(7);
            Object list = client.post("/a", 1, new TypeRef<Object>() {}).get(30, TimeUnit.SECONDS);
            assertThat(list).isEqualTo("java.lang.Object:7");
            Object read = client.blocking().send(ApiClient.bare("GET", "/a"), new TypeRef<Object>() {});
            assertThat(read).isEqualTo("java.lang.Object:7");
            assertThat(client.delete("/a", Void.class).get(30, TimeUnit.SECONDS))
                    .isNull();
            service.then(200, Map.of(), "!");
            assertThat(Eventually.failure(client.get("/a", Integer.class)))
                    .isInstanceOf(ApiException.class)
                    .hasMessage("GET /a: the response can't be read");
        }
    }

    @Test
    void bodiesAreJsonFormsTextBytesAndStreams() {
        try (ApiClient client = builder().build()) {
            BlockingApiClient blocking = client.blocking();
            blocking.send(ApiRequest.of("POST", "/").body(List.of(1)).build());
            assertThat(last().header("Content-type") + last().body()).isEqualTo("application/jsonjson [1]");
            Map<String, Object> fields = new TreeMap<>(Map.of("a", "ä &", "b", List.of(1, 2)));
            blocking.send(ApiRequest.of("POST", "/").form(fields).build());
            assertThat(last().header("Content-type") + " " + last().body())
                    .isEqualTo("application/x-www-form-urlencoded a=%C3%A4%20%26&b=1&b=2");
            blocking.send(ApiRequest.of("POST", "/").text("ä").build());
            assertThat(last().header("Content-type") + " " + last().body()).isEqualTo("text/plain; charset=utf-8 ä");
            byte[] bytes = {'x', 'y'};
            ApiRequest ofBytes =
                    ApiRequest.of("POST", "/").bytes("image/png", bytes).build();
            bytes[0] = '!';
            blocking.send(ofBytes);
            assertThat(last().header("Content-type") + " " + last().body()).isEqualTo("image/png xy");
            blocking.send(
                    ApiRequest.of("POST", "/").stream("text/csv", stream("1,2")).build());
            assertThat(last().header("Transfer-encoding") + " " + last().body()).isEqualTo("chunked 1,2");
            blocking.send(ApiRequest.of("POST", "/").stream("text/csv", stream("1,2"), 3)
                    .build());
            assertThat(last().header("Content-length") + " " + last().body()).isEqualTo("3 1,2");
        }
    }

    private static ByteArrayInputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aRequestsHeadersWinOverTheDefaultsButNotOverTheKey() {
        try (ApiClient client = builder()
                .defaultHeader("X-One", "default")
                .defaultHeader("X-Two", "default")
                .auth(Auth.bearer("s3cr3t"))
                .build()) {
            client.blocking()
                    .send(ApiRequest.of("POST", "/a?b=1")
                            .query("c", "d")
                            .body(1)
                            .header("x-one", "mine")
                            .header("content-type", "application/merge-patch+json")
                            .build());
            assertThat(last().header("X-one") + " " + last().header("X-two")).isEqualTo("mine default");
            assertThat(last().header("Content-type")).isEqualTo("application/merge-patch+json");
            assertThat(last().header("Authorization")).isEqualTo("Bearer s3cr3t");
            assertThat(last().target()).isEqualTo("/a?b=1&c=d");
            ApiRequest other =
                    ApiRequest.of("GET", "/").header("authorization", "another").build();
            assertThatThrownBy(() -> client.send(other))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("header = 'authorization'")
                    .hasMessageNotContaining("another");
        }
    }

    @Test
    void whatCannotBeSentIsSaidAtOnce() {
        try (ApiClient client = ApiClient.builder(service.url()).build();
                ApiClient withCodec = builder().build()) {
            assertThatThrownBy(() -> client.post("/", Map.of("a", 1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("codec(JsonCodec)");
            assertThatThrownBy(() -> client.get("/", Integer.class)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> withCodec.post("/", Thread.currentThread()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("java.lang.Thread");
            for (String method : new String[] {"", "G ET", "CONNECT", "GET\r\n"}) {
                assertThatThrownBy(() -> client.request(method, "/"))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("method = '");
            }
            assertThatThrownBy(() -> ApiRequest.of("GET", "/").timeout(Duration.ZERO))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("timeout = PT0S");
            assertThat(service.hits()).isZero();
        }
    }

    @Test
    void aRequestsOwnTimeoutWinsOverTheClients() throws Exception {
        try (RawServer stalls = new RawServer((socket, target) -> {});
                ApiClient client =
                        ApiClient.builder(stalls.url()).timeout(NEVER).build()) {
            ApiRequest hasty =
                    ApiRequest.of("GET", "/").timeout(Duration.ofMillis(50)).build();
            assertThat(Eventually.failure(client.send(hasty)))
                    .isInstanceOfSatisfying(
                            ApiTimeoutException.class,
                            e -> assertThat(e.after()).isEqualTo(Duration.ofMillis(50)));
            assertThatThrownBy(() -> client.blocking().send(hasty)).isInstanceOf(ApiTimeoutException.class);
        }
    }

    @Test
    void theOverallTimeoutEndsACallWhateverItWaitsFor() throws Exception {
        try (RawServer stalls = new RawServer((socket, target) -> {});
                ApiClient client = ApiClient.builder(stalls.url())
                        .timeout(NEVER)
                        .overallTimeout(Duration.ofMillis(50))
                        .build()) {
            assertThat(Eventually.failure(client.get("/"))).isInstanceOf(CallTimeoutException.class);
            assertThatThrownBy(() -> client.blocking().get("/")).isInstanceOf(CallTimeoutException.class);
            assertThat(stalls.abandoned.tryAcquire(2, 30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void theLimiterIsPaidWhatTheRequestsOptionsSay() {
        TokenBucketRateLimiter limiter = TokenBucketRateLimiter.builder("l")
                .rate(10)
                .period(Duration.ofHours(1))
                .build();
        try (ApiClient client = builder().limiter(limiter).build()) {
            client.blocking()
                    .send(ApiRequest.of("GET", "/")
                            .options(CallOptions.tokens(4))
                            .build());
            assertThat(limiter.availableTokens()).isBetween(6.0, 6.5);
        }
    }

    @Test
    void everyResponsesHeadersFeedTheAdaptiveLimiter() {
        for (boolean asView : new boolean[] {false, true}) {
            AdaptiveRateLimiter limiter =
                    AdaptiveRateLimiter.builder("l").initialRate(100).build();
            ApiClient.Builder builder = asView
                    ? builder().limiter(limiter.failFast()).listening(limiter)
                    : builder().limiter(limiter);
            try (ApiClient client = builder.build()) {
                service.then(200, Map.of("X-RateLimit-Remaining", "40", "X-RateLimit-Reset", "4"), "");
                client.blocking().get("/");
                assertThat(limiter.ratePerSecond()).isEqualTo(9);
                service.then(404, Map.of("X-RateLimit-Remaining", "20", "X-RateLimit-Reset", "4"), "");
                assertThat(Eventually.failure(client.get("/"))).isInstanceOf(ResourceNotFoundException.class);
                assertThat(limiter.ratePerSecond()).isEqualTo(4.5);
                limiter.close();
            }
        }
    }

    @Test
    void aLimiterThatOnlyListensMayBeClosed() {
        AdaptiveRateLimiter limiter =
                AdaptiveRateLimiter.builder("l").initialRate(100).build();
        limiter.close();
        try (ApiClient client = builder().listening(limiter).build()) {
            service.then(200, Map.of("X-RateLimit-Remaining", "40"), "fine");
            assertThat(client.blocking().get("/").text()).isEqualTo("fine");
        }
    }

    @Test
    void theBulkheadBoundsTheRequestsInFlight() throws Exception {
        Bulkhead bulkhead = Bulkhead.of("b", 1);
        try (RawServer stalls = new RawServer((socket, target) -> {});
                ApiClient client = ApiClient.builder(stalls.url())
                        .timeout(NEVER)
                        .bulkhead(bulkhead)
                        .build()) {
            CompletableFuture<ApiResponse> first = client.get("/");
            assertThat(Eventually.failure(client.get("/"))).isInstanceOf(BulkheadFullException.class);
            first.cancel(true);
            Eventually.holds("the place is given back", () -> bulkhead.inUse() == 0);
        }
    }
}
