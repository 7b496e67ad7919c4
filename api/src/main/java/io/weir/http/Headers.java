package io.weir.http;

import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/** What a request's headers, method and timeout may be. The messages never show a value: it may be a secret. */
final class Headers {
    /** What the transport sets itself, and doesn't let be set. */
    private static final Set<String> RESTRICTED = Set.of("connection", "content-length", "expect", "host", "upgrade");

    private Headers() {}

    /** A token of RFC 9110, section 5.6.2. */
    static void requireName(String name) {
        Objects.requireNonNull(name, "header");
        if (!isToken(name)) {
            throw new IllegalArgumentException(
                    "header = '" + BaseUrl.printable(name) + "': allowed are letters, digits and !#$%&'*+-.^_`|~");
        }
        if (RESTRICTED.contains(name.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException(
                    "header = '" + name + "': allowed is none that the transport itself sets ("
                            + String.join(", ", RESTRICTED.stream().sorted().toList()) + ")");
        }
    }

    private static boolean isToken(String text) {
        return !text.isEmpty()
                && text.chars()
                        .allMatch(c -> c >= '0' && c <= '9'
                                || c >= 'a' && c <= 'z'
                                || c >= 'A' && c <= 'Z'
                                || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
    }

    static String requireMethod(String method) {
        Objects.requireNonNull(method, "method");
        if (!isToken(method) || method.equals("CONNECT")) {
            throw new IllegalArgumentException("method = '" + BaseUrl.printable(method)
                    + "': allowed are letters, digits and !#$%&'*+-.^_`|~, and any name but CONNECT");
        }
        return method;
    }

    /** A day is more than anybody waits, and far from what a clock reading can take. */
    static Duration requireTimeout(String name, Duration timeout) {
        if (timeout.isZero() || timeout.isNegative() || timeout.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException(name + " = " + timeout + ": allowed is more than 0 and at most PT24H");
        }
        return timeout;
    }

    static void requireValue(String name, String value) {
        Objects.requireNonNull(value, "value");
        if (!value.chars().allMatch(c -> c >= ' ' && c <= 0xff && c != 0x7f || c == '\t')) {
            throw new IllegalArgumentException("value of header '" + name
                    + "' (not shown): allowed are ISO 8859-1 characters, no control characters or line ends");
        }
    }
}
