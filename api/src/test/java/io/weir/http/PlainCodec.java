package io.weir.http;

import java.io.IOException;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;

/** A codec that is good enough to see what goes in and out: {@code toString} one way, "type:text" the other. */
public final class PlainCodec implements JsonCodec {
    @Override
    public Object read(byte[] json, Type type) throws IOException {
        String text = new String(json, StandardCharsets.UTF_8);
        if (text.startsWith("!")) {
            throw new IOException("not JSON: " + text);
        }
        return type == Integer.class ? (Object) Integer.valueOf(text) : type.getTypeName() + ":" + text;
    }

    @Override
    public byte[] write(Object value) throws IOException {
        if (value instanceof Thread) {
            throw new IOException("a thread is nothing to be written");
        }
        return ("json " + value).getBytes(StandardCharsets.UTF_8);
    }
}
