package io.weir.programs;

import static java.time.Duration.*;

import io.weir.*;
import io.weir.breaker.*;
import io.weir.guard.*;
import io.weir.programs.Domain.*;
import io.weir.ratelimit.*;
import io.weir.retry.*;
import java.io.IOException;
import java.util.*;

class P01Blocking {
    final List<String> refusals = new ArrayList<>();
    final CircuitBreaker breaker = CircuitBreaker.builder("billing")
            .failureThreshold(5)
            .recoveryTime(ofSeconds(30))
            .excluding(ValidationException.class, NotFound.class)
            .build();
    final Retry retry = Retry.of(
            "billing",
            RetryConfig.builder().maxRetries(3).baseDelay(ofMillis(100)).build());
    final RateLimiter limiter = TokenBucketRateLimiter.builder("billing")
            .rate(100)
            .period(ofSeconds(1))
            .maxTokens(200)
            .build();
    final Guard guard =
            Pipeline.of(Timeout.of("billing", ofSeconds(2)), breaker, retry, limiter, Bulkhead.of("billing", 25));

    Invoice get(Billing b, long id) throws IOException {
        return guard.call(() -> b.invoice(id));
    }

    User user(Billing b) {
        return guard.call(() -> b.user("x"));
    }

    void del(Billing b) throws IOException, NotFound {
        try {
            guard.run(() -> b.delete(1));
        } catch (IOException | NotFound e) {
            throw e;
        } catch (CallRejectedException e) {
            refusals.add(e.guard() + " refuses; come back in " + e.retryAfter());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
