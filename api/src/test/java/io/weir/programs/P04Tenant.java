package io.weir.programs;

import io.weir.*;
import io.weir.programs.Domain.*;
import io.weir.ratelimit.*;
import java.time.*;
import java.util.concurrent.*;
import java.util.function.*;

class P04Tenant {
    static final CallKey<String> TENANT = CallKey.of("tenant");
    static final CallKey<Integer> LLM_TOKENS = CallKey.of("llm-tokens");
    final KeyedRateLimiter tenants = EndpointRateLimiter.builder("tenants")
            .defaultRate(50)
            .maxKeys(100_000)
            .override("acme", 500, Duration.ofSeconds(1))
            .build();
    final KeyedRateLimiter endpoints = EndpointRateLimiter.builder("endpoints").build();
    final TokenBucketRateLimiter
            llm =
                    TokenBucketRateLimiter.builder("llm-tokens")
                            .rate(90_000)
                            .period(Duration.ofMinutes(1))
                            .build(),
            reqs = TokenBucketRateLimiter.of("llm-requests", 60);
    final Guard guard =
            Pipeline.of(tenants.keyedBy(TENANT).failFast(), endpoints, reqs.costing(1), llm.costing(LLM_TOKENS));

    CompletableFuture<Hits> search(AsyncBilling c, Query q) {
        return guard.execute(
                CallOptions.key("search").and(TENANT, q.tenant()).and(LLM_TOKENS, q.cost()), () -> c.search(q));
    }

    Function<Query, CompletableFuture<Hits>> deco(AsyncBilling c) {
        return guard.decorate(q -> CallOptions.key("search").and(TENANT, q.tenant()), c::search);
    }

    int http429(String tenant) {
        RateLimiter l = tenants.limiter(tenant);
        long w = l.tryAcquireNanos(1);
        return w == 0 ? 200 : (int) Math.ceil(w / 1e9);
    }
}
