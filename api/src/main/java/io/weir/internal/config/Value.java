package io.weir.internal.config;

/**
 * A parameter's value as it was given.
 *
 * @param where it was given: a key, or an annotation's element; for messages
 * @param given a text, a number, a boolean, or a collection of texts or classes; compared by value
 */
public record Value(String where, Object given) {

    /** Whether the same was given, wherever. */
    boolean isSame(Value other) {
        return given.equals(other.given);
    }

    @Override
    public String toString() {
        return where + " = " + (given instanceof String text ? '"' + text + '"' : given);
    }
}
