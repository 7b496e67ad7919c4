package io.weir.internal.config;

import io.weir.Guard;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What other packages of Weir may ask of a registry. */
public interface Maker {

    /** The guard of a kind and name, which is made if it isn't there. */
    <G extends Guard, B> G obtain(Kind<G, B> kind, String name, Consumer<? super B> own);

    /**
     * A guard that the registry doesn't keep, with its defaults and on its runtime.
     *
     * @return null if there is a problem
     */
    <G extends Guard, B> @Nullable G build(Kind<G, B> kind, String name, Map<String, Value> own, List<String> problems);

    /** The names of the guards of a kind that are there. */
    Set<String> names(Kind<?, ?> kind);

    /** How to get at a registry's; set by the registry's class when it is initialized. */
    final class Access {
        private static volatile @Nullable Function<Object, Maker> ofRegistry;

        private Access() {}

        public static void set(Function<Object, Maker> function) {
            ofRegistry = function;
        }

        public static Maker of(Object registry) {
            Function<Object, Maker> function = ofRegistry;
            if (function == null) {
                throw new AssertionError("no registry's class is initialized");
            }
            return function.apply(registry);
        }
    }
}
