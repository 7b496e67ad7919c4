package io.weir.http;

import java.io.IOException;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/** Turns JSON into objects and back: the place where a JSON library is plugged in. Thread-safe. */
public interface JsonCodec {

    /**
     * Reads a value.
     *
     * @param json a whole JSON text
     * @param type what it is to become
     * @return a value of that type
     * @throws IOException if the text isn't JSON, or doesn't fit the type
     */
    @Nullable
    Object read(byte[] json, Type type) throws IOException;

    /**
     * Writes a value.
     *
     * @param value to be written
     * @return a whole JSON text in UTF-8
     * @throws IOException if the value can't be written
     */
    byte[] write(@Nullable Object value) throws IOException;
}
