package io.weir.programs;

import io.weir.annotation.*;
import io.weir.programs.Domain.*;
import java.util.concurrent.*;

class P13Annotations {
    interface Remote {
        @WithCircuitBreaker(failureThreshold = 3, recoveryTime = "10s")
        @WithRetry(
                maxRetries = 5,
                baseDelay = "500ms",
                retryOn = {java.net.ConnectException.class, TimeoutException.class})
        CompletableFuture<Invoice> invoice(long id);

        @WithRateLimit(name = "tenants")
        @WithTimeout("800ms")
        Hits search(@LimitKey String tenant, String q) throws java.io.IOException;
    }

    Remote wrap(Remote r) {
        return GuardedProxy.of(Remote.class, r);
    }
}
