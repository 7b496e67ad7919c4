package io.weir.programs;

import static java.time.Duration.*;

import io.weir.*;
import io.weir.guard.*;
import io.weir.programs.Domain.*;
import java.util.*;
import java.util.concurrent.*;

class P11Hedge {
    CompletableFuture<Invoice> go(List<AsyncBilling> replicas) {
        Guard g = Pipeline.of(
                Timeout.of(ofSeconds(1)),
                Hedge.builder("read")
                        .delayPercentile(0.95)
                        .maxHedges(1)
                        .budget(0.1)
                        .build());
        return g.executeWith(CallOptions.within(ofMillis(500)), ctx -> {
            var r = replicas.get((ctx.attempt() - 1) % replicas.size());
            var f = r.invoice(1);
            ctx.onCancel(() -> f.cancel(true));
            return f;
        });
    }

    Invoice blocking(Guard g, java.sql.Connection c) throws java.sql.SQLException {
        return g.callWith(CallOptions.NONE, ctx -> {
            try (var s = c.createStatement()) {
                s.setQueryTimeout((int)
                        ctx.remaining().map(d -> d.toSeconds() + 1).orElse(0L).longValue());
                ctx.onCancel(() -> {
                    try {
                        s.cancel();
                    } catch (java.sql.SQLException e) {
                    }
                });
                s.execute("select");
                return new Invoice(1, 1);
            }
        });
    }
}
