package io.weir.http;

import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/** What a request's headers may be. The messages never show a value: it may be a secret. */
final class Headers {
    /** What the transport sets itself, and doesn't let be set. */
    private static final Set<String> RESTRICTED = Set.of("connection", "content-length", "expect", "host", "upgrade");

    private Headers() {}

    /** A token of RFC 9110, section 5.6.2. */
    static void requireName(String name) {
        Objects.requireNonNull(name, "header");
        boolean token = !name.isEmpty()
                && name.chars()
                        .allMatch(c -> c >= '0' && c <= '9'
                                || c >= 'a' && c <= 'z'
                                || c >= 'A' && c <= 'Z'
                                || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
        if (!token) {
            throw new IllegalArgumentException(
                    "header = '" + BaseUrl.printable(name) + "': allowed are letters, digits and !#$%&'*+-.^_`|~");
        }
        if (RESTRICTED.contains(name.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException(
                    "header = '" + name + "': allowed is none that the transport itself sets ("
                            + String.join(", ", RESTRICTED.stream().sorted().toList()) + ")");
        }
    }

    static void requireValue(String name, String value) {
        Objects.requireNonNull(value, "value");
        if (!value.chars().allMatch(c -> c >= ' ' && c <= 0xff && c != 0x7f || c == '\t')) {
            throw new IllegalArgumentException("value of header '" + name
                    + "' (not shown): allowed are ISO 8859-1 characters, no control characters or line ends");
        }
    }
}
