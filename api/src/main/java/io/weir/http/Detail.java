package io.weir.http;

import org.jspecify.annotations.Nullable;

/**
 * Finds the text under the key {@code detail} of a JSON object, where RFC 9457 (problem details) puts the explanation. A scan that knows
 * strings and nesting and nothing more: it takes what isn't JSON, or is cut off, for an object without that key.
 */
final class Detail {
    private static final int MAX_CHARS = 500;
    private static final String KEY = "detail";

    private final String text;
    private int at;

    private Detail(String text) {
        this.text = text;
    }

    /** The detail for people: without control characters, cut to a few hundred characters; null if there is none. */
    static @Nullable String of(String text) {
        return new Detail(text).find();
    }

    private @Nullable String find() {
        skipBlanks();
        if (at >= text.length() || text.charAt(at) != '{') {
            return null;
        }
        int depth = 0;
        boolean key = false;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '"') {
                String string = string();
                if (string == null) {
                    return null;
                }
                if (depth == 1 && key && string.equals(KEY)) {
                    return value();
                }
                key = false;
                continue;
            }
            switch (c) {
                case '{', '[' -> {
                    depth++;
                    key = c == '{';
                }
                case '}', ']' -> depth--;
                case ',' -> key = true; // in an array too, but there is no key at depth 1 of an array in an object
                default -> {
                    // a number, a literal, a colon, a blank
                }
            }
            at++;
        }
        return null;
    }

    private @Nullable String value() {
        skipBlanks();
        if (at >= text.length() || text.charAt(at) != ':') {
            return null;
        }
        at++;
        skipBlanks();
        if (at >= text.length() || text.charAt(at) != '"') {
            return null;
        }
        String value = string();
        return value == null || value.isBlank() ? null : printable(value);
    }

    private void skipBlanks() {
        while (at < text.length() && text.charAt(at) <= ' ') {
            at++;
        }
    }

    /** The string that begins here; null if it doesn't end. */
    private @Nullable String string() {
        StringBuilder string = new StringBuilder();
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                return string.toString();
            }
            if (c == '\\') {
                if (++at >= text.length()) {
                    return null;
                }
                c = escaped();
            }
            if (string.length() <= MAX_CHARS) {
                string.append(c);
            }
        }
        return null;
    }

    private char escaped() {
        char c = text.charAt(at);
        switch (c) {
            case 'n', 'r', 't', 'b', 'f' -> {
                return ' ';
            }
            case 'u' -> {
                if (at + 4 < text.length()) {
                    try {
                        char decoded = (char) Integer.parseInt(text, at + 1, at + 5, 16);
                        at += 4;
                        return decoded;
                    } catch (NumberFormatException notHex) {
                        return c;
                    }
                }
                return c;
            }
            default -> {
                return c;
            }
        }
    }

    /** Fit for one line of a log. */
    private static String printable(String value) {
        StringBuilder line = new StringBuilder(Math.min(value.length(), MAX_CHARS + 1));
        for (int i = 0; i < value.length() && i < MAX_CHARS; i++) {
            char c = value.charAt(i);
            boolean plain = !Character.isISOControl(c) && Character.getType(c) != Character.FORMAT;
            line.append(plain && c != '\u2028' && c != '\u2029' ? c : ' ');
        }
        return (value.length() > MAX_CHARS ? line.append('…') : line).toString();
    }
}
