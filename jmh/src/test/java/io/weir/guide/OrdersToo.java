package io.weir.guide;

import java.io.IOException;

/** The service that the samples of other libraries call. */
final class OrdersToo {
    record Order(long id) {}

    Order find(long id) throws IOException {
        if (id < 0) {
            throw new IOException("no such order");
        }
        return new Order(id);
    }
}
