/**
 * The lock-free primitives of Weir: token buckets, circuit-breaker state machines, concurrency permits and a timer. Everything here is
 * synchronous, never blocks, and allocates nothing on its hot paths.
 */
// Agrona ships no descriptor, only a stable automatic name.
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"})
module io.weir.engine {
    requires transitive org.agrona;
    requires org.jctools.core;
    requires static transitive org.jspecify;

    exports io.weir.engine.bucket;
    exports io.weir.engine.breaker;
    exports io.weir.engine.permit;
    exports io.weir.engine.time;
}
