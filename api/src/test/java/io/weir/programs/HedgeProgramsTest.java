package io.weir.programs;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.Guard;
import io.weir.guard.Hedge;
import io.weir.programs.Domain.AsyncBilling;
import io.weir.programs.Domain.Hits;
import io.weir.programs.Domain.Invoice;
import io.weir.programs.Domain.Query;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Runs {@link P11Hedge} against stand-ins. */
class HedgeProgramsTest {

    private record Replica(CompletableFuture<Invoice> answer) implements AsyncBilling {
        @Override
        public CompletableFuture<Invoice> invoice(long id) {
            return answer;
        }

        @Override
        public CompletionStage<Hits> search(Query q) {
            throw new AssertionError();
        }

        @Override
        public CompletableFuture<Void> delete(long id) {
            throw new AssertionError();
        }

        @Override
        public CompletableFuture<Invoice> cheap(long id) {
            throw new AssertionError();
        }
    }

    @Test
    void theFirstAttemptGoesToTheFirstReplicaAndACutCallCancelsIt() {
        Invoice invoice = new Invoice(1, 1);
        Replica first = new Replica(new CompletableFuture<>());
        Replica second = new Replica(new CompletableFuture<>());
        CompletableFuture<Invoice> future = new P11Hedge().go(List.of(first, second));
        assertThat(future).isNotDone();
        first.answer().complete(invoice);
        assertThat(future).isCompletedWithValue(invoice);

        Replica cut = new Replica(new CompletableFuture<>());
        CompletableFuture<Invoice> cancelled = new P11Hedge().go(List.of(cut, second));
        cancelled.cancel(true);
        assertThat(cut.answer()).isCancelled();
        assertThat(second.answer()).isNotDone();
    }

    @Test
    void aStatementThatHangsIsHedgedAndThenCancelled() throws Exception {
        Queue<Integer> cancelled = new ConcurrentLinkedQueue<>();
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger statements = new AtomicInteger();
        Connection connection = proxy(Connection.class, (method, argument) -> {
            assertThat(method).isEqualTo("createStatement");
            return statement(statements.incrementAndGet(), cancelled, end);
        });
        Guard hedge = Hedge.of(Duration.ofMillis(1));
        assertThat(new P11Hedge().blocking(hedge, connection)).isEqualTo(new Invoice(1, 1));
        assertThat(end.await(20, TimeUnit.SECONDS)).as("the first is freed").isTrue();
        assertThat(cancelled).containsExactly(1);
    }

    /** The first hangs until it is cancelled, deaf to interrupts, as a driver is. */
    private static Statement statement(int number, Queue<Integer> cancelled, CountDownLatch end) {
        CountDownLatch freed = new CountDownLatch(1);
        return proxy(Statement.class, (method, argument) -> {
            switch (method) {
                case "cancel" -> {
                    cancelled.add(number);
                    freed.countDown();
                }
                case "execute" -> {
                    while (number == 1 && freed.getCount() > 0) {
                        Thread.onSpinWait();
                    }
                    if (number == 1) {
                        throw new SQLException("cancelled");
                    }
                    return true;
                }
                case "close" -> {
                    if (number == 1) {
                        end.countDown();
                    }
                }
                default -> assertThat(method).isEqualTo("setQueryTimeout");
            }
            return null;
        });
    }

    private interface Answer {
        Object to(String method, Object argument) throws SQLException;
    }

    private static <T> T proxy(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> answer.to(method.getName(), arguments)));
    }
}
