package io.weir.registry;

import io.weir.Guard;
import io.weir.Pipeline;
import io.weir.WeirRuntime;
import io.weir.internal.AbstractGuard;
import io.weir.internal.config.Kind;
import io.weir.internal.config.Kind.Step;
import io.weir.internal.config.Kinds;
import io.weir.internal.config.Maker;
import io.weir.internal.config.Value;
import io.weir.internal.config.Words;
import io.weir.registry.Settings.Line;
import io.weir.registry.Settings.Part;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The guards of a registry, and how they come, change and go. */
final class Guards implements Maker {
    /*
     * state, one reference to an immutable State: the file in force, the guards, and whether it is closed. Every change is a CAS from the state
     * it was computed from; what was made for a state that lost is closed again, and nobody has seen it.
     *
     * G1  One guard a kind and name: an entry is added by the CAS of a state that has none. WeirRegistryRaceTest.
     * G2  A guard is described by the file in force: who adds one has built it from the file in the very state that he replaces, and who replaces
     *     the file has computed the changes of all guards in the very state that he replaces. WeirRegistryRaceTest.
     * G3  Guards end up as the latest file says, whoever is late: changes are made after the CAS, and whoever has made his looks whether his file
     *     is still the one in force, and makes that one's changes to the same guards if not. (A change may be made twice; it is the same.)
     *     WeirRegistryRaceTest.
     * G4  Nothing that was made is left open: it is in the state that close() replaces, or loses its CAS and is closed by its maker.
     */
    private static final System.Logger LOG = System.getLogger("io.weir.registry");

    /** Of pipelines, and of added guards of a kind without a word. */
    private record Id(String kind, String name) {
        @Override
        public String toString() {
            return kind + " '" + name + "'";
        }
    }

    /**
     * A guard, and where it comes from.
     *
     * @param recipe null if it was added ready-made, or is a pipeline
     * @param line null if it is no pipeline of the file's
     */
    private record Entry(
            Guard guard,
            @Nullable Recipe<?, ?> recipe,
            @Nullable Line line) {
        void close() {
            if (recipe != null) {
                recipe.kind.close(guard);
            }
        }
    }

    /**
     * How a guard was made.
     *
     * @param own what code says of it
     * @param values what the file says of it
     */
    private record Recipe<G extends Guard, B>(
            Kind<G, B> kind, String name, Consumer<? super B> own, Map<String, Value> values) {}

    private record State(Settings settings, Map<Id, Entry> entries, boolean closed) {
        State with(Id id, Entry entry) {
            Map<Id, Entry> more = new LinkedHashMap<>(entries);
            more.put(id, entry);
            return new State(settings, more, false);
        }

        State without(Id id) {
            Map<Id, Entry> less = new LinkedHashMap<>(entries);
            less.remove(id);
            return new State(settings, less, false);
        }
    }

    private final WeirRuntime runtime;
    private final Map<String, Consumer<?>> defaults;
    private final AtomicReference<State> state = new AtomicReference<>(new State(Settings.none(), Map.of(), false));

    Guards(WeirRuntime runtime, Map<String, Consumer<?>> defaults) {
        this.runtime = runtime;
        this.defaults = defaults;
    }

    private State open() {
        State seen = state.get();
        if (seen.closed) {
            throw new IllegalStateException("the registry is closed");
        }
        return seen;
    }

    // ---- asking

    @Override
    public <G extends Guard, B> G obtain(Kind<G, B> kind, String name, Consumer<? super B> own) {
        Objects.requireNonNull(own, "description");
        if (name.isEmpty() || name.equals(Settings.DEFAULT)) {
            throw new IllegalArgumentException("name = '" + name + "': allowed is any but '' and 'default'");
        }
        Id id = new Id(kind.word(), name);
        while (true) {
            State seen = open();
            Entry there = seen.entries.get(id);
            if (there != null) {
                return kind.type().cast(there.guard);
            }
            List<String> problems = new ArrayList<>();
            Entry made = make(seen.settings, kind, name, own, problems);
            if (made == null) {
                throw Kind.failure(problems);
            }
            if (state.compareAndSet(seen, seen.with(id, made))) {
                return kind.type().cast(made.guard);
            }
            made.close();
            Thread.onSpinWait();
        }
    }

    @Override
    public <G extends Guard, B> @Nullable G build(
            Kind<G, B> kind, String name, Map<String, Value> own, List<String> problems) {
        Settings settings = open().settings;
        List<Step<? super B>> steps = new ArrayList<>();
        steps.add(kind.byCodeOf(defaults, "the defaults of " + kind));
        steps.add(kind.byWords(settings.defaults(kind)));
        steps.add(kind.byWords(own));
        return kind.build(name, runtime, steps, problems);
    }

    @Override
    public Set<String> names(Kind<?, ?> kind) {
        return namesOf(open(), kind.word());
    }

