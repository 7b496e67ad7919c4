package io.weir.http;

import java.io.IOException;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/**
 * Makes of a successful response what the caller asked for.
 *
 * @param <T> the result
 */
@FunctionalInterface
interface BodyReader<T extends @Nullable Object> {

    T read(ApiResponse response) throws IOException;

    /** A reader for a type: text, bytes, nothing, the response itself, or else what the codec makes of JSON. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals", "NullAway"
    }) // the callers pass the type that T stands for
    static <T extends @Nullable Object> BodyReader<T> of(Type type, @Nullable JsonCodec codec) {
        if (type == String.class) {
            return response -> (T) response.text();
        }
        if (type == byte[].class) {
            return response -> (T) response.body();
        }
        if (type == Void.class || type == void.class) {
            return response -> (T) null;
        }
        if (type == ApiResponse.class) {
            return response -> (T) response;
        }
        if (codec == null) {
            throw new IllegalArgumentException("type = " + type.getTypeName()
                    + ": allowed without a JsonCodec are String, byte[], Void and ApiResponse;"
                    + " give the client's builder a codec(JsonCodec) for anything else");
        }
        return response -> (T) codec.read(response.bytes(), type);
    }
}
