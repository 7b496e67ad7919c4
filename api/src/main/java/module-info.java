/** Async and blocking facades over Weir's engine, their composition, and an HTTP client that wears them. */
module io.weir.api {
    requires transitive io.weir.engine;
    requires static transitive org.jspecify;
    requires transitive java.net.http;

    exports io.weir;
    exports io.weir.annotation;
    exports io.weir.breaker;
    exports io.weir.event;
    exports io.weir.executor;
    exports io.weir.guard;
    exports io.weir.http;
    exports io.weir.ratelimit;
    exports io.weir.registry;
    exports io.weir.retry;

    uses io.weir.http.JsonCodec;
}
