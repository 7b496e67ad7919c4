package io.weir.programs;

import static java.time.Duration.*;

import io.weir.*;
import io.weir.breaker.*;
import io.weir.event.*;
import io.weir.guard.*;
import io.weir.ratelimit.*;

class P15Rerate {
    @SuppressWarnings("try") // listens as long as it is open, and is not mentioned
    void go(TokenBucketRateLimiter l, EndpointRateLimiter e, Bulkhead b) {
        l.updateRate(u -> u.rate(50));
        l.updateRate(u -> u.rate(3000).period(ofMinutes(1)).maxTokens(100).resetTokens());
        e.updateRateLimit("api/v1/search", u -> u.rate(5).period(ofSeconds(1)));
        e.remove("x");
        b.resize(50);
        try (Subscription s = WeirRuntime.shared()
                .listen(WeirListener.on(
                        CircuitBreakerTransition.class, t -> System.err.println(t.from() + "→" + t.to())))) {}
    }
}
