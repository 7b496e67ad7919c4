package io.weir.programs;

import io.weir.*;
import io.weir.executor.*;
import io.weir.programs.Domain.*;
import io.weir.ratelimit.*;
import java.time.*;
import java.util.*;
import java.util.concurrent.*;

class P03Virtual {
    void go(ExecutorService vts, Billing b, List<Long> ids) throws Exception { // newVirtualThreadPerTaskExecutor on 21
        try (var ex = RateLimitedExecutor.builder("billing")
                .rate(10)
                .maxConcurrency(5)
                .build()) {
            List<Future<Invoice>> fs = new ArrayList<>();
            for (long id : ids) fs.add(vts.submit(() -> ex.call(() -> b.invoice(id))));
            for (var f : fs) f.get();
        }
    }

    void reservation(RateLimiter l) throws InterruptedException {
        Reservation r = l.reserve(5);
        if (r.waitTime().compareTo(Duration.ofSeconds(1)) > 0) {
            r.cancel();
            return;
        }
        r.await();
    }

    void interrupted(Guard g, Billing b) {
        try {
            g.call(() -> b.user("1"));
        } catch (CallInterruptedException e) {
            return;
        }
    }
}
