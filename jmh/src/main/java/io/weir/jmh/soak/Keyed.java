package io.weir.jmh.soak;

import io.weir.WeirRuntime;
import io.weir.ratelimit.EndpointRateLimiter;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** A keyed limiter with more keys than places, what it has admitted of each key, and what it may have. Thread-safe. */
final class Keyed {
    private static final int KEYS = 20_000;
    private static final int PLACES = 15_000;
    private static final double RATE = 5;
    private static final double MAX_TOKENS = 5;
    private static final double NANOS = 1e9;

    private final EndpointRateLimiter limiter;
    private final String[] names = new String[KEYS];
    private final AtomicIntegerArray admitted = new AtomicIntegerArray(KEYS);
    private final long began = System.nanoTime();

    Keyed(WeirRuntime runtime) {
        limiter = EndpointRateLimiter.builder("keyed")
                .defaultRate(RATE)
                .defaultMaxTokens(MAX_TOKENS)
                .maxKeys(PLACES)
                .runtime(runtime)
                .build();
        for (int i = 0; i < KEYS; i++) {
            names[i] = "tenant-" + i;
        }
    }

    /** Asks for a random key's token. */
    void ask(int random) {
        int key = Integer.remainderUnsigned(random, KEYS);
        if (limiter.tryAcquire(names[key])) {
            admitted.incrementAndGet(key);
        }
    }

    /** What the key that got most has got, and what a key may have got. */
    Metered.Usage usage() {
        int most = 0;
        for (int i = 0; i < KEYS; i++) {
            most = Math.max(most, admitted.get(i));
        }
        return new Metered.Usage(most, MAX_TOKENS + RATE * ((System.nanoTime() - began) / NANOS));
    }
}
