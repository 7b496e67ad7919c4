package io.weir.programs;

import static java.time.Duration.*;

import io.weir.*;
import io.weir.breaker.*;
import io.weir.programs.Domain.*;
import java.util.concurrent.*;

class P02Async {
    static final CallOptions SEARCH =
            CallOptions.tokens(2.5).andKey("api/v1/search").andWithin(ofMillis(800));

    CompletableFuture<String> go(Guard guard, AsyncBilling c, Query q) {
        var hits = guard.execute(SEARCH, () -> c.search(q));
        return hits.thenApply(h -> h.ids().get(0))
                .exceptionally(Failures.on(CircuitBreakerOpenException.class, e -> "cached"));
    }

    CompletableFuture<Integer> chain(Guard g, AsyncBilling c) {
        return g.execute(() -> c.invoice(1))
                .thenCompose(i -> g.execute(() -> c.cheap(i.id())))
                .thenApply(Invoice::cents);
    }

    CompletableFuture<Number> wide(Guard g, AsyncBilling c) {
        return g.execute(() -> c.invoice(1).thenApply(Invoice::cents));
    }

    CompletableFuture<Void> vd(Guard g, AsyncBilling c) {
        return g.execute(() -> c.delete(1));
    }

    CompletableFuture<Hits> branch(Guard g, AsyncBilling c, Query q) {
        return g.execute(() -> {
            if (q.cost() > 3) return CompletableFuture.failedFuture(new ValidationException());
            return c.search(q);
        });
    }
}
