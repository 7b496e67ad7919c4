package io.weir.programs;

import static java.time.Duration.*;

import io.weir.*;
import io.weir.breaker.*;
import io.weir.executor.*;
import io.weir.http.*;
import io.weir.ratelimit.*;
import io.weir.retry.*;
import java.util.*;
import java.util.concurrent.*;

/** The seed's usage, by what is there: compiled with the tests. Not yet: annotations. */
class P16Seed {
    String cached() {
        return "c";
    }

    String dflt() {
        return "d";
    }

    void all(ApiClient api) throws Exception {
        // 1 basic breaker
        var breaker = CircuitBreaker.builder("api")
                .failureThreshold(5)
                .recoveryTime(ofSeconds(30))
                .halfOpenMaxCalls(1)
                .build();
        String r;
        try {
            r = breaker.execute(() -> api.get("/endpoint", String.class)).join();
        } catch (CompletionException e) {
            r = e.getCause() instanceof CircuitBreakerOpenException ? cached() : null;
        }
        try {
            r = breaker.get(() -> api.blocking().get("/endpoint", String.class));
        } catch (CircuitBreakerOpenException e) {
            r = cached();
        }
        // 2 decorator
        var callExternal = breaker.decorate((String id) -> api.get("/services/" + id, String.class));
        var called = callExternal.apply("service-123");
        // 3 retry
        var http = RetryConfig.builder()
                .retryOn(ApiConnectionException.class, ApiTimeoutException.class)
                .excluding(AuthenticationException.class)
                .maxRetries(5)
                .baseDelay(ofMillis(500))
                .maxDelay(ofSeconds(30))
                .backoffFactor(3)
                .build();
        Retry.of("endpoint", http).execute(() -> api.get("/endpoint", String.class));
        // 4 integration
        try (var client = ApiClient.builder("https://api.example.com")
                .circuitBreaker(breaker)
                .retry(RetryConfig.builder()
                        .maxRetries(3)
                        .baseDelay(ofSeconds(1))
                        .build())
                .auth(Auth.bearer("k"))
                .build()) {
            CompletableFuture<String> f = client.get("/endpoint", String.class)
                    .exceptionally(Failures.on(CircuitBreakerOpenException.class, e -> cached()));
            client.get("/list", new TypeRef<List<Domain.Invoice>>() {})
                    .thenApply(l -> l.get(0).cents());
            client.send(ApiRequest.of("POST", "/pay")
                    .body(Map.of("a", 1))
                    .header("Idempotency-Key", "k")
                    .idempotent(true)
                    .options(CallOptions.tokens(2))
                    .build());
        }
        // 5 endpoint
        var ep = Endpoint.builder(EndpointConfig.builder("chat")
                        .provider("p")
                        .baseUrl("https://api.example.com")
                        .path("/v1/{model}/chat")
                        .pathParameter("model", "m")
                        .build())
                .circuitBreaker(breaker)
                .overallTimeout(ofSeconds(60))
                .retry(http)
                .build();
        ep.call(Map.of("q", 1)).thenApply(ApiResponse::status);
        // 6 limiters
        var limiter = TokenBucketRateLimiter.builder("api")
                .rate(10)
                .period(ofSeconds(1))
                .build();
        limiter.execute(() -> api.get("/endpoint"));
        limiter.execute(CallOptions.tokens(2.5), () -> api.get("/expensive"));
        var el = EndpointRateLimiter.builder("eps").defaultRate(10).build();
        el.execute("api/v1/users", () -> api.get("/users"));
        el.updateRateLimit("api/v1/search", u -> u.rate(5).period(ofSeconds(1)));
        // 7 executor
        var ex = RateLimitedExecutor.builder("api")
                .rate(10)
                .maxConcurrency(5)
                .endpointRateLimiting(true)
                .defaultRate(10)
                .responseHeaders(ApiResponse.class, x -> x.headers().map())
                .build();
        ex.execute(CallOptions.key("api/v1/users"), () -> api.get("/users"));
        ex.updateRateLimit("api/v1/search", u -> u.rate(5));
        // 8 combined
        Guard g = Pipeline.of(breaker, Retry.of("api"), ex);
        g.execute(() -> api.get("/x"))
                .thenApply(ApiResponse::text)
                .exceptionally(Failures.on(CircuitBreakerOpenException.class, e -> cached()));
    }
}
