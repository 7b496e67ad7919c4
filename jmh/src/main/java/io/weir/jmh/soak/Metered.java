package io.weir.jmh.soak;

import io.weir.WeirRuntime;
import io.weir.ratelimit.TokenBucketRateLimiter;
import java.util.concurrent.atomic.LongAdder;

/** A limiter, what it has admitted, and what it may have. Thread-safe. */
final class Metered {
    private static final double NANOS = 1e9;

    final String name;
    final TokenBucketRateLimiter limiter;
    private final double rate;
    private final double maxTokens;
    private final long began;
    private final LongAdder asked = new LongAdder();
    private final LongAdder admitted = new LongAdder();

    Metered(String name, double rate, double maxTokens, int maxWaiters, WeirRuntime runtime) {
        this.name = name;
        this.rate = rate;
        this.maxTokens = maxTokens;
        this.began = System.nanoTime(); // before the limiter's own first reading
        this.limiter = TokenBucketRateLimiter.builder(name)
                .rate(rate)
                .maxTokens(maxTokens)
                .maxWaiters(maxWaiters)
                .runtime(runtime)
                .build();
    }

    /** Asks once for a token, now or never. */
    void ask() {
        asked.increment();
        if (limiter.tryAcquire()) {
            admitted.increment();
        }
    }

    /** Says that somebody asked by other means. */
    void onAsked() {
        asked.increment();
    }

    /** Says that somebody was admitted by other means. */
    void onAdmitted() {
        admitted.increment();
    }

    long asked() {
        return asked.sum();
    }

    /** What it admitted so far, and then what it may have by now: read in this order, the first is never above the second. */
    Usage usage() {
        long counted = admitted.sum();
        return new Usage(counted, maxTokens + rate * ((System.nanoTime() - began) / NANOS));
    }

    /** What was admitted, and the most that may have been. */
    record Usage(long admitted, double bound) {
        boolean holds() {
            return admitted <= bound;
        }

        double share() {
            return admitted / bound;
        }
    }
}
