package io.weir.programs;

import io.weir.*;
import io.weir.executor.*;
import io.weir.programs.Domain.*;
import java.time.*;
import java.util.*;
import java.util.concurrent.*;

class P12Queue {
    void go(AsyncBilling c, Guard g, Billing b) throws Exception {
        try (WorkQueue<Long> q = WorkQueue.<Long>builder("jobs")
                .capacity(1000)
                .offerTimeout(Duration.ofMillis(50))
                .build()) {
            q.startWorkers(4, id -> g.execute(() -> c.invoice(id)), (id, e) -> System.err.println(id + " " + e));
            q.put(1L).thenAccept(ok -> {
                if (!ok) System.err.println("backpressure");
            });
            if (!q.putBlocking(2L)) return;
            q.join().join();
            List<Long> lost = q.stop(Duration.ofSeconds(5)).join().lost();
        }
        WorkQueue<Long> q = WorkQueue.of("x");
        q.startBlockingWorkers(2, id -> b.invoice(id));
        WorkQueue.<Long>of("y").processAll(List.of(1L, 2L), 2, c::invoice).join(); // starts its own workers
        try (var ex = AsyncExecutor.of("m", 10)) {
            List<Invoice> l = ex.map(List.of(1L, 2L), c::invoice).join();
        }
    }
}
