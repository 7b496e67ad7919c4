package io.weir.programs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.CircuitBreakerOpenException;
import io.weir.Guard;
import io.weir.Pipeline;
import io.weir.breaker.CircuitBreaker;
import io.weir.http.ApiClient;
import io.weir.http.AuthenticationException;
import io.weir.http.JsonCodec;
import io.weir.http.ServerException;
import io.weir.http.TestService;
import io.weir.programs.Domain.AsyncBilling;
import io.weir.programs.Domain.Billing;
import io.weir.programs.Domain.Hits;
import io.weir.programs.Domain.Invoice;
import io.weir.programs.Domain.NotFound;
import io.weir.programs.Domain.Query;
import io.weir.programs.Domain.User;
import io.weir.programs.Domain.ValidationException;
import io.weir.ratelimit.EndpointRateLimiter;
import io.weir.retry.Retry;
import io.weir.retry.RetryConfig;
import io.weir.testkit.VirtualTime;
import java.io.IOException;
import java.lang.reflect.Type;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs the programs that show how the API is used, against stand-ins for the services they call. */
@Timeout(60)
class ProgramsTest {
    private static final Invoice INVOICE = new Invoice(1, 995);
    private static final Query QUERY = new Query("acme", "all", 1);
    private static final Query EXPENSIVE = new Query("acme", "all", 4);

    private final LocalBilling billing = new LocalBilling();
    private final RemoteBilling remote = new RemoteBilling();

    /** The blocking service; fails first as often as it is told. */
    private static final class LocalBilling implements Billing {
        int failures;
        int invoked;

        private void maybeFail() throws IOException {
            invoked++;
            if (failures > 0) {
                failures--;
                throw new ConnectException("refused");
            }
        }

        @Override
        public Invoice invoice(long id) throws IOException {
            maybeFail();
            return new Invoice(id, 995);
        }

        @Override
        public Invoice invoice(String ref) throws IOException {
            return invoice(ref.length());
        }

        @Override
        public void delete(long id) throws IOException, NotFound {
            maybeFail();
            throw new NotFound();
        }

        @Override
        public User user(String id) {
            return new User(id, "acme");
        }
    }

    /** The asynchronous one, which answers on the spot. */
    private static final class RemoteBilling implements AsyncBilling {
        final AtomicInteger invoked = new AtomicInteger();

        @Override
        public CompletableFuture<Invoice> invoice(long id) {
            invoked.incrementAndGet();
            return CompletableFuture.completedFuture(new Invoice(id, 995));
        }

        @Override
        public CompletionStage<Hits> search(Query q) {
            return CompletableFuture.completedStage(new Hits(List.of(q.text())));
        }

        @Override
        public CompletableFuture<Void> delete(long id) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<Invoice> cheap(long id) throws IOException {
            if (id < 0) {
                throw new IOException("no such invoice");
            }
            return CompletableFuture.completedFuture(new Invoice(id, 1));
        }
    }

    /** Reads every list as one with the same invoice. */
    private static final class InvoiceCodec implements JsonCodec {
        @Override
        public Object read(byte[] json, Type type) {
            return List.of(INVOICE);
        }

        @Override
        public byte[] write(Object value) {
            return String.valueOf(value).getBytes(StandardCharsets.UTF_8);
        }
    }

    @AfterEach
    void emptyTheCache() {
        Domain.cache.clear();
    }

    @Test
    void p01BlockingCallsReturnResultsAndThrowTheirOwnExceptions() throws Exception {
        var program = new P01Blocking();
        billing.failures = 2;
        assertThat(program.get(billing, 7)).isEqualTo(new Invoice(7, 995));
        assertThat(billing.invoked).isEqualTo(3);
        assertThat(program.retry.metrics().retries()).isEqualTo(2);
        assertThat(program.user(billing)).isEqualTo(new User("x", "acme"));
        // NotFound says that the service works: excluded by the breaker, though the retry tried it again
        assertThatThrownBy(() -> program.del(billing)).isExactlyInstanceOf(NotFound.class);
        assertThat(program.breaker.metrics().excluded()).isEqualTo(1);
        // and what a guard says, says who: the program reports it and goes on
        program.breaker.forceOpen();
        program.del(billing);
        assertThat(program.refusals).containsExactly("billing refuses; come back in Optional.empty");
        assertThatThrownBy(() -> program.get(billing, 1)).isInstanceOf(CircuitBreakerOpenException.class);
    }

