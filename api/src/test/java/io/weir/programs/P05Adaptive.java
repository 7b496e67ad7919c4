package io.weir.programs;

import io.weir.*;
import io.weir.ratelimit.*;
import java.net.URI;
import java.net.http.*;
import java.util.*;
import java.util.concurrent.*;

class P05Adaptive {
    CompletableFuture<String> go(HttpClient http, URI uri) {
        var limiter = AdaptiveRateLimiter.builder("api")
                .initialRate(10)
                .minRate(1)
                .safetyFactor(0.9)
                .build();
        var req = HttpRequest.newBuilder(uri).build();
        limiter.updateFromHeaders(Map.of("X-RateLimit-Remaining", "5", "X-RateLimit-Reset", "30"));
        limiter.updateFromHeaders(Map.of("a", List.of("b")));
        return limiter.execute(() -> http.sendAsync(req, HttpResponse.BodyHandlers.ofString()))
                .whenComplete((r, e) -> {
                    if (r != null) limiter.updateFromHeaders(r.headers());
                })
                .thenApply(HttpResponse::body);
    }
}
