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

/** The seed's usage, chapter by chapter. */
class P16Seed {
    final CircuitBreaker breaker = CircuitBreaker.builder("api")
            .failureThreshold(5)
            .recoveryTime(ofSeconds(30))
            .halfOpenMaxCalls(1)
            .build();
    final RetryConfig http = RetryConfig.builder()
            .retryOn(ApiConnectionException.class, ApiTimeoutException.class)
            .excluding(AuthenticationException.class)
            .maxRetries(5)
            .baseDelay(ofMillis(500))
            .maxDelay(ofSeconds(30))
            .backoffFactor(3)
            .build();

    String cached() {
        return "c";
    }

    // 1 basic breaker
    String basic(ApiClient api) {
        try {
            return breaker.execute(() -> api.get("/endpoint", String.class)).join();
        } catch (CompletionException e) {
            return e.getCause() instanceof CircuitBreakerOpenException ? cached() : null;
        }
    }

    String basicBlocking(ApiClient api) {
        try {
            return breaker.get(() -> api.blocking().get("/endpoint", String.class));
        } catch (CircuitBreakerOpenException e) {
            return cached();
        }
    }

    // 2 decorator
    CompletableFuture<String> decorated(ApiClient api) {
        var callExternal = breaker.decorate((String id) -> api.get("/services/" + id, String.class));
        return callExternal.apply("service-123");
    }

    // 3 retry
    CompletableFuture<String> retried(ApiClient api) {
        return Retry.of("endpoint", http).execute(() -> api.get("/endpoint", String.class));
    }

    // 4 integration
    CompletableFuture<Integer> integrated(String baseUrl, JsonCodec json) {
        try (var client = ApiClient.builder(baseUrl)
                .circuitBreaker(breaker)
                .retry(RetryConfig.builder()
                        .maxRetries(3)
                        .baseDelay(ofSeconds(1))
                        .build())
                .auth(Auth.bearer("k"))
                .codec(json)
                .build()) {
            CompletableFuture<String> f = client.get("/endpoint", String.class)
                    .exceptionally(Failures.on(CircuitBreakerOpenException.class, e -> cached()));
            CompletableFuture<Integer> cents = client.get("/list", new TypeRef<List<Domain.Invoice>>() {})
                    .thenApply(l -> l.get(0).cents());
            CompletableFuture<ApiResponse> paid = client.send(ApiRequest.of("POST", "/pay")
                    .body(Map.of("a", 1))
                    .header("Idempotency-Key", "k")
                    .idempotent(true)
                    .options(CallOptions.tokens(2))
                    .build());
            CompletableFuture.allOf(f, cents, paid).join();
            return cents;
        }
    }

    // 5 endpoint
    CompletableFuture<Integer> endpoint(String baseUrl, JsonCodec json) {
        var ep = Endpoint.builder(EndpointConfig.builder("chat")
                        .provider("p")
                        .baseUrl(baseUrl)
                        .path("/v1/{model}/chat")
                        .pathParameter("model", "m")
                        .build())
                .circuitBreaker(breaker)
                .overallTimeout(ofSeconds(60))
                .retry(http)
                .codec(json)
                .build();
        return ep.call(Map.of("q", 1)).thenApply(ApiResponse::status);
    }

    // 6 limiters
    CompletableFuture<?> limited(ApiClient api) {
        var limiter = TokenBucketRateLimiter.builder("api")
                .rate(10)
                .period(ofSeconds(1))
                .build();
        var basic = limiter.execute(() -> api.get("/endpoint"));
        var expensive = limiter.execute(CallOptions.tokens(2.5), () -> api.get("/expensive"));
        var el = EndpointRateLimiter.builder("eps").defaultRate(10).build();
        var users = el.execute("api/v1/users", () -> api.get("/users"));
        el.updateRateLimit("api/v1/search", u -> u.rate(5).period(ofSeconds(1)));
        return CompletableFuture.allOf(basic, expensive, users);
    }

    // 7 executor
    RateLimitedExecutor executor() {
        return RateLimitedExecutor.builder("api")
                .rate(10)
                .maxConcurrency(5)
                .endpointRateLimiting(true)
                .defaultRate(10)
                .responseHeaders(ApiResponse.class, x -> x.headers().map())
                .build();
    }

    CompletableFuture<Integer> executed(ApiClient api, RateLimitedExecutor ex) {
        var users = ex.execute(CallOptions.key("api/v1/users"), () -> api.get("/users"));
        ex.updateRateLimit("api/v1/search", u -> u.rate(5));
        return users.thenApply(ApiResponse::status);
    }

    // 8 combined
    CompletableFuture<String> combined(ApiClient api, RateLimitedExecutor ex) {
        Guard g = Pipeline.of(breaker, Retry.of("api"), ex);
        return g.execute(() -> api.get("/x"))
                .thenApply(ApiResponse::text)
                .exceptionally(Failures.on(CircuitBreakerOpenException.class, e -> cached()));
    }
}
