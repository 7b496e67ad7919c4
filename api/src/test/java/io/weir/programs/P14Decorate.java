package io.weir.programs;

import io.weir.*;
import io.weir.programs.Domain.*;
import java.io.IOException;
import java.util.*;
import java.util.concurrent.*;
import java.util.function.*;
import java.util.stream.*;

class P14Decorate {
    /** What each of six calls gives, in order. */
    List<Object> go(Guard g, AsyncBilling c, Billing b) throws IOException {
        Function<Long, CompletableFuture<Invoice>> d = g.decorate(c::invoice);
        var cents = d.apply(42L).thenApply(Invoice::cents);
        CallFunction<Long, Invoice, IOException> e = g.decorateCall(b::invoice);
        Invoice i = e.apply(42L); // overloaded method ref
        CallFunction<String, User, RuntimeException> u = g.decorateCall(b::user);
        List<User> us = Stream.of("a").map(u::apply).collect(Collectors.toList());
        Function<Query, CompletableFuture<Hits>> s =
                g.with(CallOptions.tokens(2)).decorate(c::search);
        var v = g.decorate(c::search);
        Supplier<CompletableFuture<Invoice>> sup = () -> g.execute(() -> c.invoice(1));
        var query = new Query("t", "text", 1);
        return List.of(
                cents.join(),
                i,
                us.get(0),
                s.apply(query).join(),
                v.apply(query).join(),
                sup.get().join());
    }
}