    private <G extends Guard, B> @Nullable Entry make(
            Settings settings, Kind<G, B> kind, String name, Consumer<? super B> own, List<String> problems) {
        G guard = build(settings, kind, name, own, problems);
        return guard == null
                ? null
                : new Entry(guard, new Recipe<>(kind, name, own, settings.merged(kind, name)), null);
    }

    private <G extends Guard, B> @Nullable G build(
            Settings settings, Kind<G, B> kind, String name, Consumer<? super B> own, List<String> problems) {
        List<Step<? super B>> steps = new ArrayList<>();
        steps.add(kind.byCodeOf(defaults, "the defaults of " + kind));
        steps.add(kind.byWords(settings.inherited(kind, name)));
        steps.add(Kind.byCode(kind + " '" + name + "'", own));
        steps.add(kind.byWords(settings.own(kind, name)));
        return kind.build(name, runtime, steps, problems);
    }

    Guard pipeline(String name) {
        State seen = open();
        Entry there = seen.entries.get(new Id(Settings.PIPELINE, Objects.requireNonNull(name, "name")));
        if (there == null) {
            throw new IllegalArgumentException(
                    "pipeline '" + name + "' is unknown; " + Words.suggestion(name, namesOf(seen, Settings.PIPELINE)));
        }
        return there.guard;
    }

    private static Set<String> namesOf(State seen, String kind) {
        Set<String> names = new LinkedHashSet<>();
        for (Id id : seen.entries.keySet()) {
            if (id.kind.equals(kind)) {
                names.add(id.name);
            }
        }
        return names;
    }

    Set<String> names(Class<? extends Guard> type) {
        Set<String> names = new LinkedHashSet<>();
        open().entries.forEach((id, entry) -> {
            if (type.isInstance(entry.guard)) {
                names.add(id.name);
            }
        });
        return names;
    }

    <G extends Guard> List<G> ofType(Class<G> type) {
        List<G> found = new ArrayList<>();
        for (Entry entry : open().entries.values()) {
            if (type.isInstance(entry.guard)) {
                found.add(type.cast(entry.guard));
            }
        }
        return List.copyOf(found);
    }

    /** As guards of a type are kept: by the word of their kind, or by their class. */
    private static String kindOf(Class<?> type) {
        if (type == Pipeline.class) {
            return Settings.PIPELINE;
        }
        for (Kind<?, ?> kind : Kinds.ALL) {
            if (kind.type().isAssignableFrom(type)) {
                return kind.word();
            }
        }
        return type.getName();
    }

    // ---- adding and removing

    void add(Guard guard) {
        Id id = new Id(kindOf(guard.getClass()), guard.name());
        while (true) {
            State seen = open();
            Entry there = seen.entries.get(id);
            if (there != null && there.guard == guard) {
                return;
            }
            if (there != null) {
                throw new IllegalArgumentException("guard = " + id + ": there is another of this kind and name");
            }
            if (state.compareAndSet(seen, seen.with(id, new Entry(guard, null, null)))) {
                return;
            }
            Thread.onSpinWait();
        }
    }

    boolean remove(Guard guard) {
        while (true) {
            State seen = open();
            Id id = null;
            for (Map.Entry<Id, Entry> each : seen.entries.entrySet()) {
                if (each.getValue().guard == guard) {
                    id = each.getKey();
                } else if (each.getValue().line != null
                        && ((Pipeline) each.getValue().guard).guards().contains(guard)) {
                    throw new IllegalStateException(each.getKey() + " uses '" + guard.name() + "': remove that first");
                }
            }
            if (id == null) {
                return false;
            }
            if (state.compareAndSet(seen, seen.without(id))) {
                Objects.requireNonNull(seen.entries.get(id)).close();
                return true;
            }
            Thread.onSpinWait();
        }
    }

    void close() {
        State last = state.getAndUpdate(seen -> new State(Settings.none(), Map.of(), true));
        last.entries.values().forEach(Entry::close);
    }

    // ---- files

    void begin(Map<String, ?> map) {
        List<String> problems = new ArrayList<>();
        Kinds.ALL.forEach(kind -> kind.check(runtime, defaults, problems));
        replace(map, problems);
    }

    void reload(Map<String, ?> map) {
        open();
        int changed = replace(map, new ArrayList<>());
        LOG.log(Level.INFO, () -> "registry: took new settings, changed " + changed + " guards");
    }

    /** What a file makes of a state: another, and what is to be done once that is in place. */
    private final class Draft {
        final State before;
        final Settings settings;
        final Map<Id, Entry> entries;
        final List<Entry> made = new ArrayList<>();
        final Map<Id, Runnable> changes = new LinkedHashMap<>();
        final List<String> problems = new ArrayList<>();

        Draft(State before, Settings settings) {
            this.before = before;
            this.settings = settings;
            this.entries = new LinkedHashMap<>(before.entries);
        }

        /** Calls the users' descriptions, which may throw what they like. */
        void fill() {
            entries.replaceAll(this::changed);
            for (Kind<?, ?> kind : Kinds.ALL) {
                settings.names(kind).forEach(name -> obtain(kind, name));
            }
            settings.pipelines().forEach(this::pipeline);
        }

