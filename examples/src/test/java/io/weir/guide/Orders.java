package io.weir.guide;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The service that the samples call: fails as told, then answers. */
final class Orders {
    record Order(long id, String status) {}

    static final class NotFound extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private final Deque<Exception> failures = new ArrayDeque<>();
    int asked;

    Orders failingWith(Exception... next) {
        failures.addAll(List.of(next));
        return this;
    }

    Order find(long id) throws IOException {
        asked++;
        Exception failure = failures.poll();
        if (failure instanceof IOException e) {
            throw e;
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        return new Order(id, "shipped");
    }

    CompletableFuture<Order> findAsync(long id) {
        try {
            return CompletableFuture.completedFuture(find(id));
        } catch (Exception e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    CompletableFuture<List<Order>> search(String text) {
        return CompletableFuture.completedFuture(List.of(new Order(1, text)));
    }
}
