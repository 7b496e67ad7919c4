package io.weir.annotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.BulkheadFullException;
import io.weir.CallTimeoutException;
import io.weir.CircuitBreakerOpenException;
import io.weir.RateLimitExceededException;
import io.weir.WeirRuntime;
import io.weir.breaker.CircuitBreaker;
import io.weir.registry.WeirRegistry;
import io.weir.testkit.VirtualTime;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GuardedProxyTest {
    private final VirtualTime time = new VirtualTime();
    private final WeirRuntime runtime = time.runtimeBuilder().build();

    private WeirRegistry registry(Map<String, ?> settings) {
        return WeirRegistry.builder().runtime(runtime).settings(settings).build();
    }

    interface Remote {
        @WithCircuitBreaker(failureThreshold = 2, recoveryTime = "10s", excluding = FileNotFoundException.class)
        @WithRetry(maxRetries = 1, baseDelay = "500ms", retryOn = IOException.class)
        CompletableFuture<String> fetch(String id);

        @WithCircuitBreaker(failureThreshold = 1)
        String load(String id) throws IOException;

        @WithCircuitBreaker(failureThreshold = 1)
        void load(int id) throws IOException;

        @WithTimeout("800ms")
        CompletionStage<String> slow();

        @WithBulkhead(maxConcurrent = 1)
        CompletionStage<String> narrow();

        @WithRateLimit(rate = "2/1s", failFast = true)
        int limited();

        @WithRateLimit(rate = "1/1s", failFast = true)
        @Nullable
        String perTenant(@LimitKey @Nullable Object tenant, String query);

        default String plain() {
            return "default of " + this;
        }
    }

    /** Does what a test says. */
    static class Service implements Remote {
        private final AtomicInteger calls = new AtomicInteger();
        private Callable<? extends @Nullable Object> answer = () -> "ok";

        @SuppressWarnings("unchecked")
        private <T> T answer() throws IOException {
            calls.incrementAndGet();
            try {
                return (T) answer.call();
            } catch (IOException | RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        private <T> CompletableFuture<T> stage() {
            try {
                return this.<CompletableFuture<T>>answer();
            } catch (IOException e) {
                return CompletableFuture.failedFuture(e);
            }
        }

        @Override
        public CompletableFuture<String> fetch(String id) {
            return stage();
        }

        @Override
        public String load(String id) throws IOException {
            return answer();
        }

        @Override
        public void load(int id) throws IOException {
            answer();
        }

        @Override
        public CompletionStage<String> slow() {
            return stage();
        }

        @Override
        public CompletionStage<String> narrow() {
            return stage();
        }

        @Override
        public int limited() {
            return 5;
        }

        @Override
        public String perTenant(@Nullable Object tenant, String query) {
            return tenant + query;
        }

        @Override
        public String toString() {
            return "service";
        }
    }

    private final Service service = new Service();
    private final Remote remote = GuardedProxy.of(Remote.class, service, registry(Map.of()));

    // ---- calls

    @Test
    void anAsynchronousMethodIsRetriedAndThenItsBreakerOpens() {
        service.answer = () -> {
            throw new IOException("down");
        };
        for (int i = 1; i <= 2; i++) {
            CompletableFuture<String> end = remote.fetch("a");
            assertThat(end).isNotDone();
            time.advance(Duration.ofSeconds(1));
            assertThat(end).isCompletedExceptionally();
            assertThat(service.calls).hasValue(2 * i);
        }
        assertThatThrownBy(() -> remote.fetch("a").join()).hasCauseInstanceOf(CircuitBreakerOpenException.class);
        service.answer = () -> CompletableFuture.completedFuture("ok");
        time.advance(Duration.ofSeconds(10));
        assertThat(remote.fetch("a").join()).isEqualTo("ok");
    }

    @Test
    void eachOverloadHasABreakerOfItsOwnAndExceptionsComeOutAsThemselves() throws IOException {
        IOException down = new IOException("down");
        service.answer = () -> {
            throw down;
        };
        assertThatThrownBy(() -> remote.load("a")).isSameAs(down);
        assertThatThrownBy(() -> remote.load("a")).isInstanceOf(CircuitBreakerOpenException.class);
        service.answer = () -> "ok";
        remote.load(1);
        RuntimeException odd = new IllegalStateException("odd");
        service.answer = () -> {
            throw odd;
        };
        assertThatThrownBy(() -> remote.load(1)).isSameAs(odd);
        AssertionError error = new AssertionError("broken");
        Service broken = new Service() {
            @Override
            public String load(String id) {
                throw error;
            }
        };
        assertThatThrownBy(() -> GuardedProxy.of(Remote.class, broken).load("a"))
                .isSameAs(error);
    }

    @Test
    void timeoutsBulkheadsAndLimitsHold() {
        service.answer = CompletableFuture::new;
        CompletionStage<String> slow = remote.slow();
        time.advance(Duration.ofMillis(800));
        assertThatThrownBy(() -> slow.toCompletableFuture().join()).hasCauseInstanceOf(CallTimeoutException.class);
        CompletionStage<String> first = remote.narrow();
        assertThatThrownBy(() -> remote.narrow().toCompletableFuture().join())
                .hasCauseInstanceOf(BulkheadFullException.class);
        first.toCompletableFuture().cancel(true);
        assertThat(remote.narrow().toCompletableFuture()).isNotDone();
        assertThat(remote.limited() + remote.limited()).isEqualTo(10);
        assertThatThrownBy(remote::limited).isInstanceOf(RateLimitExceededException.class);
    }

    @Test
    void eachKeyHasItsOwnLimitAndANullKeyIsRefused() {
        assertThat(remote.perTenant(1, "q")).isEqualTo("1q");
        assertThat(remote.perTenant("2", "q")).isEqualTo("2q");
        assertThatThrownBy(() -> remote.perTenant("1", "q")).isInstanceOf(RateLimitExceededException.class);
        assertThatThrownBy(() -> remote.perTenant(null, "q"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("needs one of every call");
    }

    @Test
    void whatIsNotAnnotatedGoesToTheImplementationAndObjectsMethodsMakeSense() {
        assertThat(remote.plain()).isEqualTo("default of service");
        assertThat(remote).hasToString("GuardedProxy(Remote, service)").hasSameHashCodeAs(service);
        assertThat(remote).isEqualTo(GuardedProxy.of(Remote.class, service));
        assertThat(remote).isNotEqualTo(service).isNotEqualTo(GuardedProxy.of(Remote.class, new Service()));
        assertThat(remote.equals(null)).isFalse();
    }

    interface Bare {
        int twice(int n);

        void nothing();
    }

    @Test
    void aProxyOfAProxyAndAVoidMethodWork() {
        List<String> heard = new ArrayList<>();
        Bare bare = new Bare() {
            @Override
            public int twice(int n) {
                return 2 * n;
            }

            @Override
            public void nothing() {
                heard.add("nothing");
            }
        };
        Bare twice = GuardedProxy.of(Bare.class, GuardedProxy.of(Bare.class, bare));
        assertThat(twice.twice(4)).isEqualTo(8);
        twice.nothing();
        assertThat(heard).containsExactly("nothing");
    }

    // ---- order and names

    interface Ordered {
        @WithTimeout(value = "1s", order = 0)
        @WithRetry(maxRetries = 9, baseDelay = "400ms", jitter = false, backoffFactor = 1)
        CompletableFuture<String> overall();

        @WithTimeout("1s")
        @WithRetry(maxRetries = 1, baseDelay = "400ms", jitter = false)
        CompletableFuture<String> each();
    }

    @Test
    void theOrderSaysWhetherATimeoutIsOfAllAttemptsOrOfEach() {
        AtomicInteger calls = new AtomicInteger();
        Ordered ordered = GuardedProxy.of(
                Ordered.class,
                new Ordered() {
                    @Override
                    public CompletableFuture<String> overall() {
                        calls.incrementAndGet();
                        return CompletableFuture.failedFuture(new IOException());
                    }

                    @Override
                    public CompletableFuture<String> each() {
                        calls.incrementAndGet();
                        return new CompletableFuture<>();
                    }
                },
                registry(Map.of()));
        CompletableFuture<String> overall = ordered.overall();
        time.advance(Duration.ofSeconds(1));
        assertThat(overall).isDone();
        assertThat(calls).hasValue(3);
        calls.set(0);
        CompletableFuture<String> each = ordered.each();
        time.advance(Duration.ofMillis(2_399));
        assertThat(each).isNotDone();
        time.advance(Duration.ofMillis(1));
        assertThatThrownBy(each::join).hasCauseInstanceOf(CallTimeoutException.class);
        assertThat(calls).hasValue(2);
    }

    interface Sharing {
        @WithCircuitBreaker(name = "shared", failureThreshold = 1)
        String one();

        @WithCircuitBreaker(name = "shared")
        String two();
    }

    @Test
    void aNameIsSharedWithinAProxyAndWithTheRegistry() {
        Sharing down = new Sharing() {
            @Override
            public String one() {
                throw new IllegalStateException("down");
            }

            @Override
            public String two() {
                return "ok";
            }
        };
        Sharing alone = GuardedProxy.of(Sharing.class, down);
        assertThatThrownBy(alone::one).hasMessage("down");
        assertThatThrownBy(alone::two).isInstanceOf(CircuitBreakerOpenException.class);
        assertThat(GuardedProxy.of(Sharing.class, down).two()).isEqualTo("ok");

        WeirRegistry registry = registry(Map.of("weir.breaker.shared.failure-threshold", 3));
        Sharing first = GuardedProxy.of(Sharing.class, down, registry);
        Sharing second = GuardedProxy.of(Sharing.class, down, registry);
        assertThatThrownBy(first::one).hasMessage("down");
        assertThatThrownBy(second::one).hasMessage("down");
        assertThat(second.two()).isEqualTo("ok"); // the file says 3, and a success starts anew
        assertThat(registry.guards(CircuitBreaker.class)).hasSize(1);
        assertThat(registry.breaker("shared").metrics().failures()).isEqualTo(2);
    }

    interface Described {
        @WithRetry
        String call() throws IOException;
    }

    @Test
    void theRegistrysDefaultsHoldForWhatIsNotGiven() {
        AtomicInteger calls = new AtomicInteger();
        WeirRegistry registry = WeirRegistry.builder()
                .runtime(runtime)
                .retries(r -> r.baseDelay(Duration.ZERO))
                .settings(Map.of("weir.retry.default.max-retries", 6))
                .build();
        Described described = GuardedProxy.of(
                Described.class,
                () -> {
                    throw new IOException("" + calls.incrementAndGet());
                },
                registry);
        assertThatThrownBy(described::call).hasMessage("7");
        assertThat(registry.guards(io.weir.Guard.class)).isEmpty();
    }

    // ---- inheritance

    interface Base<T, R> {
        @WithCircuitBreaker(failureThreshold = 1)
        R get(T id);

        @WithCircuitBreaker(failureThreshold = 1)
        R other(@LimitKey T id);
    }

    interface OfString extends Base<String, CompletableFuture<String>> {
        @Override
        CompletableFuture<String> get(String id);

        @Override
        @WithRateLimit
        CompletableFuture<String> other(String id);
    }

    @Test
    void annotationsAreInheritedAlsoThroughTypeVariablesAndOneMethodHasOneBreaker() {
        OfString failing = new OfString() {
            @Override
            public CompletableFuture<String> get(String id) {
                return CompletableFuture.failedFuture(new IOException("down"));
            }

            @Override
            public CompletableFuture<String> other(String id) {
                return CompletableFuture.completedFuture(id);
            }
        };
        OfString guarded = GuardedProxy.of(OfString.class, failing);
        assertThatThrownBy(() -> guarded.get("a").join()).hasRootCauseMessage("down");
        Base<String, CompletableFuture<String>> raw = guarded;
        assertThatThrownBy(() -> raw.get("a").join()).hasCauseInstanceOf(CircuitBreakerOpenException.class);
        assertThat(raw.other("a").join()).isEqualTo("a");
    }

    interface Plainly extends Base<String, CompletionStage<String>> {}

    @Test
    void aTypeVariableThatStandsForAStageMakesTheMethodAsynchronous() {
        Plainly plainly = new Plainly() {
            @Override
            public CompletionStage<String> get(String id) {
                return CompletableFuture.failedFuture(new IOException("down"));
            }

            @Override
            public CompletionStage<String> other(String id) {
                return CompletableFuture.completedFuture(id);
            }
        };
        assertThatThrownBy(() -> GuardedProxy.of(Plainly.class, plainly))
                .hasMessageContaining("@LimitKey on Plainly.other");
    }

    interface Left {
        @WithCircuitBreaker(failureThreshold = 1)
        String both();
    }

    interface Right {
        String both();
    }

    interface Both extends Left, Right, Supplier<String> {}

    @Test
    void aMethodOfTwoInterfacesIsOneAndThoseOfTheJdkWork() {
        Both both = GuardedProxy.of(Both.class, new Both() {
            @Override
            public String both() {
                throw new IllegalStateException("down");
            }

            @Override
            public String get() {
                return "got";
            }
        });
        assertThatThrownBy(((Right) both)::both).hasMessage("down");
        assertThatThrownBy(((Left) both)::both).isInstanceOf(CircuitBreakerOpenException.class);
        assertThat(both.get()).isEqualTo("got");
        Supplier<?> supplier = GuardedProxy.of(Supplier.class, () -> "s");
        assertThat(supplier.get()).isEqualTo("s");
    }

    // ---- misuse

    private static void refused(Runnable misuse, String... why) {
        assertThatThrownBy(misuse::run)
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(e -> {
                    for (String each : why) {
                        assertThat(e).hasMessageContaining(each);
                    }
                });
    }

    interface Wrong {
        @WithTimeout("soon")
        @WithRetry(maxRetries = -2, jitterFactor = 3)
        String words();

        @WithTimeout
        String missing();

        @WithRetry
        Future<String> future();

        @WithRetry
        java.util.concurrent.Flow.Publisher<String> publisher();

        @WithRateLimit
        String rateless();

        @WithRateLimit
        String twoKeys(@LimitKey String a, @LimitKey String b);

        String keyAlone(@LimitKey String a);

        @WithRetry
        String toString();

        @WithRetry
        static String helper() {
            return "";
        }

        @WithCircuitBreaker(name = "n", failureThreshold = 1)
        void first();

        @WithCircuitBreaker(name = "n", failureThreshold = 2)
        void second();
    }

    static class WrongService implements Wrong {
        @Override
        public String words() {
            return "";
        }

        @Override
        public String missing() {
            return "";
        }

        @Override
        public Future<String> future() {
            return new CompletableFuture<>();
        }

        @Override
        public java.util.concurrent.Flow.Publisher<String> publisher() {
            return s -> {};
        }

        @Override
        public String rateless() {
            return "";
        }

        @Override
        public String twoKeys(String a, String b) {
            return "";
        }

        @Override
        public String keyAlone(String a) {
            return "";
        }

        @Override
        public void first() {}

        @Override
        @WithRetry
        public final void second() {}
    }

    @Test
    void everythingThatCantWorkIsToldAtOnce() {
        refused(
                () -> GuardedProxy.of(Wrong.class, new WrongService()),
                "@WithTimeout.value on Wrong.words() = \"soon\": allowed is a duration",
                "@WithRetry.maxRetries on Wrong.words() = -2: ",
                "@WithRetry.jitterFactor on Wrong.words() = 3.0: ",
                "timeout 'Wrong.missing()': duration is missing",
                "Wrong.future() returns java.util.concurrent.Future, whose end a guard would miss",
                "Wrong.publisher() returns java.util.concurrent.Flow$Publisher",
                "limiter 'Wrong.rateless()': ",
                "@LimitKey on Wrong.twoKeys(String, String): allowed is one parameter",
                "@LimitKey on Wrong.keyAlone(String): allowed beside @WithRateLimit",
                "Wrong.toString(): Object's methods can't be guarded",
                "@WithRetry on Wrong.helper(): can't work on a static or private method",
                "is otherwise described by @WithCircuitBreaker on Wrong.first()",
                "@WithRetry on WrongService.second: can't work on a class's method");
    }

    sealed interface Sealed permits Permitted {}

    static final class Permitted implements Sealed {}

    @Test
    @SuppressWarnings({"unchecked", "rawtypes"})
    void whatIsNoInterfaceForAProxyIsRefused() {
        refused(() -> GuardedProxy.of(Service.class, service), "Service is no interface");
        refused(() -> GuardedProxy.of(WithRetry.class, annotation()), "is no interface");
        refused(() -> GuardedProxy.of(Sealed.class, new Permitted()), "is sealed");
        refused(() -> GuardedProxy.of((Class) Bare.class, service), "isn't implemented by target");
    }

    private static WithRetry annotation() {
        try {
            return Described.class.getMethod("call").getAnnotation(WithRetry.class);
        } catch (NoSuchMethodException e) {
            throw new AssertionError(e);
        }
    }

    interface Named {
        @WithCircuitBreaker(name = "biling")
        String breaker();

        @WithRateLimit(name = "plain")
        String keyed(@LimitKey String tenant);

        @WithRateLimit(name = "tenants")
        String unkeyed();

        @WithRateLimit(name = "adaptive")
        String adaptive();
    }

    @Test
    void namesThatTheRegistryDoesntKnowAreRefusedWithTheNearest() {
        WeirRegistry registry = registry(Map.of(
                "weir.breaker.billing.failure-threshold", 3,
                "weir.limiter.plain.rate", 5,
                "weir.adaptive-limiter.adaptive.initial-rate", 5,
                "weir.keyed-limiter.tenants.default-rate", 5));
        Named named = new Named() {
            @Override
            public String breaker() {
                return "";
            }

            @Override
            public String keyed(String tenant) {
                return "";
            }

            @Override
            public String unkeyed() {
                return "";
            }

            @Override
            public String adaptive() {
                return "";
            }
        };
        assertThatThrownBy(() -> GuardedProxy.of(Named.class, named, registry))
                .hasMessageStartingWith("3 problems:")
                .hasMessageContaining(
                        "breaker 'biling' is unknown to the registry, and not described here; did you mean 'billing'?")
                .hasMessageContaining("limiter 'plain' isn't keyed")
                .hasMessageContaining("limiter 'tenants' is keyed");
    }
}
