package io.weir.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.event.WeirEvent;
import io.weir.ratelimit.AdaptiveRateLimiter;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.RetryConfig;
import io.weir.retry.RetryEvent;
import io.weir.testkit.RecordedEvents;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** semantics.md §8: keys never appear, whatever fails and whoever listens: in events, logs, failures with all that hangs in them, strings. */
class SecretsTest {
    private static final String KEY = "s3cr3t-K3Y";

    private final RecordedEvents events = new RecordedEvents();
    private final WeirRuntime runtime = WeirRuntime.builder().listener(events).build();
    private final Logger weir = Logger.getLogger("io.weir");
    private final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            lines.add(line.getLoggerName() + " " + line.getMessage());
            if (line.getThrown() != null) {
                lines.add(traceOf(line.getThrown()));
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        weir.setLevel(Level.ALL);
        weir.setUseParentHandlers(false);
        weir.addHandler(handler);
    }

    @AfterEach
    void stop() {
        weir.removeHandler(handler);
        weir.setUseParentHandlers(true);
        weir.setLevel(null);
        runtime.close();
    }

    private static String traceOf(Throwable failure) {
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace)); // causes and suppressed ones too
        return trace.toString();
    }

    private final RetryConfig twice =
            RetryConfig.builder().maxRetries(2).baseDelay(Duration.ofMillis(1)).build();

    private ApiClient client(String url) {
        return ApiClient.builder(url)
                .auth(Auth.bearer(KEY))
                .defaultHeader("X-Other", KEY)
                .timeout(Duration.ofMillis(300))
                .circuitBreaker(CircuitBreaker.builder("api")
                        .failureThreshold(2)
                        .runtime(runtime)
                        .build())
                .retry(twice)
                .limiter(TokenBucketRateLimiter.builder("api")
                        .rate(4)
                        .runtime(runtime)
                        .build()
                        .failFast())
                .listening(AdaptiveRateLimiter.builder("api")
                        .initialRate(50)
                        .runtime(runtime)
                        .build())
                .runtime(runtime)
                .build();
    }

    private Endpoint endpoint(String url) {
        EndpointConfig config = EndpointConfig.builder("chat")
                .baseUrl(url)
                .path("/v1/{model}")
                .auth(Auth.apiKey("X-Api-Key", KEY))
                .defaultHeader("X-Other", KEY)
                .timeout(Duration.ofMillis(300))
                .build();
        assertThat(config.toString() + config.toBuilder().build()).doesNotContain(KEY);
        return Endpoint.builder(config)
                .overallTimeout(Duration.ofSeconds(20))
                .codec(new PlainCodec())
                .retry(twice)
                .circuitBreaker(CircuitBreaker.builder("chat")
                        .failureThreshold(2)
                        .runtime(runtime)
                        .build())
                .runtime(runtime)
                .build();
    }

    /** Calls until the breaker is open and refuses. */
    private void exercise(String url) {
        try (ApiClient client = client(url);
                Endpoint chat = endpoint(url)) {
            for (int i = 0; i < 4; i++) {
                assertHidden(Eventually.failure(client.get("/" + KEY + "?k=" + KEY)));
                assertHidden(catchThrowable(() -> client.blocking().get("/x?k=" + KEY)));
                assertHidden(Eventually.failure(chat.call(Map.of("key", KEY), Map.of("model", KEY))));
            }
            assertThat(client.toString() + client.blocking() + chat).doesNotContain(KEY);
        }
        assertAllHidden();
    }

    private void assertHidden(Throwable failure) {
        assertThat(failure).isNotNull();
        assertThat(traceOf(failure)).doesNotContain(KEY);
    }

    private void assertAllHidden() {
        for (WeirEvent event : events.all()) {
            assertThat(event.toString()).doesNotContain(KEY);
            if (event instanceof RetryEvent retry) {
                retry.failure().ifPresent(this::assertHidden);
            }
        }
        assertThat(lines).allSatisfy(line -> assertThat(line).doesNotContain(KEY));
        assertThat(events.of(RetryEvent.class)).isNotEmpty();
        assertThat(lines).anyMatch(line -> line.contains("retry '"));
    }

    @Test
    void aServiceThatFailsAndRepeatsTheKey() {
        for (int status : new int[] {500, 503, 429, 401}) {
            try (TestService service = new TestService()) {
                service.then(
                        status,
                        Map.of("X-Echo", KEY, "X-RateLimit-Remaining", "5" + KEY, "Retry-After", KEY),
                        "{\"detail\": \"wrong key " + KEY + "\"}");
                exercise(service.url());
            }
        }
    }

    @Test
    void aConnectionThatIsRefused() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        exercise("http://127.0.0.1:" + port);
    }

    @Test
    void aConnectionThatSaysGarbageAndOneThatSaysNothing() throws Exception {
        try (RawServer garbage = new RawServer((socket, target) -> {
            RawServer.sends("HTTP/1.1 2OO " + KEY + "\r\n" + KEY + ": " + KEY + "\r\n\r\n")
                    .on(socket, target);
            socket.close();
        })) {
            exercise(garbage.url());
        }
        events.clear();
        try (RawServer silent = new RawServer((socket, target) -> {})) {
            exercise(silent.url());
        }
    }

    @Test
    void aClientThatIsClosed() {
        ApiClient client = client("http://127.0.0.1:9");
        client.close();
        assertHidden(catchThrowable(() -> client.get("/" + KEY).join()));
    }
}
