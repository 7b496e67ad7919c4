package io.weir.programs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.RateLimitExceededException;
import io.weir.programs.Domain.AsyncBilling;
import io.weir.programs.Domain.Billing;
import io.weir.programs.Domain.Hits;
import io.weir.programs.Domain.Invoice;
import io.weir.programs.Domain.Query;
import io.weir.programs.Domain.User;
import java.net.ConnectException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The programs about tenants, the registry and annotations, against stand-ins for the remote services. */
class RegistryProgramsTest {
    private static final class StandIn implements AsyncBilling {
        @Override
        public CompletableFuture<Invoice> invoice(long id) {
            return CompletableFuture.completedFuture(new Invoice(id, 100));
        }

        @Override
        public CompletionStage<Hits> search(Query q) {
            return CompletableFuture.completedFuture(new Hits(List.of(q.tenant(), q.text())));
        }

        @Override
        public CompletableFuture<Void> delete(long id) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<Invoice> cheap(long id) {
            return invoice(id);
        }
    }

    @Test
    void aTenantPaysItsOwnRateAndTheModelsTokens() {
        P04Tenant program = new P04Tenant();
        Query query = new Query("acme", "shoes", 1_500);
        assertThat(program.search(new StandIn(), query).join().ids()).containsExactly("acme", "shoes");
        assertThat(program.llm.availableTokens()).isBetween(88_500.0, 89_900.0);
        assertThat(program.reqs.availableTokens()).isBetween(59.0, 60.0);
        assertThat(program.deco(new StandIn()).apply(query).join().ids()).hasSize(2);
        assertThat(program.http429("small")).isEqualTo(200);
        program.tenants.tryAcquire("small", program.tenants.availableTokens("small"));
        assertThatThrownBy(() -> program.search(new StandIn(), new Query("small", "shoes", 50 * 1_000))
                        .thenCombine(program.search(new StandIn(), new Query("small", "shoes", 1)), (a, b) -> a)
                        .join())
                .hasCauseInstanceOf(RateLimitExceededException.class);
    }

    @Test
    void aRegistrysPipelineGuardsACallAndKnowsItsGuards() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        new P07Registry().go(new Billing() {
            @Override
            public Invoice invoice(long id) {
                calls.incrementAndGet();
                return new Invoice(id, 100);
            }

            @Override
            public Invoice invoice(String ref) {
                throw new AssertionError(ref);
            }

            @Override
            public void delete(long id) {
                throw new AssertionError(id);
            }

            @Override
            public User user(String id) {
                throw new AssertionError(id);
            }
        });
        assertThat(calls).hasValue(1);
    }

    @Test
    void anAnnotatedRemoteIsRetriedAndLimitedByTenant() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        P13Annotations.Remote remote = new P13Annotations().wrap(new P13Annotations.Remote() {
            @Override
            public CompletableFuture<Invoice> invoice(long id) {
                return calls.incrementAndGet() == 1
                        ? CompletableFuture.failedFuture(new ConnectException("refused"))
                        : CompletableFuture.completedFuture(new Invoice(id, 100));
            }

            @Override
            public Hits search(String tenant, String q) {
                return new Hits(List.of(tenant, q));
            }
        });
        assertThat(remote.invoice(7).join().id()).isEqualTo(7);
        assertThat(calls).hasValue(2);
        assertThat(remote.search("acme", "shoes").ids()).containsExactly("acme", "shoes");
    }
}
