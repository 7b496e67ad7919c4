package io.weir.programs;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.Guard;
import io.weir.executor.RateLimitedExecutor;
import io.weir.guard.Bulkhead;
import io.weir.programs.Domain.AsyncBilling;
import io.weir.programs.Domain.Billing;
import io.weir.programs.Domain.Hits;
import io.weir.programs.Domain.Invoice;
import io.weir.programs.Domain.Query;
import io.weir.programs.Domain.User;
import io.weir.ratelimit.EndpointRateLimiter;
import io.weir.ratelimit.RateLimiter;
import io.weir.ratelimit.TokenBucketRateLimiter;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The programs of executors, queue and rates, run against billing services that are made up. */
class ExecutorProgramsTest {

    private static final class Blocking implements Billing {
        final Queue<Long> invoices = new ConcurrentLinkedQueue<>();
        final Queue<Long> starts = new ConcurrentLinkedQueue<>();
        final AtomicInteger inFlight = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();

        @Override
        public Invoice invoice(long id) {
            starts.add(System.nanoTime());
            int now = inFlight.incrementAndGet();
            most.accumulateAndGet(now, Math::max);
            Thread.yield();
            invoices.add(id);
            inFlight.decrementAndGet();
            return new Invoice(id, 100);
        }

        @Override
        public Invoice invoice(String ref) {
            return new Invoice(ref.length(), 100);
        }

        @Override
        public void delete(long id) {}

        @Override
        public User user(String id) {
            return new User(id, "t");
        }
    }

    private static final class Async implements AsyncBilling {
        final Queue<Long> invoices = new ConcurrentLinkedQueue<>();

        @Override
        public CompletableFuture<Invoice> invoice(long id) {
            invoices.add(id);
            return CompletableFuture.completedFuture(new Invoice(id, 100));
        }

        @Override
        public CompletionStage<Hits> search(Query q) {
            return CompletableFuture.completedFuture(new Hits(List.of()));
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

    /** A virtual thread a task where there are such threads, else a plain one. */
    private static ExecutorService threads() throws ReflectiveOperationException {
        try {
            return (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (NoSuchMethodException before21) {
            return Executors.newCachedThreadPool(task -> {
                Thread thread = new Thread(task, "program");
                thread.setDaemon(true);
                return thread;
            });
        }
    }

    @Test
    void aThreadForEachInvoiceStartsTenASecondAndFiveAtOnce() throws Exception {
        Blocking billing = new Blocking();
        ExecutorService threads = threads();
        List<Long> ids = LongStream.range(0, 13).boxed().toList();
        new P03Virtual().go(threads, billing, ids);
        threads.shutdown();
        assertThat(billing.invoices).containsExactlyInAnyOrderElementsOf(ids);
        assertThat(billing.most.get()).isLessThanOrEqualTo(5);
        List<Long> starts = billing.starts.stream().sorted().toList();
        assertThat(starts.get(12) - starts.get(0))
                .as("ten at once, and the rest later")
                .isGreaterThan(TimeUnit.MILLISECONDS.toNanos(150));
    }

    @Test
    void aReservationIsAwaitedIfItIsNear() throws Exception {
        RateLimiter limiter = TokenBucketRateLimiter.of("l", 10);
        new P03Virtual().reservation(limiter);
        assertThat(limiter.availableTokens()).isBetween(5.0, 6.0);
        limiter.reserve(10);
        limiter.reserve(10);
        new P03Virtual().reservation(limiter); // too far: cancelled
        assertThat(limiter.estimatedWait(1).toMillis()).isBetween(500L, 1_600L);
    }

    @Test
    void anInterruptedCallReturnsWithTheFlagSet() throws Exception {
        RateLimitedExecutor executor = RateLimitedExecutor.of("x", 0.001, 1);
        executor.run(() -> {});
        Guard guard = executor;
        CompletableFuture<Boolean> flag = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            new P03Virtual().interrupted(guard, new Blocking());
            flag.complete(Thread.currentThread().isInterrupted());
        });
        caller.start();
        while (executor.waiting() == 0) {
            Thread.onSpinWait();
        }
        caller.interrupt();
        assertThat(flag.get(30, TimeUnit.SECONDS)).isTrue();
        executor.close();
    }

    @Test
    void theQueueWorksOffWhatIsPut() throws Exception {
        Async service = new Async();
        new P12Queue().go(service, Guard.none(), new Blocking());
        assertThat(service.invoices)
                .as("put, all of a list, and mapped")
                .containsExactlyInAnyOrder(1L, 2L, 1L, 2L, 1L, 2L);
    }

    @Test
    void ratesAndLimitsChangeWhileInUse() {
        TokenBucketRateLimiter limiter = TokenBucketRateLimiter.of("l", 10);
        EndpointRateLimiter endpoints = EndpointRateLimiter.builder("e").build();
        Bulkhead bulkhead = Bulkhead.of("b", 1);
        new P15Rerate().go(limiter, endpoints, bulkhead);
        assertThat(limiter.toString()).contains("3000.0 per PT1M, maxTokens=100.0");
        assertThat(limiter.availableTokens()).isEqualTo(100);
        assertThat(endpoints.tryAcquire("api/v1/search", 5)).isTrue();
        assertThat(endpoints.estimatedWait("api/v1/search", 5).toMillis()).isBetween(500L, 1_000L);
        assertThat(bulkhead.maxConcurrent()).isEqualTo(50);
    }
}
