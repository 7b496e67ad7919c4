/** The HTTP client's JSON by Jackson. */
module io.weir.jackson {
    requires transitive io.weir.api;
    requires transitive com.fasterxml.jackson.databind;
    requires static transitive org.jspecify;

    exports io.weir.jackson;

    provides io.weir.http.JsonCodec with
            io.weir.jackson.JacksonCodec;
}