    @Test
    void p02AsyncCallsComposeAndFailAsTheyShould() {
        var program = new P02Async();
        var breaker = CircuitBreaker.of("search");
        var limiter = EndpointRateLimiter.builder("endpoints").defaultRate(5).build();
        Guard guard = Pipeline.of(breaker, limiter);
        assertThat(program.go(guard, remote, QUERY).join()).isEqualTo("all");
        assertThat(limiter.availableTokens("api/v1/search"))
                .as("2.5 paid under the call's key")
                .isBetween(2.5, 4.0);
        assertThat(program.chain(breaker, remote).join()).isEqualTo(1);
        assertThat(program.wide(breaker, remote).join()).isEqualTo(995);
        assertThat(program.vd(breaker, remote).join()).isNull();
        assertThat(program.branch(breaker, remote, QUERY).join().ids()).containsExactly("all");
        assertThatThrownBy(() -> program.branch(breaker, remote, EXPENSIVE).join())
                .hasCauseInstanceOf(ValidationException.class);
        breaker.forceOpen();
        assertThat(program.go(guard, remote, QUERY).join()).isEqualTo("cached");
    }

    @Test
    void p05TheAdaptiveLimiterFollowsTheHeaders() {
        try (var service = new TestService()) {
            service.then(200, Map.of("X-RateLimit-Remaining", "50", "X-RateLimit-Reset", "10"), "found");
            String body = new P05Adaptive()
                    .go(HttpClient.newHttpClient(), URI.create(service.url() + "/endpoint"))
                    .join();
            assertThat(body).isEqualTo("found");
            assertThat(service.hits()).isEqualTo(1);
        }
    }

