package io.weir.internal.config;

import java.util.Collection;
import java.util.stream.Collectors;

/**
 * A parameter's value as it was given.
 *
 * @param where it was given: a key, or an annotation's element; for messages
 * @param given a text, a number, a boolean, or a collection of texts or classes; compared by value
 */
public record Value(String where, Object given) {

    /** Whether the same was given, wherever, and whether as a text or not. */
    boolean isSame(Value other) {
        return given.equals(other.given) || asText(given).equals(asText(other.given));
    }

    private static String asText(Object given) {
        return given instanceof Collection<?> parts
                ? parts.stream().map(String::valueOf).collect(Collectors.joining(","))
                : given.toString().strip();
    }

    @Override
    public String toString() {
        return where + " = " + (given instanceof String text ? '"' + text + '"' : given);
    }
}
