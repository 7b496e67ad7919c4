package io.weir.http;

import java.net.http.HttpHeaders;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** A response that is a success, read to its end. Immutable and thread-safe. */
public final class ApiResponse {
    private final int status;
    private final HttpHeaders headers;
    private final byte[] body;

    ApiResponse(int status, HttpHeaders headers, byte[] body) {
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    /** The HTTP status, 200 to 299. */
    public int status() {
        return status;
    }

    /** The headers; names are looked up without regard to case. */
    public HttpHeaders headers() {
        return headers;
    }

    /**
     * The first value of a header.
     *
     * @param name in any case
     */
    public Optional<String> header(String name) {
        return headers.firstValue(name);
    }

    /** A copy of the body; empty if there was none. */
    public byte[] body() {
        return body.clone();
    }

    /** The body as text, in the charset that its {@code Content-Type} names, or else UTF-8. */
    public String text() {
        return new String(body, charset());
    }

    /** The body itself, for the package's own readers, who don't change it. */
    byte[] bytes() {
        return body;
    }

    private Charset charset() {
        String type = headers.firstValue("Content-Type").orElse("").toLowerCase(Locale.ROOT);
        int at = type.indexOf("charset=");
        if (at < 0) {
            return StandardCharsets.UTF_8;
        }
        String name = type.substring(at + "charset=".length()).replace("\"", "");
        int end = name.indexOf(';');
        try {
            return Charset.forName((end < 0 ? name : name.substring(0, end)).strip());
        } catch (IllegalArgumentException unknown) {
            return StandardCharsets.UTF_8;
        }
    }

    /** The status and the size; never the content. */
    @Override
    public String toString() {
        return "ApiResponse(" + status + ", " + body.length + " bytes)";
    }
}