        private Entry changed(Id id, Entry entry) {
            return entry.recipe == null ? entry : changed(id, entry, entry.recipe);
        }

        private <G extends Guard, B> Entry changed(Id id, Entry entry, Recipe<G, B> recipe) {
            Map<String, Value> values = settings.merged(recipe.kind, recipe.name);
            if (Kind.same(values, recipe.values)) {
                return entry;
            }
            Runnable change = changeOf(id, entry, recipe);
            if (change == null) {
                return entry;
            }
            changes.put(id, change);
            return new Entry(entry.guard, new Recipe<>(recipe.kind, recipe.name, recipe.own, values), null);
        }

        private <G extends Guard, B> @Nullable Runnable changeOf(Id id, Entry entry, Recipe<G, B> recipe) {
            G template = build(settings, recipe.kind, recipe.name, recipe.own, problems);
            if (template == null) {
                return null;
            }
            try {
                return AbstractGuard.changeTo(entry.guard, template);
            } catch (IllegalArgumentException e) {
                problems.add(id + " can't change so in use: " + e.getMessage());
                return null;
            } finally {
                recipe.kind.close(template);
            }
        }

        private @Nullable Guard obtain(Kind<?, ?> kind, String name) {
            Id id = new Id(kind.word(), name);
            Entry there = entries.get(id);
            if (there != null) {
                if (there.recipe == null && !settings.own(kind, name).isEmpty()) {
                    problems.add(id + " was added ready-made: allowed is to describe it there, or here");
                }
                return there.guard;
            }
            Entry entry = make(settings, kind, name, builder -> {}, problems);
            if (entry == null) {
                return null;
            }
            made.add(entry);
            entries.put(id, entry);
            return entry.guard;
        }

        private void pipeline(String name, Line line) {
            Id id = new Id(Settings.PIPELINE, name);
            Entry there = entries.get(id);
            if (there != null) {
                if (there.line == null || !there.line.parts().equals(line.parts())) {
                    problems.add(line.where() + ": allowed is no change of a pipeline in use, which is " + there.guard
                            + "; remove it first, or give the new one another name");
                }
                return;
            }
            List<Guard> parts = new ArrayList<>();
            for (Part part : line.parts()) {
                int before = problems.size();
                Guard guard = obtain(part.kind(), part.name());
                if (guard == null && problems.size() > before) {
                    problems.set(before, line.where() + ": " + problems.get(before));
                } else if (guard != null) {
                    parts.add(guard);
                }
            }
            if (parts.size() < line.parts().size()) {
                return;
            }
            try {
                entries.put(id, new Entry(Pipeline.of(parts).named(name), null, line));
            } catch (IllegalArgumentException e) {
                problems.add(line.where() + ": " + e.getMessage());
            }
        }

        boolean commit() {
            return state.compareAndSet(before, new State(settings, entries, false));
        }

        void discard() {
            made.forEach(Entry::close);
        }
    }

    private int replace(Map<String, ?> map, List<String> problems) {
        Settings settings = Settings.read(map, problems);
        while (true) {
            Draft draft = new Draft(open(), settings);
            try {
                draft.fill();
            } catch (RuntimeException | Error e) { // G4
                draft.discard();
                throw e;
            }
            if (!problems.isEmpty() || !draft.problems.isEmpty()) {
                draft.discard();
                problems.addAll(draft.problems);
                throw Kind.failure(problems);
            }
            if (draft.commit()) {
                draft.changes.values().forEach(Guards::make);
                catchUp(settings, draft.changes.keySet());
                return draft.changes.size();
            }
            draft.discard();
            Thread.onSpinWait();
        }
    }

    private static void make(Runnable change) {
        try {
            change.run();
        } catch (IllegalStateException closed) {
            LOG.log(Level.DEBUG, "a guard was closed before it could be changed", closed);
        }
    }

    /** G3. */
    private void catchUp(Settings told, Set<Id> guards) {
        Settings made = told;
        while (true) {
            State latest = state.get();
            if (latest.settings == made || latest.closed) {
                return;
            }
            made = latest.settings;
            for (Id id : guards) {
                Entry entry = latest.entries.get(id);
                if (entry != null && entry.recipe != null) {
                    remake(latest.settings, entry, entry.recipe);
                }
            }
        }
    }

    private <G extends Guard, B> void remake(Settings settings, Entry entry, Recipe<G, B> recipe) {
        G template = build(settings, recipe.kind, recipe.name, recipe.own, new ArrayList<>());
        if (template != null) { // it was built before, when the file was taken
            try {
                make(AbstractGuard.changeTo(entry.guard, template));
            } finally {
                recipe.kind.close(template);
            }
        }
    }

    @Override
    public String toString() {
        State seen = state.get();
        return seen.closed ? "(closed)" : seen.entries.keySet().toString();
    }
}
