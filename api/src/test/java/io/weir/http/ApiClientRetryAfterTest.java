package io.weir.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.WeirRuntime;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import io.weir.testkit.VirtualTime;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every form of {@code Retry-After}, from a real socket, with 429 and 503: the retry comes at the instant that the service asked for, by the runtime's
 * clocks, and not a nanosecond earlier; what can't be read leaves the back-off of 1 s.
 */
class ApiClientRetryAfterTest {
    private VirtualTime time = new VirtualTime();
    private Retry retry = patient();

    private Retry patient() {
        WeirRuntime runtime = time.runtimeBuilder().build();
        return Retry.of("patient", RetryConfig.builder().jitter(false).build(), runtime);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "7 | 7",
                "' 7 ' | 7",
                "2.5 | 2.5",
                "60 | 60",
                "Thu, 01 Jan 2026 00:00:07 GMT | 7",
                "Thursday, 01-Jan-26 00:00:07 GMT | 7",
                "Thu Jan  1 00:00:07 2026 | 7",
                // less than the back-off
                "0 | 1",
                "Wed, 31 Dec 2025 23:00:00 GMT | 1",
                // not readable
                "-1 | 1",
                "-7 | 1",
                "soon | 1",
                "7 s | 1",
                "0x7 | 1",
                "NaN | 1",
                "1e1 | 1",
                "Thu, 99 Jan 2026 00:00:07 GMT | 1",
                "99999999999999999999999999 | 1",
                "'' | 1",
                "NONE | 1",
            })
    void theRetryComesWhenTheServiceAskedForIt(String header, double seconds) throws Exception {
        long wait = Math.round(seconds * 1e9);
        Map<String, String> headers = header.equals("NONE") ? Map.of() : Map.of("Retry-After", header);
        for (int status : new int[] {429, 503}) {
            time = new VirtualTime(); // its wall clock starts at the beginning of 2026
            retry = patient();
            try (TestService service = new TestService();
                    ApiClient client = ApiClient.builder(service.url())
                            .timeout(Duration.ofHours(1))
                            .retry(retry)
                            .build()) {
                int hits = service.hits();
                long retries = retry.metrics().retries();
                service.then(status, headers, "").then(200, Map.of(), "welcome");
                long began = time.nanoTime();
                CompletableFuture<String> future = client.get("/", String.class);
                Eventually.holds("the retry waits", () -> {
                    time.runPending();
                    return retry.metrics().retries() == retries + 1 && time.pendingTimers() == 1;
                });
                time.advance(Duration.ofNanos(wait - 1));
                time.runPending();
                assertThat(time.pendingTimers()).as("still waits").isEqualTo(1);
                assertThat(service.hits()).isEqualTo(hits + 1);
                time.advance(Duration.ofNanos(1));
                assertThat(Eventually.result(time, future)).isEqualTo("welcome");
                assertThat(service.hits()).isEqualTo(hits + 2);
                assertThat(time.nanoTime() - began).isEqualTo(wait);
            }
        }
    }

    /** Coming back early is what the service asked us not to do, and waiting for ever what nobody wants. */
    @Test
    void whatIsLongerThanTheLongestDelayEndsTheRetries() throws Exception {
        for (String header : new String[] {"61", "999999999", "Fri, 01 Jan 2027 00:00:00 GMT"}) {
            for (int status : new int[] {429, 503}) {
                try (TestService service = new TestService();
                        ApiClient client =
                                ApiClient.builder(service.url()).retry(retry).build()) {
                    service.then(status, Map.of("Retry-After", header), "").then(200);
                    CompletableFuture<ApiResponse> future = client.get("/");
                    Eventually.holds("it has failed", () -> {
                        time.runPending();
                        return future.isDone();
                    });
                    assertThat(((ApiException) Eventually.failure(future)).status())
                            .as(header)
                            .isEqualTo(status);
                    assertThat(service.hits()).isEqualTo(1);
                    assertThat(time.pendingTimers()).as("timers").isZero();
                }
            }
        }
    }
}
