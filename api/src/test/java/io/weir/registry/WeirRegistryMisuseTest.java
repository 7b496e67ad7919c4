package io.weir.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.Guard;
import io.weir.guard.Bulkhead;
import io.weir.ratelimit.TokenBucketRateLimiter;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Descriptions that throw or come back, values that look like others, and registries that nobody has any more. */
class WeirRegistryMisuseTest {
    @Test
    void aDescriptionThatThrowsInAReloadChangesNothing() {
        AtomicBoolean broken = new AtomicBoolean();
        WeirRegistry registry = WeirRegistry.builder()
                .limiters(limiter -> limiter.rate(5))
                .bulkheads(bulkhead -> {
                    if (broken.get()) {
                        throw new IllegalStateException("the description's own");
                    }
                })
                .build();
        Bulkhead bulkhead = registry.bulkhead("b");
        TokenBucketRateLimiter limiter = registry.limiter("l");
        broken.set(true);
        assertThatThrownBy(() ->
                        registry.reload(Map.of("weir.limiter.l.rate", "9", "weir.bulkhead.b.max-concurrent", "3")))
                .hasMessage("the description's own");
        broken.set(false);
        assertThat(bulkhead.metrics().maxConcurrent()).isEqualTo(25);
        assertThat(registry.names(TokenBucketRateLimiter.class)).containsExactly("l");
        registry.reload(Map.of("weir.limiter.l.rate", "9", "weir.bulkhead.b.max-concurrent", "3"));
        assertThat(bulkhead.metrics().maxConcurrent()).isEqualTo(3);
        assertThat(limiter.availableTokens()).isPositive();
    }

    @Test
    void aDescriptionMayAskTheRegistryForAnotherGuard() {
        WeirRegistry registry =
                WeirRegistry.builder().limiters(limiter -> limiter.rate(5)).build();
        TokenBucketRateLimiter outer = registry.limiter("outer", limiter -> registry.limiter("inner"));
        assertThat(registry.limiter("outer")).isSameAs(outer);
        assertThat(registry.names(TokenBucketRateLimiter.class)).containsExactly("inner", "outer");
        registry.reload(Map.of("weir.limiter.default.max-tokens", "50"));
        assertThat(registry.limiter("outer")).isSameAs(outer);
    }

    @ParameterizedTest
    @CsvSource({
        "limiter.x.rate, 10d",
        "limiter.x.rate, 10f/1s",
        "limiter.x.rate, 0x10p1",
        "limiter.x.rate, NaN",
        "limiter.x.rate, Infinity",
        "limiter.x.rate, 1e999",
        "limiter.x.rate, 5/0s",
        "limiter.x.rate, -5",
        "limiter.x.rate, 5/1",
        "limiter.x.max-tokens, 3d",
        "retry.x.backoff-factor, 2f",
        "retry.x.base-delay, 5",
        "retry.x.base-delay, -5s",
        "retry.x.base-delay, 5 sec",
        "retry.x.base-delay, P1Y",
        "timeout.x.duration, 0s",
        "timeout.x.duration, 400ns400",
        "breaker.x.failure-detection, 'count-window(10, 50%, 5, 2s)'",
        "breaker.x.failure-threshold, 5.0",
        "breaker.x.failure-threshold, _",
        "retry.x.budget, 20%",
        "retry.x.retry-on, java.lang.String",
        "retry.x.jitter, ja"
    })
    void aValueThatOnlyLooksLikeOneIsRefusedWithItsKey(String key, String value) {
        assertThatThrownBy(() -> WeirRegistry.builder()
                        .limiters(limiter -> limiter.rate(1))
                        .timeouts(timeout -> timeout.duration(Duration.ofSeconds(1)))
                        .settings(Map.of("weir." + key, value))
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("weir." + key)
                .hasMessageContaining(value)
                .hasMessageMatching("(?s).*(allowed is|must be).*");
    }

    @Test
    void theSameValueWrittenOtherwiseIsNoChange() {
        WeirRegistry registry = WeirRegistry.of(Map.of(
                "weir.adaptive-limiter.a.initial-rate",
                20,
                "weir.adaptive-bulkhead.b.max",
                50,
                "weir.retry.r.excluding",
                List.of("java.io.IOException")));
        registry.reload(Map.of(
                "weir.adaptive-limiter.a.initial-rate",
                " 20 ",
                "weir.adaptive-bulkhead.b.max",
                "50",
                "weir.retry.r.excluding",
                "java.io.IOException"));
        assertThat(registry.guards(Guard.class)).hasSize(3);
    }

    @Test
    void aRegistryThatNobodyHasAnyMoreIsCollectedWithItsGuards() {
        List<WeakReference<?>> gone = droppedRegistry();
        long since = System.nanoTime();
        while (gone.stream().anyMatch(each -> each.get() != null)) {
            System.gc();
            assertThat(System.nanoTime() - since).isLessThan(30_000_000_000L);
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static List<WeakReference<?>> droppedRegistry() {
        WeirRegistry registry = WeirRegistry.of(Map.of(
                "weir.breaker.p.recovery-time", "1h",
                "weir.limiter.p.rate", "5/1h",
                "weir.timeout.p.duration", "1h",
                "weir.pipeline.p", "breaker, retry, timeout, limiter, bulkhead, adaptive-bulkhead"));
        Guard pipeline = registry.pipeline("p");
        assertThat(pipeline.<String>get(() -> "ok")).isEqualTo("ok");
        CompletableFuture<String> cut = pipeline.execute(CompletableFuture<String>::new);
        cut.cancel(true);
        registry.reload(Map.of("weir.limiter.p.rate", "6/1h", "weir.timeout.p.duration", "2h"));
        return List.of(new WeakReference<>(registry), new WeakReference<>(pipeline), new WeakReference<>(cut));
    }
}
