package io.weir.programs;

import io.weir.*;
import io.weir.breaker.*;
import io.weir.programs.Domain.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.function.*;

class P10Fallback {
    static final CallKey<Long> ID = CallKey.of("id");

    /** What each of seven calls gives, in order. */
    List<Invoice> go(Guard g, AsyncBilling c, Billing b, Guard retry) throws Exception {
        TypedGuard<Invoice> safe = g.withFallback(Fallback.value(new Invoice(0, 0)));
        CompletableFuture<Invoice> f = safe.execute(() -> c.invoice(1));
        Invoice i = safe.call(() -> b.invoice(1));
        // String s = safe.call(() -> "x");  // must not compile
        var byId = g.withFallback(Fallback.on(CircuitBreakerOpenException.class, TimeoutException.class)
                .fromCall((e, o) -> Domain.cache.get(o.get(ID))));
        var cached = byId.execute(CallOptions.with(ID, 42L), () -> c.invoice(42));
        Function<Long, CompletableFuture<Invoice>> d = byId.decorate(id -> CallOptions.with(ID, id), c::invoice);
        TypedGuard<List<String>> l = g.withFallback(Fallback.from(e -> List.of()));
        var l2 = g.withFallback(Fallback.value(Optional.<Invoice>empty()));
        TypedGuard<Invoice> mid =
                retry.around(g.withFallback(Fallback.onRejection().fromStage(e -> c.invoice(0))));
        TypedGuard<Invoice> nul = g.withFallback(Fallback.value(null));
        TypedGuard<Invoice> pf = Pipeline.of(Fallback.value(new Invoice(0, 0)), g, retry);
        TypedGuard<List<String>> lo =
                g.withFallback(Fallback.on(TimeoutException.class).from(e -> List.of()));
        TypedGuard<Number> nn = g.withFallback(Fallback.value(1));
        // without any of it:
        Invoice j;
        try {
            j = g.call(() -> b.invoice(1));
        } catch (CircuitBreakerOpenException e) {
            j = Domain.cache.get(1L);
        }
        var k = g.execute(() -> c.invoice(1)).exceptionally(e -> Domain.cache.get(1L));
        var inf = Fallback.from(e -> Domain.cache.get(1L));
        TypedGuard<Invoice> q = g.withFallback(inf);
        return List.of(
                f.join(),
                i,
                cached.join(),
                d.apply(42L).join(),
                mid.execute(() -> c.invoice(1)).join(),
                j,
                k.join());
    }
}
