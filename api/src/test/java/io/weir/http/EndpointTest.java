package io.weir.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.CallOptions;
import io.weir.breaker.CircuitBreaker;
import io.weir.registry.WeirRegistry;
import io.weir.retry.RetryConfig;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** semantics.md §8, Endpoint and EndpointConfig. */
class EndpointTest {
    private static final String KEY = "s3cr3t-K3Y";
    private static final RetryConfig QUICK =
            RetryConfig.builder().maxRetries(2).baseDelay(Duration.ofMillis(1)).build();

    private final TestService service = new TestService();

    @AfterEach
    void stop() {
        service.close();
    }

    private EndpointConfig.Builder config() {
        return EndpointConfig.builder("chat")
                .provider("acme")
                .baseUrl(service.url())
                .path("/v1/{model}/chat");
    }

    private static Endpoint.Builder endpoint(EndpointConfig.Builder config) {
        return Endpoint.builder(config.build()).codec(new PlainCodec());
    }

    @Test
    void aCallPostsJsonToThePathWithItsParametersAndTheKey() throws Exception {
        try (Endpoint chat = endpoint(config().pathParameter("model", "m1")
                        .auth(Auth.bearer(KEY))
                        .defaultHeader("X-Version", "2"))
                .build()) {
            assertThat(chat.call(Map.of("q", 1)).get(30, TimeUnit.SECONDS).status())
                    .isEqualTo(200);
            TestService.Seen seen = service.seen.get(0);
            assertThat(seen.line()).isEqualTo("POST /v1/m1/chat");
            assertThat(seen.body()).isEqualTo("json {q=1}");
            assertThat(seen.header("Content-type")).isEqualTo("application/json");
            assertThat(seen.header("Authorization")).isEqualTo("Bearer " + KEY);
            assertThat(seen.header("X-version")).isEqualTo("2");
            chat.callBlocking(null, Map.of("model", "a/b c?d#e;f"), CallOptions.NONE);
            assertThat(service.seen.get(1).target()).isEqualTo("/v1/a%2Fb%20c%3Fd%23e%3Bf/chat");
            assertThat(chat.call("x", String.class).get(30, TimeUnit.SECONDS)).isEqualTo("ok");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "../admin", "a/../..", "..\\x", "x\r\nHost: y", "a/..;x/b"})
    void aParameterThatWouldLeadElsewhereIsRefused(String model) {
        try (Endpoint chat = endpoint(config()).build()) {
            assertThatThrownBy(() -> chat.call(null, Map.of("model", model)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("path");
            assertThat(service.hits()).isZero();
        }
    }

    @Test
    void missingAndUnknownParametersAreNamed() {
        try (Endpoint chat = endpoint(config()).build()) {
            assertThatThrownBy(() -> chat.call(null)).hasMessageContaining("path parameter 'model' is missing");
            assertThatThrownBy(() -> chat.call(null, Map.of("model", "m", "mode", "x")))
                    .hasMessageContaining("'mode'")
                    .hasMessageContaining("[model]");
        }
        assertThatThrownBy(() -> config().pathParameter("mode", "x").build()).hasMessageContaining("'mode'");
        for (String path : new String[] {"/{", "/}", "/{}", "/{a b}", "/{a{b}}"}) {
            assertThatThrownBy(() -> config().path(path).build())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("path = '");
        }
        assertThatThrownBy(() -> EndpointConfig.builder("x").build()).hasMessageContaining("baseUrl is missing");
    }

    @ParameterizedTest
    @CsvSource({"429,3", "500,3", "503,3", "400,1", "401,1", "404,1", "409,1", "422,1"})
    void itRetries429And5xxAndNeverAnother4xx(int status, int hits) {
        try (Endpoint chat =
                endpoint(config().pathParameter("model", "m")).retry(QUICK).build()) {
            service.then(status);
            assertThat(Eventually.failure(chat.call(1))).isInstanceOf(ApiException.class);
            assertThat(service.hits()).isEqualTo(hits);
        }
    }

    @Test
    void otherContentTypesAreWrittenAsTheyAre() {
        try (Endpoint form = endpoint(config().path("/f").contentType("application/x-www-form-urlencoded"))
                        .build();
                Endpoint csv = endpoint(config().path("/c").method("PUT").contentType("text/csv"))
                        .build()) {
            form.callBlocking(Map.of("a", "b c"));
            csv.callBlocking("1,2");
            csv.callBlocking(new byte[] {'3'});
            assertThat(service.seen)
                    .extracting(seen -> seen.line() + " " + seen.header("Content-type") + " " + seen.body())
                    .containsExactly(
                            "POST /f application/x-www-form-urlencoded a=b%20c",
                            "PUT /c text/csv 1,2", "PUT /c text/csv 3");
            assertThatThrownBy(() -> csv.call(1)).hasMessageContaining("java.lang.Integer");
        }
    }

    @Test
    void aBreakerWhoseTrialsAreShorterThanACallIsRefused() {
        CircuitBreaker usual = CircuitBreaker.of("usual");
        assertThatThrownBy(() -> endpoint(config()).circuitBreaker(usual).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("circuitBreaker 'usual': trialTimeout = PT1M: allowed is at least PT5M");
        RetryConfig retry =
                QUICK.toBuilder().maxDelay(Duration.ofSeconds(10)).jitter(false).build();
        CircuitBreaker patient = CircuitBreaker.builder("patient")
                .trialTimeout(Duration.ofSeconds(920))
                .build();
        endpoint(config()).circuitBreaker(patient).retry(retry).build().close();
        CircuitBreaker lessPatient = CircuitBreaker.builder("less")
                .trialTimeout(Duration.ofSeconds(919))
                .build();
        assertThatThrownBy(() -> endpoint(config())
                        .circuitBreaker(lessPatient)
                        .retry(retry)
                        .build())
                .hasMessageContaining("at least PT15M20S");
        endpoint(config())
                .circuitBreaker(usual)
                .retry(retry)
                .overallTimeout(Duration.ofSeconds(60))
                .build()
                .close();
    }

    @Test
    void aReloadDoesNotMakeTrialsShorterThanTheCallsOfAnEndpoint() {
        Map<String, String> file = Map.of("weir.breaker.b.trial-timeout", "10m", "weir.breaker.b.recovery-time", "1m");
        try (WeirRegistry registry = WeirRegistry.of(file);
                Endpoint chat =
                        endpoint(config()).circuitBreaker(registry.breaker("b")).build()) {
            assertThatThrownBy(() -> endpoint(config().timeout(Duration.ofMinutes(11)))
                            .circuitBreaker(registry.breaker("b"))
                            .build())
                    .hasMessageContaining("allowed is at least PT11M"); // nobody has built on that
            registry.reload(Map.of("weir.breaker.b.trial-timeout", "5m"));
            assertThatThrownBy(() -> registry.reload(Map.of("weir.breaker.b.trial-timeout", "299s")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("breaker 'b' can't change so in use: trialTimeout = PT4M59S: allowed is at"
                            + " least PT5M, the longest that a call of the endpoint 'chat' can take");
            assertThatThrownBy(() -> registry.reload(Map.of()))
                    .hasMessageContaining("trialTimeout = PT1M: allowed is at least PT5M");
            registry.reload(Map.of("weir.breaker.b.trial-timeout", "6m"));
            assertThat(chat.name()).isEqualTo("chat");
        }
    }

    @Test
    void configurationsCompareByValueAndShowNoSecret() {
        EndpointConfig config = config().auth(Auth.apiKey("X-Api-Key", KEY))
                .defaultHeader("X-Other", KEY)
                .pathParameter("model", "m")
                .build();
        assertThat(config.toBuilder().build()).isEqualTo(config).hasSameHashCodeAs(config);
        assertThat(config.toBuilder().auth(Auth.none()).build()).isNotEqualTo(config);
        assertThat(config.timeout()).isEqualTo(Duration.ofSeconds(300));
        assertThat(config.method()).isEqualTo("POST");
        try (Endpoint endpoint = Endpoint.of(config)) {
            assertThat(config + " " + endpoint + " " + endpoint.name())
                    .doesNotContain(KEY)
                    .contains("acme", "X-Other");
        }
    }

    @Test
    void aClosedEndpointRefuses() {
        Endpoint chat = endpoint(config().pathParameter("model", "m")).build();
        chat.close();
        chat.close();
        assertThat(Eventually.failure(chat.call(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the client 'chat' is closed");
    }
}
