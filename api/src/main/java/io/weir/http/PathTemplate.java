package io.weir.http;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A path with holes, {@code /v1/{model}/chat}. What fills a hole is one segment, or a part of one: it is percent-encoded whole, slashes
 * included, so that it can add neither a segment nor a query. That it isn't {@code ".."} is seen to by {@link BaseUrl}.
 */
final class PathTemplate {
    private final String template;
    /** Text at even places, a parameter's name at odd ones. */
    private final List<String> parts;

    private PathTemplate(String template, List<String> parts) {
        this.template = template;
        this.parts = parts;
    }

    static PathTemplate of(String template) {
        Objects.requireNonNull(template, "path");
        List<String> parts = new ArrayList<>();
        int at = 0;
        while (true) {
            int open = template.indexOf('{', at);
            int stray = template.indexOf('}', at);
            if (open < 0) {
                if (stray >= 0) {
                    throw bad(template);
                }
                parts.add(template.substring(at));
                return new PathTemplate(template, List.copyOf(parts));
            }
            int close = template.indexOf('}', open);
            String name = close < 0 ? "" : template.substring(open + 1, close);
            boolean named = !name.isEmpty()
                    && name.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '_' || c == '-' || c == '.');
            if (stray < open || !named) {
                throw bad(template);
            }
            parts.add(template.substring(at, open));
            parts.add(name);
            at = close + 1;
        }
    }

    private static IllegalArgumentException bad(String template) {
        return new IllegalArgumentException("path = '" + BaseUrl.printable(template)
                + "': allowed is a path with parameters as {name}, of letters, digits, '_', '-' and '.'");
    }

    /** The names of the parameters. */
    Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        for (int i = 1; i < parts.size(); i += 2) {
            names.add(parts.get(i));
        }
        return names;
    }

    /**
     * The path.
     *
     * @param given first choice
     * @param defaults second choice
     */
    String fill(Map<String, ?> given, Map<String, String> defaults) {
        for (String name : given.keySet()) {
            requireKnown(name);
        }
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < parts.size(); i++) {
            if (i % 2 == 0) {
                path.append(parts.get(i));
            } else {
                String name = parts.get(i);
                Object value = given.get(name);
                BaseUrl.encode(required(name, value == null ? defaults.get(name) : value.toString()), path);
            }
        }
        return path.toString();
    }

    void requireKnown(String name) {
        if (!names().contains(name)) {
            throw new IllegalArgumentException("path parameter '" + BaseUrl.printable(name)
                    + "': allowed are those of the path '" + template + "', " + names());
        }
    }

    /** Segments of dots are refused here too, where the parameter can be named. */
    private String required(String name, @Nullable String value) {
        if (value == null
                || value.isEmpty()
                || value.equals(".")
                || value.equals("..")
                || value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "path parameter '" + name + "'"
                            + (value == null ? " is missing" : " = '" + BaseUrl.printable(value) + "'")
                            + ": allowed is text of at least one character, no control characters, and neither \".\" nor \"..\"");
        }
        return value;
    }

    @Override
    public String toString() {
        return template;
    }
}
