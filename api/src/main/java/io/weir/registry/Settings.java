package io.weir.registry;

import io.weir.internal.config.Kind;
import io.weir.internal.config.Kinds;
import io.weir.internal.config.Value;
import io.weir.internal.config.Words;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a file says: values by kind, name and parameter, and pipelines by name. Immutable once read. */
final class Settings {
    static final String DEFAULT = "default";
    static final String PIPELINE = "pipeline";

    private static final String ROOT = "weir";

    /**
     * A guard of a pipeline.
     *
     * @param kind the guard's
     * @param name the guard's
     */
    record Part(Kind<?, ?> kind, String name) {
        @Override
        public String toString() {
            return kind + ":" + name;
        }
    }

    /**
     * A pipeline.
     *
     * @param where it was given
     * @param parts outermost first
     */
    record Line(Value where, List<Part> parts) {}

    /** Values by parameter, by name, by kind's word. */
    private final Map<String, Map<String, Map<String, Value>>> values = new LinkedHashMap<>();

    private final Map<String, Line> pipelines = new LinkedHashMap<>();

    private Settings() {}

    static Settings none() {
        return new Settings();
    }

    /** Reads all; what is wrong is added to the problems. Keys that don't begin with "weir." are somebody else's. */
    static Settings read(Map<?, ?> map, List<String> problems) {
        Settings settings = new Settings();
        map.forEach((key, value) -> settings.read(String.valueOf(key), value, problems));
        return settings;
    }

    private void read(String key, @Nullable Object given, List<String> problems) {
        int dot = key.indexOf('.');
        String root = dot < 0 ? key : key.substring(0, dot);
        if (!root.equals(ROOT)) {
            if (isMisspelt(root)) {
                problems.add(key + ": unknown, as it doesn't begin with '" + ROOT + ".'");
            }
            return;
        }
        if (!(given instanceof String
                || given instanceof Number
                || given instanceof Boolean
                || given instanceof Collection)) {
            problems.add(key + " = "
                    + (given == null ? "null" : "a " + given.getClass().getName())
                    + ": allowed is a text, a number, a boolean, or a list of texts");
            return;
        }
        Value value = new Value(key, given);
        int kindEnd = dot < 0 ? -1 : key.indexOf('.', dot + 1);
        String kind = dot < 0 ? "" : key.substring(dot + 1, kindEnd < 0 ? key.length() : kindEnd);
        if (kindEnd < 0 || !kind.equals(PIPELINE) && !Kinds.byWords().containsKey(kind)) {
            problems.add(key + ": unknown; " + (isKindOrPipeline(kind) ? form() : kindSuggestion(kind)));
            return;
        }
        String rest = key.substring(kindEnd + 1);
        if (kind.equals(PIPELINE)) {
            readPipeline(rest, value, problems);
            return;
        }
        int nameEnd = rest.lastIndexOf('.');
        if (nameEnd < 1) {
            problems.add(key + ": unknown; " + form());
            return;
        }
        read(
                Objects.requireNonNull(Kinds.byWords().get(kind)),
                rest.substring(0, nameEnd),
                rest.substring(nameEnd + 1),
                value,
                problems);
    }

    private static boolean isMisspelt(String root) {
        return root.equalsIgnoreCase(ROOT)
                || root.length() == ROOT.length() && sorted(root).equals(sorted(ROOT));
    }

    private static String sorted(String text) {
        return text.chars().sorted().mapToObj(c -> String.valueOf((char) c)).collect(Collectors.joining());
    }

    private static boolean isKindOrPipeline(String word) {
        return word.equals(PIPELINE) || Kinds.byWords().containsKey(word);
    }

    private static String form() {
        return "allowed is weir.<kind>.<name or default>.<parameter>, or weir.pipeline.<name>";
    }

    private static String kindSuggestion(String word) {
        Set<String> known = new LinkedHashSet<>(Kinds.byWords().keySet());
        known.add(PIPELINE);
        return Words.suggestion(word, known);
    }

    private void read(Kind<?, ?> kind, String name, String parameter, Value value, List<String> problems) {
        if (!kind.parameters().contains(parameter)) {
            problems.add(value.where() + ": unknown; " + Words.suggestion(parameter, kind.parameters()));
            return;
        }
        values.computeIfAbsent(kind.word(), word -> new LinkedHashMap<>())
                .computeIfAbsent(name, each -> new LinkedHashMap<>())
                .put(parameter, value);
    }

    private void readPipeline(String name, Value value, List<String> problems) {
        if (name.isEmpty() || name.equals(DEFAULT)) {
            problems.add(value.where() + ": allowed is a name other than '" + name + "'");
            return;
        }
        int before = problems.size();
        List<Part> parts = words(value, problems).stream()
                .flatMap(word -> part(word, name, value, problems))
                .toList();
        if (problems.size() == before) {
            pipelines.put(name, new Line(value, parts));
        }
    }

    private static List<String> words(Value value, List<String> problems) {
        try {
            return Words.list(value.given());
        } catch (IllegalArgumentException e) {
            problems.add(value + ": " + e.getMessage());
            return List.of();
        }
    }

    private static Stream<Part> part(String word, String pipeline, Value value, List<String> problems) {
        int colon = word.indexOf(':');
        String kindWord = colon < 0 ? word : word.substring(0, colon).strip();
        String name = colon < 0 ? pipeline : word.substring(colon + 1).strip();
        Kind<?, ?> kind = Kinds.byWords().get(kindWord);
        if (kind == null) {
            problems.add(value + ": '" + kindWord + "' is no kind of guard; "
                    + Words.suggestion(kindWord, Kinds.byWords().keySet()));
            return Stream.of();
        }
        if (name.isEmpty() || name.equals(DEFAULT)) {
            problems.add(value + ": '" + word + "' names no guard; allowed is a kind, or kind:name");
            return Stream.of();
        }
        return Stream.of(new Part(kind, name));
    }

    private Map<String, Map<String, Value>> of(Kind<?, ?> kind) {
        return values.getOrDefault(kind.word(), Map.of());
    }

    Map<String, Value> defaults(Kind<?, ?> kind) {
        return of(kind).getOrDefault(DEFAULT, Map.of());
    }

    Map<String, Value> own(Kind<?, ?> kind, String name) {
        return of(kind).getOrDefault(name, Map.of());
    }

    /** All that is in force for a guard. */
    Map<String, Value> merged(Kind<?, ?> kind, String name) {
        Map<String, Value> merged = new LinkedHashMap<>(defaults(kind));
        merged.putAll(own(kind, name));
        return merged;
    }

    /** What is in force for a guard and given for all of its kind. */
    Map<String, Value> inherited(Kind<?, ?> kind, String name) {
        Map<String, Value> inherited = new LinkedHashMap<>(defaults(kind));
        inherited.keySet().removeAll(own(kind, name).keySet());
        return inherited;
    }

    /** The names that have values of their own. */
    Set<String> names(Kind<?, ?> kind) {
        Set<String> names = new LinkedHashSet<>(of(kind).keySet());
        names.remove(DEFAULT);
        return names;
    }

    Map<String, Line> pipelines() {
        return Collections.unmodifiableMap(pipelines);
    }
}
