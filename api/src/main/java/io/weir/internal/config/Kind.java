package io.weir.internal.config;

import io.weir.Guard;
import io.weir.WeirRuntime;
import io.weir.internal.Layers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A kind of guard that words can describe: its name, how one is built, and its parameters. Immutable.
 *
 * @param <G> the guards
 * @param <B> their builders
 */
public final class Kind<G extends Guard, B> {
    private final String word;
    private final Class<G> type;
    private final BiFunction<String, WeirRuntime, B> begin;
    private final Finish<G, B> finish;
    private final Consumer<? super G> close;
    private final Map<String, BiConsumer<B, Object>> parameters;

    /** Builds a guard. */
    interface Finish<G, B> {
        G build(String name, WeirRuntime runtime, B builder);
    }

    private Kind(Definition<G, B> definition) {
        this.word = definition.word;
        this.type = definition.type;
        this.begin = definition.begin;
        this.finish = definition.finish;
        this.close = definition.close;
        this.parameters = definition.parameters;
    }

    /** A kind in the making. */
    static final class Definition<G extends Guard, B> {
        private final String word;
        private final Class<G> type;
        private final BiFunction<String, WeirRuntime, B> begin;
        private final Finish<G, B> finish;
        private Consumer<? super G> close = guard -> {};
        private final Map<String, BiConsumer<B, Object>> parameters = new LinkedHashMap<>();

        Definition(String word, Class<G> type, BiFunction<String, WeirRuntime, B> begin, Finish<G, B> finish) {
            this.word = word;
            this.type = type;
            this.begin = begin;
            this.finish = finish;
        }

        Definition<G, B> with(String parameter, BiConsumer<B, Object> setter) {
            parameters.put(parameter, setter);
            return this;
        }

        Definition<G, B> closedBy(Consumer<? super G> closing) {
            close = closing;
            return this;
        }

        Kind<G, B> define() {
            return new Kind<>(this);
        }
    }

    /** As it is called in keys. */
    public String word() {
        return word;
    }

    public Class<G> type() {
        return type;
    }

    /** The names of the parameters. */
    public Set<String> parameters() {
        return parameters.keySet();
    }

    /** Whether both are the same, wherever they were given. */
    public static boolean same(Map<String, Value> one, Map<String, Value> other) {
        return one.size() == other.size()
                && one.entrySet().stream().allMatch(each -> {
                    Value value = other.get(each.getKey());
                    return value != null && value.isSame(each.getValue());
                });
    }

    /**
     * Builds a guard, or says all that is wrong.
     *
     * @param name the guard's
     * @param runtime the guard's
     * @param steps what is applied to the builder, the most general first
     * @param problems is told what is wrong
     * @return null if there is a problem
     */
    public @Nullable G build(
            String name, WeirRuntime runtime, List<? extends Step<? super B>> steps, List<String> problems) {
        int before = problems.size();
        B builder = begin.apply(name, runtime);
        for (Step<? super B> step : steps) {
            Layers.next(builder);
            step.apply(builder, problems);
        }
        if (problems.size() > before) {
            return null;
        }
        try {
            return finish.build(name, runtime, builder);
        } catch (IllegalArgumentException e) {
            problems.add(word + " '" + name + "'" + given(steps) + ": " + e.getMessage());
            return null;
        }
    }

    /** What words say of a guard that can't be: for a failure that belongs to no one of them. */
    private static String given(List<? extends Step<?>> steps) {
        List<String> given = new ArrayList<>();
        for (Step<?> step : steps) {
            if (step instanceof WordsStep<?> words) {
                words.values.values().forEach(value -> given.add(value.toString()));
            }
        }
        return given.isEmpty() ? "" : " (" + String.join(", ", given) + ")";
    }

    /** A part of a guard's description. */
    @FunctionalInterface
    public interface Step<B> {
        void apply(B builder, List<String> problems);
    }

    /** A description by code. */
    public static <B> Step<B> byCode(String where, Consumer<? super B> code) {
        return (builder, problems) -> {
            try {
                code.accept(builder);
            } catch (IllegalArgumentException e) {
                problems.add(where + ": " + e.getMessage());
            }
        };
    }

    /** The description by code that a map holds for this kind; one that says nothing if it holds none. */
    @SuppressWarnings("unchecked") // put there under this kind's word, by a method that takes this kind's builder
    public Step<B> byCodeOf(Map<String, Consumer<?>> descriptions, String where) {
        Consumer<?> code = descriptions.get(word);
        return code == null ? (builder, problems) -> {} : byCode(where, (Consumer<? super B>) code);
    }

    /** Tries the description by code that a map holds for this kind, and builds nothing. */
    public void check(WeirRuntime runtime, Map<String, Consumer<?>> descriptions, List<String> problems) {
        byCodeOf(descriptions, "the defaults of " + word).apply(begin.apply("default", runtime), problems);
    }

    /** A description by words. */
    public Step<B> byWords(Map<String, Value> values) {
        return new WordsStep<>(parameters, values);
    }

    private record WordsStep<B>(Map<String, BiConsumer<B, Object>> parameters, Map<String, Value> values)
            implements Step<B> {
        @Override
        public void apply(B builder, List<String> problems) {
            values.forEach((parameter, value) -> {
                try {
                    Objects.requireNonNull(parameters.get(parameter), parameter).accept(builder, value.given());
                } catch (IllegalArgumentException e) {
                    problems.add(value + ": " + e.getMessage());
                }
            });
        }
    }

    /** Closes a guard that nobody else closes. */
    public void close(Guard guard) {
        close.accept(type.cast(guard));
    }

    /** All problems as one failure. */
    public static IllegalArgumentException failure(List<String> problems) {
        List<String> lines = problems.stream().distinct().toList();
        return new IllegalArgumentException(
                lines.size() == 1 ? lines.get(0) : lines.size() + " problems:\n  " + String.join("\n  ", lines));
    }

    @Override
    public String toString() {
        return word;
    }
}