    @Test
    void p06TheLowLevelFormCountsAndRefuses() throws Exception {
        var program = new P06LowLevel();
        var breaker = CircuitBreaker.builder("low").failureThreshold(2).build();
        assertThat(program.get(breaker, billing)).isEqualTo(995);
        program.throwing(breaker, billing);
        assertThat(breaker.metrics().successes()).isEqualTo(2);
        billing.failures = 2;
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> program.get(breaker, billing)).isInstanceOf(IOException.class);
        }
        assertThat(program.get(breaker, billing)).isEqualTo(-1);
        assertThatThrownBy(() -> program.throwing(breaker, billing)).isInstanceOf(CircuitBreakerOpenException.class);
    }

    @Test
    void p08AUnitTestOfRecoveryTakesNoTime() throws Exception {
        new P08UnitTest().opensAndRecovers();
    }

    @Test
    void p09FailuresAreClassifiedByPredicates() {
        var program = new P09Classify();
        assertThatThrownBy(() -> program.b.call(() -> {
                    throw new SQLException("duplicate key", "23505");
                }))
                .isInstanceOf(SQLException.class);
        assertThatThrownBy(() -> program.b.call(() -> {
                    throw new SQLException("gone", "08006");
                }))
                .isInstanceOf(SQLException.class);
        assertThat(program.b.metrics().successes()).isEqualTo(1);
        assertThat(program.b.metrics().failures()).isEqualTo(1);

        var time = new VirtualTime();
        var retry = Retry.of("db", program.r.config(), time.runtimeBuilder().build());
        var attempts = new AtomicInteger();
        var transientFailure = retry.<Integer>execute(() -> {
            if (attempts.incrementAndGet() < 3) {
                throw new SQLTransientException("busy");
            }
            return CompletableFuture.completedFuture(attempts.get());
        });
        time.advance(Duration.ofSeconds(10));
        assertThat(transientFailure.join()).isEqualTo(3);
        var permanent = retry.execute(() -> {
            attempts.incrementAndGet();
            throw new SQLTransientException("excluded by its code", "S", 1);
        });
        assertThat(permanent).isCompletedExceptionally();
        assertThat(attempts).hasValue(4);
        assertThat(program.fn.maxRetries()).isEqualTo(3);
    }

    @Test
    void p10FallbacksStandInForWhatAnOpenBreakerRefuses() throws Exception {
        var program = new P10Fallback();
        Guard retry = Retry.of(
                "retry", RetryConfig.builder().baseDelay(Duration.ofMillis(1)).build());
        var one = new Invoice(1, 995);
        assertThat(program.go(Guard.none(), remote, billing, retry))
                .containsExactly(one, one, new Invoice(42, 995), new Invoice(42, 995), one, one, one);

        var breaker = CircuitBreaker.of("open");
        breaker.forceOpen();
        var nought = new Invoice(0, 0);
        var cached1 = new Invoice(1, 10);
        var cached42 = new Invoice(42, 10);
        Domain.cache.putAll(Map.of(1L, cached1, 42L, cached42));
        int before = remote.invoked.get();
        assertThat(program.go(breaker, remote, billing, retry))
                .containsExactly(nought, nought, cached42, cached42, new Invoice(0, 995), cached1, cached1);
        assertThat(remote.invoked.get() - before)
                .as("the fallback's own call only")
                .isEqualTo(1);
    }

    @Test
    void p14DecoratedFunctionsTakeMethodReferences() throws Exception {
        assertThat(new P14Decorate().go(CircuitBreaker.of("decorated"), remote, billing))
                .containsExactly(
                        995,
                        new Invoice(42, 995),
                        new User("a", "acme"),
                        new Hits(List.of("text")),
                        new Hits(List.of("text")),
                        INVOICE);
    }

    @Test
    void p16TheSeedsUsageRuns() {
        var json = new InvoiceCodec();
        var program = new P16Seed();
        try (var service = new TestService();
                var api = ApiClient.builder(service.url()).codec(json).build();
                var executor = program.executor()) {
            assertThat(program.basic(api)).isEqualTo("ok");
            assertThat(program.basicBlocking(api)).isEqualTo("ok");
            assertThat(program.decorated(api).join()).isEqualTo("ok");
            assertThat(program.retried(api).join()).isEqualTo("ok");
            assertThat(program.integrated(service.url(), json).join()).isEqualTo(995);
            assertThat(program.endpoint(service.url(), json).join()).isEqualTo(200);
            assertThat(program.limited(api)).succeedsWithin(Duration.ofSeconds(10));
            assertThat(program.executed(api, executor).join()).isEqualTo(200);
            assertThat(program.combined(api, executor).join()).isEqualTo("ok");
            assertThat(service.seen.stream().map(TestService.Seen::line))
                    .contains("GET /services/service-123", "POST /pay", "POST /v1/m/chat", "GET /users");
            assertThat(service.seen.stream()
                            .filter(seen -> seen.line().equals("POST /pay"))
                            .map(seen -> seen.header("Authorization")))
                    .containsExactly("Bearer k");

            service.then(401);
            assertThatThrownBy(() -> program.retried(api).join()).hasCauseInstanceOf(AuthenticationException.class);
            service.then(500);
            for (int i = 0; i < 5; i++) {
                assertThatThrownBy(() -> program.decorated(api).join()).hasCauseInstanceOf(ServerException.class);
            }
            int before = service.hits();
            assertThat(program.basic(api)).isEqualTo("c");
            assertThat(program.basicBlocking(api)).isEqualTo("c");
            assertThat(program.combined(api, executor).join()).isEqualTo("c");
            assertThat(service.hits()).as("an open breaker asks no service").isEqualTo(before);
        }
    }
}
