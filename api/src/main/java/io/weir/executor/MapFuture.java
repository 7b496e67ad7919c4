package io.weir.executor;

import io.weir.Failures;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** All results of many calls, or the first failure. */
final class MapFuture<R extends @Nullable Object> extends CompletableFuture<List<R>> {
    /** The filling thread's until {@link #start}. */
    private final List<CompletableFuture<R>> parts = new ArrayList<>();
    /** Parts that have not ended, and one more until {@link #start}. */
    private final AtomicInteger left = new AtomicInteger(1);

    /** One more call; its result comes behind those of the calls before. */
    void add(CompletableFuture<R> part) {
        parts.add(part);
        left.incrementAndGet();
        part.whenComplete((result, failure) -> {
            if (failure != null) {
                completeExceptionally(Failures.unwrap(failure));
            }
            countDown();
        });
    }

    /** All are in. */
    void start() {
        whenComplete((results, failure) -> cancelAll()); // whoever completed it; does nothing if all have ended
        countDown();
    }

    private void countDown() {
        if (left.decrementAndGet() == 0 && !isDone()) {
            List<R> results = new ArrayList<>(parts.size());
            for (CompletableFuture<R> part : parts) {
                results.add(part.join());
            }
            complete(Collections.unmodifiableList(results));
        }
    }

    /** The last first: those in line go before a slot comes free for them. */
    private void cancelAll() {
        for (int i = parts.size() - 1; i >= 0; i--) {
            parts.get(i).cancel(true);
        }
    }
}
