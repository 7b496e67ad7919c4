package io.weir.http;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a client tells the service who it is. Immutable; compared by value. The key is sent and nothing else: it is in no {@link #toString}, log or exception,
 * also not when the service repeats it in its answer.
 */
public final class Auth {
    private static final Auth NONE = new Auth("none", null, "", "");
    private static final String HIDDEN = "***";
    /** A shorter key hides nothing, and to replace it would tear messages to pieces. */
    private static final int SHORTEST_HIDDEN = 4;

    private final String kind;
    private final @Nullable String header;
    private final String value;
    private final String secret;

    private Auth(String kind, @Nullable String header, String value, String secret) {
        this.kind = kind;
        this.header = header;
        this.value = value;
        this.secret = secret;
    }

    /** Tells the service nothing. */
    public static Auth none() {
        return NONE;
    }

    /**
     * {@code Authorization: Bearer …}, RFC 6750.
     *
     * @param token visible ASCII characters, at least one
     */
    public static Auth bearer(String token) {
        requireVisible("token", token);
        return new Auth("bearer", "Authorization", "Bearer " + token, token);
    }

    /**
     * A key in a header of the service's choice.
     *
     * @param header the header's name, {@code X-Api-Key} say
     * @param key visible ASCII characters, at least one
     */
    public static Auth apiKey(String header, String key) {
        Headers.requireName(header);
        requireVisible("key", key);
        return new Auth("api-key", header, key, key);
    }

    /** The message doesn't show the value, which is a secret however wrong it is. */
    private static void requireVisible(String name, String secret) {
        Objects.requireNonNull(secret, name);
        if (secret.isEmpty() || !secret.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException(
                    name + " (not shown): allowed are visible ASCII characters without blanks, at least one");
        }
    }

    /** Whether a header is the one that this sets. */
    boolean owns(String name) {
        return header != null && header.equalsIgnoreCase(name);
    }

    void apply(HttpRequest.Builder request) {
        if (header != null) {
            request.setHeader(header, value);
        }
    }

    /** The text without the key. */
    String redacted(String text) {
        return secret.length() < SHORTEST_HIDDEN ? text : text.replace(secret, HIDDEN);
    }

    /** The bytes without the key. */
    byte[] redacted(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1); // one character a byte
        return secret.length() >= SHORTEST_HIDDEN && text.contains(secret)
                ? redacted(text).getBytes(StandardCharsets.ISO_8859_1)
                : bytes;
    }

    /** The failure or, if the key is in the message of it or of one of its causes, a stand-in without the key. */
    Throwable redacted(Throwable failure) {
        int depth = 0;
        for (Throwable each = failure; each != null && depth < 32; each = each.getCause(), depth++) {
            String text = each.toString();
            if (!redacted(text).equals(text)) {
                IOException standIn = new IOException(redacted(failure.toString()));
                standIn.setStackTrace(failure.getStackTrace());
                return standIn;
            }
        }
        return failure;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Auth that
                && that.kind.equals(kind)
                && Objects.equals(that.header, header)
                && that.value.equals(value);
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, header, value);
    }

    /** The kind and the header's name; never the key. */
    @Override
    public String toString() {
        return "Auth(" + kind + (header == null ? ")" : ", " + header + ")");
    }
}
