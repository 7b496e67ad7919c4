package io.weir.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.BulkheadFullException;
import io.weir.CallTimeoutException;
import io.weir.CircuitBreakerOpenException;
import io.weir.Guard;
import io.weir.Pipeline;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.guard.Bulkhead;
import io.weir.guard.Timeout;
import io.weir.ratelimit.TokenBucketRateLimiter;
import io.weir.retry.Retry;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WeirRegistryTest {
    private final VirtualTime time = new VirtualTime(-5);
    private final WeirRuntime runtime = time.runtimeBuilder().build();

    private WeirRegistry of(Map<String, ?> settings) {
        return WeirRegistry.builder().runtime(runtime).settings(settings).build();
    }

    private static void fail(CircuitBreaker breaker, int times) {
        for (int i = 0; i < times; i++) {
            assertThatThrownBy(() -> breaker.call(() -> {
                        throw new IOException("down");
                    }))
                    .isInstanceOf(IOException.class);
        }
    }

    // ---- making

    @Test
    void whoeverAsksForANameGetsTheSameGuardAndKindsAreApart() {
        WeirRegistry registry = of(Map.of());
        CircuitBreaker breaker = registry.breaker("x");
        assertThat(registry.breaker("x", b -> b.failureThreshold(1))).isSameAs(breaker);
        assertThat(registry.retry("x").name()).isEqualTo("x");
        assertThat(registry.bulkhead("x")).isSameAs(registry.bulkhead("x"));
        assertThat(registry.guards(Guard.class)).hasSize(3).first().isSameAs(breaker);
        assertThat(registry.guards(Retry.class)).containsExactly(registry.retry("x"));
        assertThat(registry.names(CircuitBreaker.class)).containsExactly("x");
        assertThat(registry.knows(Bulkhead.class, "x")).isTrue();
        assertThat(registry.knows(Timeout.class, "x")).isFalse();
        assertThat(registry.names(Guard.class)).containsExactly("x");
        assertThat(registry.knows(Guard.class, "x")).isTrue();
        assertThat(registry.knows(Guard.class, "y")).isFalse();
    }

    @Test
    void eachMoreParticularDescriptionWins() {
        WeirRegistry registry = WeirRegistry.builder()
                .runtime(runtime)
                .retries(r -> r.maxRetries(1).baseDelay(Duration.ofMillis(1)).maxDelay(Duration.ofMillis(7)))
                .settings(Map.of(
                        "weir.retry.default.max-retries", 2,
                        "weir.retry.default.max-delay", "8ms",
                        "weir.retry.orders.max-retries", "5"))
                .build();
        Retry orders = registry.retry("orders", r -> r.maxRetries(4).maxDelay(Duration.ofMillis(9)));
        assertThat(orders.config().maxRetries()).isEqualTo(5);
        assertThat(registry.retry("other", r -> r.maxDelay(Duration.ofMillis(9)))
                        .config()
                        .maxDelay())
                .isEqualTo(Duration.ofMillis(9));
        assertThat(registry.retry("other").config().maxRetries()).isEqualTo(2);
        assertThat(registry.retry("third").config().maxDelay()).isEqualTo(Duration.ofMillis(8));
        assertThat(registry.retry("third").config().baseDelay()).isEqualTo(Duration.ofMillis(1));
    }

    @Test
    void aThresholdAndADetectionMayMeetFromDifferentDescriptions() {
        WeirRegistry registry = WeirRegistry.builder()
                .runtime(runtime)
                .breakers(b -> b.failureThreshold(7))
                .settings(Map.of(
                        "weir.breaker.default.failure-threshold", "10",
                        "weir.breaker.x.failure-detection", "count-window(2, 100%, 2)"))
                .build();
        fail(registry.breaker("x"), 2);
        assertThat(registry.breaker("x").state()).isEqualTo(CircuitBreaker.State.OPEN);
        assertThatThrownBy(() -> of(Map.of(
                        "weir.breaker.x.failure-threshold", "1", "weir.breaker.x.failure-detection", "consecutive(2)")))
                .hasMessageContaining("failureThreshold and failureDetection: allowed is one of them");
    }

    @Test
    void everyParameterOfEveryKindCanBeGivenByWords() {
        Map<String, Object> all = new HashMap<>();
        Map<String, String> values = Map.ofEntries(
                Map.entry(
                        "breaker.x",
                        "failure-threshold=3;recovery-time=1m30s;open-backoff=exponential(2, 5m, 10%);"
                                + "half-open-max-calls=2;half-open-success-threshold=2;trial-timeout=PT5S;"
                                + "excluding=java.io.IOException, java.lang.IllegalStateException"),
                Map.entry("breaker.time.out", "failure-detection=time-window(10s, 0.5, 20, 2s, 80%)"),
                Map.entry("breaker.c", "failure-detection=cumulative(4);open-backoff=fixed"),
                Map.entry(
                        "retry.x",
                        "max-retries=2;base-delay=10ms;max-delay=1s;backoff-factor=1.5;jitter=off;"
                                + "jitter-factor=10%;retry-on=java.io.IOException;excluding=java.io.FileNotFoundException;"
                                + "honour-retry-after=2s;retry-rejections=yes;budget=20%, 10;attempt-timeout=1s;overall-timeout=5s"),
                Map.entry("limiter.x", "rate=3_000/m;max-tokens=10.5;initial-tokens=1;max-waiters=5"),
                Map.entry(
                        "keyed-limiter.x",
                        "default-rate=5/1s;default-max-tokens=7;max-waiters=3;max-keys=50;"
                                + "overflow=deny;overrides=acme=500/1s, b=1/2m"),
                Map.entry(
                        "adaptive-limiter.x",
                        "initial-rate=10;max-tokens=20;max-waiters=5;min-rate=0.5;" + "safety-factor=80%;max-pause=1h"),
                Map.entry("timeout.x", "duration=250ms;cancel-running=false"),
                Map.entry("bulkhead.x", "max-concurrent=2;max-waiters=1;max-wait=1s"),
                Map.entry("adaptive-bulkhead.x", "algorithm=aimd;initial=5;min=2;max=9;max-waiters=1;max-wait=1s"));
        values.forEach((name, parameters) -> {
            for (String each : parameters.split(";")) {
                all.put("weir." + name + "." + each.split("=", 2)[0], each.split("=", 2)[1]);
            }
        });
        try (WeirRegistry registry = of(all)) {
            assertThat(registry.breaker("time.out").name()).isEqualTo("time.out");
            assertThat(registry.limiter("x")).hasToString("TokenBucketRateLimiter(x, 3000.0 per PT1M, maxTokens=10.5)");
            assertThat(registry.keyedLimiter("x").availableTokens("acme")).isEqualTo(500);
            assertThat(registry.keyedLimiter("x").availableTokens("c")).isEqualTo(7);
            assertThat(registry.timeout("x").duration()).isEqualTo(Duration.ofMillis(250));
            assertThat(registry.bulkhead("x").maxConcurrent()).isEqualTo(2);
            assertThat(registry.adaptiveBulkhead("x").limit()).isEqualTo(5);
            assertThat(registry.adaptiveLimiter("x").ratePerSecond()).isEqualTo(10);
            assertThat(registry.retry("x").config().jitterFactor()).isEqualTo(0.1);
            assertThat(registry.guards(Guard.class)).hasSize(10);
        }
    }

    @Test
    void allProblemsAreToldAtOnceByKeyValueAndWhatIsAllowed() {
        Map<String, Object> wrong = new HashMap<>();
        wrong.put("weir.breaker.default.failure-treshold", "3");
        wrong.put("weir.braker.x.failure-threshold", "3");
        wrong.put("weir.retry.x.max-retries", "many");
        wrong.put("weir.retry.x.base-delay", "10 parsecs");
        wrong.put("weir.retry.y.jitter-factor", "150%");
        wrong.put("weir.timeout.x.duration", "-1s");
        wrong.put("weir.limiter.x.rate", "0/1s");
        wrong.put("weir.limiter.y.max-waiters", "1");
        wrong.put("weir.pipeline.p", "breaker, retri");
        wrong.put("weir.pipeline.q", "breaker,, retry");
        wrong.put("weir.retry.z.retry-on", "java.io.IOExeption");
        wrong.put("weir.bulkhead.max-concurrent", "1");
        wrong.put("weir.bulkhead.b.max-concurrent", null);
        wrong.put("wier.bulkhead.b.max-concurrent", "1");
        wrong.put("spring.application.name", "mine");
        assertThatThrownBy(() -> of(wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "weir.breaker.default.failure-treshold: unknown; did you mean 'failure-threshold'?")
                .hasMessageContaining("weir.braker.x.failure-threshold: unknown; did you mean 'breaker'?")
                .hasMessageContaining("weir.retry.x.max-retries = \"many\": allowed is a whole number")
                .hasMessageContaining("weir.retry.x.base-delay = \"10 parsecs\": allowed is a duration")
                .hasMessageContaining("weir.retry.y.jitter-factor = \"150%\": jitterFactor = 1.5: allowed is 0 to 1")
                .hasMessageContaining("weir.timeout.x.duration = \"-1s\": allowed is a duration")
                .hasMessageContaining("limiter 'x' (weir.limiter.x.rate = \"0/1s\"): rate is 0.0; ")
                .hasMessageContaining(
                        "limiter 'y' (weir.limiter.y.max-waiters = \"1\"): rate is not set: it is required")
                .hasMessageContaining(
                        "weir.pipeline.p = \"breaker, retri\": 'retri' is no kind of guard; did you mean 'retry'?")
                .hasMessageContaining("weir.pipeline.q = \"breaker,, retry\": allowed is a list")
                .hasMessageContaining("java.io.IOExeption is not to be found")
                .hasMessageContaining("weir.bulkhead.max-concurrent: unknown; allowed is weir.<kind>.<name or default>")
                .hasMessageContaining("weir.bulkhead.b.max-concurrent = null: allowed is a text")
                .hasMessageContaining("wier.bulkhead.b.max-concurrent: unknown")
                .hasMessageNotContaining("spring");
    }

    @Test
    void badDefaultsInCodeFailWhenTheRegistryIsBuilt() {
        assertThatThrownBy(() -> WeirRegistry.builder()
                        .breakers(b -> b.halfOpenMaxCalls(99))
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the defaults of breaker: ");
    }

    @Test
    void aGuardWhoseRateNobodyGaveIsRefusedAndSoIsAnEmptyName() {
        WeirRegistry registry = of(Map.of());
        assertThatThrownBy(() -> registry.limiter("x")).hasMessageStartingWith("limiter 'x': ");
        assertThatThrownBy(() -> registry.timeout("x")).hasMessageContaining("duration is missing");
        assertThatThrownBy(() -> registry.breaker("")).hasMessageContaining("allowed is any but '' and 'default'");
        assertThatThrownBy(() -> registry.breaker("default")).isInstanceOf(IllegalArgumentException.class);
        assertThat(registry.guards(Guard.class)).isEmpty();
    }

    @Test
    void propertiesCountWithTheirOwnDefaults() {
        Properties defaults = new Properties();
        defaults.setProperty("weir.timeout.default.duration", "3s");
        try (WeirRegistry registry = WeirRegistry.of(new Properties(defaults))) {
            assertThat(registry.timeout("t").duration()).isEqualTo(Duration.ofSeconds(3));
        }
    }

    // ---- pipelines

    @Test
    void aPipelineIsOfItsOwnGuardsAndOfSharedOnes() {
        WeirRegistry registry = of(Map.of(
                "weir.limiter.shared.rate", "2",
                "weir.pipeline.a", List.of("breaker", "limiter:shared"),
                "weir.pipeline.b", "breaker, limiter : shared"));
        Pipeline a = (Pipeline) registry.pipeline("a");
        assertThat(a.name()).isEqualTo("a");
        assertThat(a.guards()).containsExactly(registry.breaker("a"), registry.limiter("shared"));
        registry.pipeline("b").run(() -> {});
        assertThat(registry.limiter("shared").availableTokens()).isEqualTo(1);
        assertThatThrownBy(() -> registry.pipeline("aa")).hasMessageContaining("did you mean 'a'?");
        assertThatThrownBy(() -> registry.remove(registry.limiter("shared")))
                .hasMessageContaining("uses 'shared': remove that first");
    }

    @Test
    void aPipelineThatCantBeIsRefusedWithItsKey() {
        assertThatThrownBy(() -> of(Map.of("weir.pipeline.p", "bulkhead, bulkhead")))
                .hasMessageContaining("weir.pipeline.p = \"bulkhead, bulkhead\": ")
                .hasMessageContaining("stands twice");
        assertThatThrownBy(() -> of(Map.of("weir.pipeline.p", "breaker, limiter")))
                .hasMessageContaining("weir.pipeline.p = \"breaker, limiter\": limiter 'p': ");
    }

    // ---- adding, removing, closing

    @Test
    void whatWasAddedIsFoundUnderItsNameAndSurvivesTheRegistry() {
        WeirRegistry registry = of(Map.of());
        TokenBucketRateLimiter mine = registry.add(TokenBucketRateLimiter.of("mine", 5));
        assertThat(registry.limiter("mine")).isSameAs(mine);
        assertThat(registry.add(mine)).isSameAs(mine);
        assertThatThrownBy(() -> registry.add(TokenBucketRateLimiter.of("mine", 5)))
                .hasMessageContaining("there is another");
        assertThatThrownBy(() -> registry.reload(Map.of("weir.limiter.mine.rate", "7")))
                .hasMessageContaining("limiter 'mine' was added ready-made");
        Guard line = registry.add(Pipeline.of(mine).named("line"));
        assertThat(registry.pipeline("line")).isSameAs(line);
        TokenBucketRateLimiter made = registry.limiter("made", l -> l.rate(1));
        Bulkhead bulkhead = registry.bulkhead("b");
        registry.close();
        registry.close();
        assertThat(mine.tryAcquire()).isTrue();
        assertThatThrownBy(made::tryAcquire).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(bulkhead::tryAcquire).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> registry.breaker("x")).hasMessage("the registry is closed");
        assertThatThrownBy(() -> registry.add(mine)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> registry.reload(Map.of())).isInstanceOf(IllegalStateException.class);
        assertThat(registry).hasToString("WeirRegistry(closed)");
    }

    @Test
    void whatIsRemovedIsClosedIfTheRegistryMadeItAndCanBeMadeAnew() {
        WeirRegistry registry = of(Map.of("weir.limiter.x.rate", "5"));
        TokenBucketRateLimiter first = registry.limiter("x");
        assertThat(registry.remove(first)).isTrue();
        assertThat(registry.remove(first)).isFalse();
        assertThatThrownBy(first::tryAcquire).isInstanceOf(IllegalStateException.class);
        assertThat(registry.limiter("x")).isNotSameAs(first);
    }

    // ---- reloading

    @Test
    void aLimiterIsReratedWithItsWaitersAndItsTokensInHand() {
        WeirRegistry registry = of(Map.of("weir.limiter.x.rate", "10"));
        TokenBucketRateLimiter limiter = registry.limiter("x");
        Guard guard = Pipeline.of(registry.retry("x"), limiter);
        assertThat(limiter.tryAcquire(10)).isTrue();
        CompletableFuture<Void> waiter = limiter.acquire(10);
        registry.reload(Map.of("weir.limiter.x.rate", "100", "weir.limiter.x.max-tokens", "20"));
        time.advance(Duration.ofMillis(100));
        assertThat(waiter).isCompleted();
        time.advance(Duration.ofSeconds(1));
        assertThat(limiter.availableTokens()).isEqualTo(20);
        guard.run(() -> {});
        assertThat(limiter.availableTokens()).isEqualTo(19);
    }

    @Test
    void whatTheFileDoesntChangeKeepsWhatWasChangedByHand() {
        Map<String, String> settings = Map.of("weir.limiter.x.rate", "10", "weir.bulkhead.b.max-concurrent", "4");
        WeirRegistry registry = of(settings);
        registry.limiter("x").updateRate(u -> u.rate(3));
        registry.reload(Map.of("weir.limiter.x.rate", "10", "weir.bulkhead.b.max-concurrent", "9"));
        assertThat(registry.limiter("x").toString()).contains("3.0 per");
        assertThat(registry.bulkhead("b").maxConcurrent()).isEqualTo(9);
    }

    @Test
    void aBulkheadIsResizedWithItsPlacesTaken() {
        WeirRegistry registry = of(Map.of("weir.bulkhead.b.max-concurrent", "1"));
        Bulkhead bulkhead = registry.bulkhead("b");
        assertThat(bulkhead.tryAcquire()).isTrue();
        assertThatThrownBy(() -> bulkhead.run(() -> {})).isInstanceOf(BulkheadFullException.class);
        registry.reload(Map.of("weir.bulkhead.b.max-concurrent", "2"));
        bulkhead.run(() -> {});
        bulkhead.release();
    }

    @Test
    void aBreakerGetsItsNewThresholdAtOnceAndItsNewRecoveryTimeFromTheNextOpeningOn() {
        WeirRegistry registry =
                of(Map.of("weir.breaker.x.failure-threshold", "5", "weir.breaker.x.recovery-time", "10s"));
        CircuitBreaker breaker = registry.breaker("x");
        fail(breaker, 4);
        registry.reload(Map.of("weir.breaker.x.failure-threshold", "2", "weir.breaker.x.recovery-time", "1s"));
        assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.CLOSED);
        assertThat(breaker.metrics().transitions()).isZero();
        fail(breaker, 2);
        assertThatThrownBy(() -> breaker.run(() -> {}))
                .isInstanceOfSatisfying(
                        CircuitBreakerOpenException.class,
                        e -> assertThat(e.retryAfter()).contains(Duration.ofSeconds(1)));
        assertThat(breaker.metrics().failures()).isEqualTo(6);
        registry.reload(
                Map.of("weir.breaker.x.failure-threshold", "1", "weir.breaker.x.excluding", "java.io.IOException"));
        assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.OPEN);
        time.advance(Duration.ofSeconds(1));
        breaker.run(() -> {});
        assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.CLOSED);
        fail(breaker, 3);
        assertThat(breaker.metrics().excluded()).isEqualTo(3);
    }

    @Test
    void aRetryFollowsAtTheNextFailureAlsoInAPipelineMadeBefore() {
        WeirRegistry registry = of(Map.of("weir.retry.x.max-retries", "0", "weir.pipeline.x", "breaker, retry"));
        Guard guard = registry.pipeline("x");
        AtomicInteger calls = new AtomicInteger();
        CompletableFuture<Object> first =
                guard.execute(() -> CompletableFuture.failedFuture(new IOException("" + calls.incrementAndGet())));
        assertThat(first).isCompletedExceptionally();
        registry.reload(Map.of(
                "weir.retry.x.max-retries",
                "2",
                "weir.retry.x.base-delay",
                "1ms",
                "weir.pipeline.x",
                "breaker, retry"));
        calls.set(0);
        CompletableFuture<Object> second =
                guard.execute(() -> CompletableFuture.failedFuture(new IOException("" + calls.incrementAndGet())));
        time.advance(Duration.ofSeconds(1));
        assertThat(second).isCompletedExceptionally();
        assertThat(calls).hasValue(3);
    }

    @Test
    void aTimeoutHoldsForCallsToComeAndThoseUnderWayKeepTheirs() {
        WeirRegistry registry = of(Map.of("weir.timeout.t.duration", "10s"));
        Timeout timeout = registry.timeout("t");
        CompletableFuture<Void> underWay = timeout.execute(() -> new CompletableFuture<Void>());
        registry.reload(Map.of("weir.timeout.t.duration", "1s"));
        CompletableFuture<Void> next = timeout.execute(() -> new CompletableFuture<Void>());
        time.advance(Duration.ofSeconds(1));
        assertThatThrownBy(next::join)
                .hasCauseInstanceOf(CallTimeoutException.class)
                .hasMessageContaining("PT1S");
        time.advance(Duration.ofMillis(8_999));
        assertThat(underWay).isNotDone();
        time.advance(Duration.ofMillis(1));
        assertThatThrownBy(underWay::join).hasMessageContaining("PT10S");
        assertThat(timeout.metrics().timedOut()).isEqualTo(2);
    }

    @Test
    void aKeyedLimiterFollowsInItsOverridesAndResetsNobodysTokens() {
        WeirRegistry registry = of(Map.of("weir.keyed-limiter.k.overrides", "acme=100/1s, old=50/1s, same=8/1s"));
        var limiter = registry.keyedLimiter("k");
        assertThat(limiter.tryAcquire("acme", 100)).isTrue();
        assertThat(limiter.tryAcquire("same", 8)).isTrue();
        registry.reload(Map.of("weir.keyed-limiter.k.overrides", "acme=200/1s, same=8/1s, new=40/1s"));
        assertThat(limiter.availableTokens("acme")).isZero();
        assertThat(limiter.availableTokens("same")).isZero();
        time.advance(Duration.ofSeconds(10));
        assertThat(limiter.availableTokens("acme")).isEqualTo(200);
        assertThat(limiter.availableTokens("new")).isEqualTo(40);
        assertThat(limiter.availableTokens("old")).isEqualTo(10);
    }

    @Test
    void whatCantChangeInUseIsRefusedBeforeAnythingIsChanged() {
        Map<String, String> before = Map.of(
                "weir.limiter.x.rate", "10",
                "weir.bulkhead.b.max-waiters", "1",
                "weir.adaptive-limiter.a.initial-rate", "10",
                "weir.pipeline.p", "breaker, retry",
                "weir.breaker.w.failure-detection", "count-window(10, 50%)");
        WeirRegistry registry = of(before);
        assertThatThrownBy(() -> registry.reload(Map.of(
                        "weir.limiter.x.rate", "20",
                        "weir.bulkhead.b.max-waiters", "2",
                        "weir.bulkhead.made.max-concurrent", "2",
                        "weir.adaptive-limiter.a.initial-rate", "20",
                        "weir.pipeline.p", "retry, breaker",
                        "weir.retry.p.attempt-timeout", "1s",
                        "weir.breaker.w.failure-detection", "count-window(10, 50%, 10, 1s, 50%)")))
                .hasMessageContaining("bulkhead 'b' can't change so in use: maxWaiters = 2")
                .hasMessageContaining("adaptive-limiter 'a' can't change so in use")
                .hasMessageContaining("retry 'p' can't change so in use: a part, such as a timeout")
                .hasMessageContaining("breaker 'w' can't change so in use: from when on a call is slow")
                .hasMessageContaining("weir.pipeline.p = \"retry, breaker\": allowed is no change");
        assertThat(registry.limiter("x").toString()).contains("10.0 per");
        assertThat(registry.knows(Bulkhead.class, "made")).isFalse();
        registry.reload(before);
        assertThatThrownBy(() -> registry.reload(Map.of())).hasMessageContaining("limiter 'x': ");
    }

    @Test
    void aClosedGuardDoesntKeepTheOthersFromChanging() {
        WeirRegistry registry = of(Map.of("weir.limiter.x.rate", "10", "weir.limiter.y.rate", "10"));
        registry.limiter("x").close();
        registry.reload(Map.of("weir.limiter.x.rate", "20", "weir.limiter.y.rate", "20"));
        assertThat(registry.limiter("y").toString()).contains("20.0 per");
    }
}
