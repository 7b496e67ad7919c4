package io.weir.programs;

import java.io.IOException;
import java.util.*;
import java.util.concurrent.*;

class Domain {
    record Invoice(long id, int cents) {}

    record User(String id, String tenant) {}

    record Query(String tenant, String text, int cost) {}

    record Hits(List<String> ids) {}

    static class ValidationException extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    static class NotFound extends Exception {
        private static final long serialVersionUID = 1;
    }

    interface Billing {
        Invoice invoice(long id) throws IOException;

        Invoice invoice(String ref) throws IOException;

        void delete(long id) throws IOException, NotFound;

        User user(String id);
    }

    interface AsyncBilling {
        CompletableFuture<Invoice> invoice(long id);

        CompletionStage<Hits> search(Query q);

        CompletableFuture<Void> delete(long id);

        CompletableFuture<Invoice> cheap(long id) throws IOException;
    }

    static Map<Long, Invoice> cache = new ConcurrentHashMap<>();
}
