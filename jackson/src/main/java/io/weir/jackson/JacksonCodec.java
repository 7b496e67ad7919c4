package io.weir.jackson;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.weir.http.JsonCodec;
import java.io.IOException;
import java.lang.reflect.Type;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * JSON by Jackson. A client that is given no codec finds this one, if the module is there, with a mapper that knows Jackson's own types,
 * the modules on the class path, and ignores properties that it doesn't know, as services add new ones. Thread-safe.
 */
public final class JacksonCodec implements JsonCodec {
    private final ObjectMapper mapper;

    /** A codec with a mapper of its own. */
    public JacksonCodec() {
        this(JsonMapper.builder()
                .findAndAddModules()
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .build());
    }

    private JacksonCodec(ObjectMapper mapper) {
        this.mapper = mapper;
    }

    /**
     * A codec with a given mapper.
     *
     * @param mapper not to be reconfigured any more
     */
    public static JacksonCodec of(ObjectMapper mapper) {
        return new JacksonCodec(Objects.requireNonNull(mapper, "mapper"));
    }

    @Override
    public @Nullable Object read(byte[] json, Type type) throws IOException {
        return mapper.readValue(json, mapper.constructType(type));
    }

    @Override
    public byte[] write(@Nullable Object value) throws IOException {
        return mapper.writeValueAsBytes(value);
    }

    @Override
    public String toString() {
        return "JacksonCodec";
    }
}
