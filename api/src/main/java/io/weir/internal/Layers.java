package io.weir.internal;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Lets a builder know that what comes next is another, more particular description, which may take the place of what was said before. */
public final class Layers {
    private static final Map<Class<?>, Consumer<Object>> FORGET = new ConcurrentHashMap<>();

    private Layers() {}

    /**
     * For a builder's static initializer.
     *
     * @param type the builder's
     * @param forget forgets what has been said so far, not what came of it
     * @param <B> the type
     */
    public static <B> void are(Class<B> type, Consumer<? super B> forget) {
        FORGET.put(type, builder -> forget.accept(type.cast(builder)));
    }

    /** Begins another description. */
    public static void next(Object builder) {
        Consumer<Object> forget = FORGET.get(builder.getClass());
        if (forget != null) {
            forget.accept(builder);
        }
    }
}
