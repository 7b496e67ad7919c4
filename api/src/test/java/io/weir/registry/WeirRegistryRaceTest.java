package io.weir.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.ratelimit.TokenBucketRateLimiter;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** G1 to G4 of the registry, as threads find them. */
class WeirRegistryRaceTest {
    private static final int THREADS = 4;
    private static final int ROUNDS = Integer.getInteger("weir.registry.rounds", 2_000);

    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

    /** Thousands of reloads would fill the build's log. Held, as loggers are weakly. */
    private final Logger weir = Logger.getLogger("io.weir");

    @BeforeEach
    void beQuiet() {
        weir.setLevel(Level.WARNING);
    }

    @AfterEach
    void endThreads() {
        weir.setLevel(null);
        threads.shutdownNow();
    }

    private void together(Callable<?>... actions) throws Exception {
        CyclicBarrier barrier = new CyclicBarrier(actions.length);
        ConcurrentLinkedQueue<Future<?>> ends = new ConcurrentLinkedQueue<>();
        for (Callable<?> action : actions) {
            ends.add(threads.submit(() -> {
                barrier.await(10, TimeUnit.SECONDS);
                return action.call();
            }));
        }
        for (Future<?> end : ends) {
            end.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void allWhoAskTogetherGetTheSameGuard() throws Exception {
        for (int i = 0; i < ROUNDS; i++) {
            try (WeirRegistry registry = WeirRegistry.of(Map.of("weir.limiter.default.rate", "10"))) {
                Set<Object> limiters = Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
                Callable<?> ask = () -> limiters.add(registry.limiter("x"));
                together(ask, ask, ask, () -> registry.breaker("x"));
                assertThat(limiters).hasSize(1);
                assertThat(registry.guards(TokenBucketRateLimiter.class)).containsExactly(registry.limiter("x"));
            }
        }
    }

    @Test
    void guardsEndUpAsTheLastFileSaysHoweverReloadsAndRequestsMeet() throws Exception {
        for (int i = 0; i < ROUNDS; i++) {
            try (WeirRegistry registry =
                    WeirRegistry.of(Map.of("weir.limiter.default.rate", "1", "weir.limiter.old.max-tokens", "50"))) {
                together(
                        () -> reload(registry, 20),
                        () -> reload(registry, 30),
                        () -> registry.limiter("new"),
                        () -> reload(registry, 40));
                String old = rate(registry.limiter("old"));
                assertThat(old).isIn("20.0", "30.0", "40.0");
                assertThat(rate(registry.limiter("new"))).isEqualTo(old);
            }
        }
    }

    private static Object reload(WeirRegistry registry, int rate) {
        registry.reload(Map.of("weir.limiter.default.rate", rate, "weir.limiter.old.max-tokens", "50"));
        return rate;
    }

    private static String rate(TokenBucketRateLimiter limiter) {
        return limiter.toString().replaceAll(".*, (.*) per.*", "$1");
    }

    @Test
    void nothingThatWasMadeIsLeftOpenByAClose() throws Exception {
        for (int i = 0; i < ROUNDS; i++) {
            WeirRegistry registry = WeirRegistry.of(Map.of("weir.limiter.default.rate", "10"));
            ConcurrentLinkedQueue<TokenBucketRateLimiter> made = new ConcurrentLinkedQueue<>();
            Callable<?> ask = () -> {
                try {
                    made.add(registry.limiter("x"));
                } catch (IllegalStateException closed) {
                    return null;
                }
                return null;
            };
            together(ask, ask, () -> {
                registry.close();
                return null;
            });
            for (TokenBucketRateLimiter limiter : made) {
                assertThat(isClosed(limiter)).isTrue();
            }
        }
    }

    private static boolean isClosed(TokenBucketRateLimiter limiter) {
        try {
            limiter.tryAcquire();
            return false;
        } catch (IllegalStateException closed) {
            return true;
        }
    }
}
