package io.weir.programs;

import static java.time.Duration.*;

import io.weir.*;
import io.weir.breaker.*;
import io.weir.programs.Domain.*;
import io.weir.ratelimit.*;
import io.weir.registry.*;
import java.util.*;

class P07Registry {
    void go(Billing b) throws Exception {
        Properties p = new Properties();
        p.setProperty("weir.breaker.default.failure-threshold", "10");
        p.setProperty("weir.breaker.billing.recovery-time", "10s");
        p.setProperty("weir.limiter.billing.rate", "100/1s");
        p.setProperty("weir.pipeline.billing", "breaker, retry, limiter");
        try (var reg = WeirRegistry.of(p)) {
            Guard g = reg.pipeline("billing");
            g.call(() -> b.invoice(42));
            for (CircuitBreaker cb : reg.guards(CircuitBreaker.class))
                System.err.println(cb.name() + cb.metrics().failures());
            TokenBucketRateLimiter mine = reg.add(TokenBucketRateLimiter.of("mine", 5));
        }
        var reg = WeirRegistry.builder()
                .breakers(x -> x.failureThreshold(7))
                .retries(x -> x.baseDelay(ofMillis(50)))
                .build();
        var cb = reg.breaker("search", x -> x.halfOpenMaxCalls(3));
    }
}
