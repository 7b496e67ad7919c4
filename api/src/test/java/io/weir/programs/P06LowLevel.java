package io.weir.programs;

import io.weir.breaker.*;
import io.weir.programs.Domain.*;

class P06LowLevel {
    int get(CircuitBreaker b, Billing s) throws java.io.IOException {
        long p = b.tryAcquire();
        if (CircuitBreaker.isRefused(p)) return -1;
        try {
            int c = s.invoice(1).cents();
            b.onSuccess(p);
            return c;
        } catch (Throwable t) {
            b.onFailure(p, t);
            throw t;
        }
    }

    void throwing(CircuitBreaker b, Billing s) throws Exception {
        long p = b.acquire();
        boolean ok = false;
        try {
            s.user("x");
            ok = true;
        } catch (RuntimeException e) {
            b.onFailure(p, e);
            p = -1;
            throw e;
        } finally {
            if (ok) b.onSuccess(p);
        }
    }
}
