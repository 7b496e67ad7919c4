package io.weir.ratelimit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An item of a structured field's list (RFC 9651), as far as rate-limit headers use it: a name, quoted or not, and parameters.
 *
 * @param name without its quotes
 */
record StructuredItem(String name, Map<String, String> parameters) {

    @Nullable
    String parameter(String key) {
        return parameters.get(key);
    }

    /** The items of a list; none if a quote is left open or an item is empty, as then all of it is in doubt. */
    static List<StructuredItem> list(String text) {
        List<StructuredItem> items = new ArrayList<>();
        for (String item : split(text, ',')) {
            List<String> parts = split(item, ';');
            if (parts.isEmpty() || parts.get(0).isEmpty()) {
                return List.of();
            }
            Map<String, String> parameters = new HashMap<>();
            for (String part : parts.subList(1, parts.size())) {
                int equals = part.indexOf('=');
                String key = equals < 0 ? part : part.substring(0, equals).strip();
                parameters.put(
                        key,
                        equals < 0
                                ? ""
                                : unquoted(part.substring(equals + 1).strip())); // the last one counts: RFC 9651
            }
            items.add(new StructuredItem(unquoted(parts.get(0)), Map.copyOf(parameters)));
        }
        return items;
    }

    /** The parts between separators that are not within quotes; none if a quote is left open. */
    private static List<String> split(String text, char separator) {
        List<String> parts = new ArrayList<>();
        boolean quoted = false;
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted && c == '\\') {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == separator && !quoted) {
                parts.add(text.substring(from, i).strip());
                from = i + 1;
            }
        }
        if (quoted) {
            return List.of();
        }
        parts.add(text.substring(from).strip());
        return parts;
    }

    private static String unquoted(String text) {
        return text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"")
                ? text.substring(1, text.length() - 1)
                : text;
    }
}
